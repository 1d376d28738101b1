//! What is peculiar to each kind of object: a file a kind, with its row.
//!
//! A row ([`Kind`]) says how objects of a kind are named, filled, prepared and checked, which columns people see of them,
//! which fields select them, and what a `PUT` and a `DELETE` of them do, after `pkg/apis/*` (defaults, validation,
//! conversion), `pkg/registry/*/strategy.go` and `pkg/printers/internalversion`. A kind without a row is [`Kind::plain`]:
//! the rules of metadata alone. What several kinds share is in `parts/`. Names, versions and fields of every kind are
//! data by release ([`crate::api::resources`], [`crate::api::schema`]).
//!
//! The order of a write: [`Kind::defaults`] at decoding, [`Kind::prepared`] and the validation at the end of admission.

pub(crate) mod access_reviews;
mod admissionpolicies;
mod admissionpolicybindings;
mod apiservices;
pub(crate) mod certificatesigningrequests;
mod clusterrolebindings;
mod clusterroles;
mod clustertrustbundles;
pub(crate) mod columns;
mod componentstatuses;
mod configmaps;
mod controllerrevisions;
mod cronjobs;
mod csidrivers;
mod csinodes;
mod csistoragecapacities;
pub(crate) mod custom;
pub(crate) mod customresourcedefinitions;
mod daemonsets;
mod deployments;
mod devices;
mod endpoints;
mod endpointslices;
mod events;
pub(crate) mod field;
mod flowcontrol;
mod horizontalpodautoscalers;
mod ingressclasses;
mod ingresses;
mod ipaddresses;
mod jobs;
mod leases;
mod limitranges;
mod namespaces;
mod networkpolicies;
mod nodes;
pub(crate) mod parts;
mod persistentvolumeclaims;
mod persistentvolumes;
pub(crate) mod pod;
mod podcertificaterequests;
mod poddisruptionbudgets;
mod podsecuritypolicies;
mod podtemplates;
mod priorityclasses;
mod replicasets;
mod replicationcontrollers;
mod resourcequotas;
mod rolebindings;
mod roles;
mod runtimeclasses;
mod scales;
mod secrets;
mod selectable;
mod serviceaccounts;
mod servicecidrs;
pub(crate) mod services;
mod statefulsets;
mod storageclasses;
#[cfg(test)]
mod tests;
mod volumeattachments;
mod volumeattributesclasses;
mod webhookconfigurations;

use crate::api::names::NameRule;
use crate::api::selector::FieldSelector;
use crate::api::{Dig, Errors, Resource, Status, Version};
use crate::json::Value;
use columns::{Column, Print};
use field::Field;
use parts::{meta, strategy};
use selectable::Selectable;

/// The rows, sorted by group and plural.
const ALL: &[&Kind] = &[
    &componentstatuses::KIND,
    &configmaps::KIND,
    &endpoints::KIND,
    &events::KIND,
    &limitranges::KIND,
    &namespaces::KIND,
    &nodes::KIND,
    &persistentvolumeclaims::KIND,
    &persistentvolumes::KIND,
    &pod::KIND,
    &podtemplates::KIND,
    &replicationcontrollers::KIND,
    &resourcequotas::KIND,
    &secrets::KIND,
    &serviceaccounts::KIND,
    &services::KIND,
    &admissionpolicies::MUTATING,
    &admissionpolicybindings::MUTATING,
    &webhookconfigurations::MUTATING,
    &admissionpolicies::VALIDATING,
    &admissionpolicybindings::VALIDATING,
    &webhookconfigurations::VALIDATING,
    &customresourcedefinitions::KIND,
    &apiservices::KIND,
    &controllerrevisions::KIND,
    &daemonsets::KIND,
    &deployments::KIND,
    &replicasets::KIND,
    &statefulsets::KIND,
    &horizontalpodautoscalers::KIND,
    &cronjobs::KIND,
    &jobs::KIND,
    &certificatesigningrequests::KIND,
    &clustertrustbundles::KIND,
    &podcertificaterequests::KIND,
    &leases::KIND,
    &endpointslices::KIND,
    &events::LATER,
    &ingresses::EARLIER,
    &flowcontrol::SCHEMAS,
    &flowcontrol::LEVELS,
    &ingressclasses::KIND,
    &ingresses::KIND,
    &ipaddresses::KIND,
    &networkpolicies::KIND,
    &servicecidrs::KIND,
    &runtimeclasses::KIND,
    &poddisruptionbudgets::KIND,
    &podsecuritypolicies::KIND,
    &clusterrolebindings::KIND,
    &clusterroles::KIND,
    &rolebindings::KIND,
    &roles::KIND,
    &devices::CLASSES,
    &devices::TAINT_RULES,
    &devices::CLAIMS,
    &devices::TEMPLATES,
    &devices::SLICES,
    &priorityclasses::KIND,
    &csidrivers::KIND,
    &csinodes::KIND,
    &csistoragecapacities::KIND,
    &storageclasses::KIND,
    &volumeattachments::KIND,
    &volumeattributesclasses::KIND,
];

/// The form in which all versions of a kind are stored, checked and printed, and that of each.
struct Forms {
    /// The version whose type what is stored has; none: that of each object.
    like: Option<&'static str>,
    /// Turns an object of any version into what is stored.
    kept: fn(&mut Value, Version),
    /// Turns a stored object into the version that it says it is of.
    shown: fn(&mut Value, Version),
}

/// A kind of object.
pub(crate) struct Kind {
    group: &'static str,
    plural: &'static str,
    /// How an object may be called.
    name: NameRule,
    /// Whether an update may come without a resourceVersion (`AllowUnconditionalUpdate`).
    unconditional_update: bool,
    /// Whether finalizers without a domain are refused by name (`pkg/apis/core/validation`).
    core_finalizers: bool,
    /// Fills what was left out.
    defaults: fn(&mut Value, Version),
    /// What the registry does to an object before it is looked at: the old one, the subresource or nothing.
    prepare: fn(&mut Value, Option<&Value>, &str, Version),
    /// How its versions differ, where that is more than by name.
    forms: Option<Forms>,
    /// Checks a whole object, metadata aside.
    validate: fn(Field<'_>),
    /// Whether an update of the object itself (not of a subresource) is checked as a new object is, too.
    whole_update: bool,
    /// Checks what an update changes, metadata aside: new, old, the subresource or nothing.
    validate_update: fn(Field<'_>, &Value, &str),
    /// What the client is warned of.
    warn: fn(&Value, When<'_>, Version) -> Vec<String>,
    /// The group that errors tell of, where it isn't the kind's own.
    group_told: fn(Version) -> Option<&'static str>,
    /// Where JSON stands that may not change, and whose text counts; in each item of the lists on the way.
    raw: &'static str,
    /// The columns that people see.
    columns: &'static [Column],
    /// The fields that select objects, beside name and namespace.
    selectable: &'static [Selectable],
    /// Whether a `PUT` to a name that isn't there creates (`AllowCreateOnUpdate`).
    created_by_update: fn(&str, Version) -> bool,
    /// Whether a deletion answers with the object itself (`ReturnDeletedObject`).
    returned: fn(Version) -> bool,
    /// What the first request to delete does to an object before all else, at a time.
    deleting: fn(&mut Value, &str),
    /// Why an object of that name may not be deleted, if so.
    kept: fn(&str) -> Option<&'static str>,
    /// The versions in which dependents stay unless the client says otherwise (`DefaultGarbageCollectionPolicy`).
    orphans: &'static [&'static str],
}

/// When an object is looked at for warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When<'a> {
    /// It is new, and not prepared yet: preparing repairs some of what is warned of.
    Arrived,
    /// It is new, prepared and valid.
    Created,
    /// It was changed, prepared and valid; what was stored is here.
    Updated(&'a Value),
}

impl When<'_> {
    /// Whether what a valid object wants is new: it is new itself, or its spec was changed.
    fn is_of_spec(self, object: &Value) -> bool {
        match self {
            When::Arrived => false,
            When::Created => true,
            When::Updated(old) => old.at("metadata.generation") != object.at("metadata.generation"),
        }
    }
}

/// What the registry asks of a kind: a row of the table here, or a version of a custom resource
/// (`registry/rest`: `RESTCreateStrategy`, `RESTUpdateStrategy`, `RESTDeleteStrategy`, `TableConvertor`).
pub(crate) trait Strategy {
    /// Fills what was left out.
    fn fill(&self, object: &mut Value, version: Version);

    /// Does to an object what the registry does before validation; `old` is what is stored, at an update.
    fn prepare(&self, object: &mut Value, old: Option<&Value>, subresource: &str, version: Version);

    /// Turns a stored object into the version that it says it is of.
    fn show(&self, object: &mut Value, version: Version);

    /// The version whose type stored objects have, where it isn't their own.
    fn stored_like(&self) -> Option<&'static str> {
        None
    }

    /// Whether [`show`](Strategy::show) leaves objects as they are.
    fn is_shown_as_stored(&self) -> bool;

    /// What is wrong with a new object; a caller who knows more (whether an expression compiles) may add to it.
    fn errors_of_create(&self, object: &Value, version: Version) -> Errors;

    /// What is wrong with an update; a caller who knows more may add to it.
    fn errors_of_update(&self, new: &Value, old: &Value, subresource: &str, version: Version) -> Errors;

    /// Whether an update may come without a resourceVersion: nothing, or 422.
    fn check_condition(&self, new: &Value, row: &Resource, version: Version) -> Result<(), Status>;

    /// What the client is warned of.
    fn warnings(&self, object: &Value, when: When<'_>, version: Version) -> Vec<String>;

    /// The group that errors tell of, where it isn't the resource's own.
    fn group_told(&self, _: Version) -> Option<&'static str> {
        None
    }

    /// Where JSON stands that may not change, and whose text counts; in each item of the lists on the way.
    fn raw(&self) -> &'static str {
        ""
    }

    /// How a table defines the columns that people see.
    fn headings(&self, version: Version) -> Vec<Value>;

    /// What the columns show of an object.
    fn cells(&self, object: &Value, print: Print) -> Vec<Value>;

    /// Checks that a selector's fields select objects of a resource; an error is the server's text.
    fn check_selector(
        &self,
        selector: &FieldSelector,
        row: &Resource,
        version: Version,
    ) -> Result<(), String>;

    /// Whether a selector selects an object.
    fn selects(&self, selector: &FieldSelector, object: &Value) -> bool;

    /// Whether a `PUT` to a name that isn't there creates (`AllowCreateOnUpdate`).
    fn is_created_by_update(&self, subresource: &str, version: Version) -> bool;

    /// Whether a deletion answers with the object itself, not with a status.
    fn is_returned(&self, version: Version) -> bool;

    /// Does to an object what the first request to delete it does before all else; `now` is the time.
    fn begin_deletion(&self, object: &mut Value, now: &str);

    /// Why an object of that name may not be deleted, if so.
    fn kept(&self, name: &str) -> Option<&'static str>;

    /// Whether dependents stay unless the client says otherwise (`DefaultGarbageCollectionPolicy`).
    fn orphans(&self, group_version: &str) -> bool;
}

/// The kind of a resource's objects.
pub(crate) fn of(row: &Resource) -> &dyn Strategy {
    match &row.custom {
        Some(custom) => &**custom,
        None => named(&row.group, &row.name),
    }
}

/// The kind of the objects that a resource shows, which are no objects of it where it is a scale.
pub(crate) fn shown(row: &Resource) -> &dyn Strategy {
    match &*row.subresource {
        "scale" => &scales::KIND,
        _ => of(row),
    }
}

/// The kind of a resource, by group and plural.
pub(crate) fn named(group: &str, plural: &str) -> &'static Kind {
    const PLAIN: &Kind = &Kind::plain("", "");
    let place = ALL.binary_search_by(|kind| (kind.group, kind.plural).cmp(&(group, plural)));
    place.map_or(PLAIN, |place| ALL[place])
}

impl Kind {
    /// Metadata rules only; what a row differs from.
    const fn plain(group: &'static str, plural: &'static str) -> Kind {
        Kind {
            group,
            plural,
            name: NameRule::Subdomain,
            unconditional_update: true,
            core_finalizers: true,
            defaults: |_, _| {},
            prepare: strategy::spec_and_status,
            forms: None,
            validate: |_| {},
            whole_update: false,
            validate_update: |_, _, _| {},
            warn: |_, _, _| Vec::new(),
            group_told: |_| None,
            raw: "",
            columns: &[],
            selectable: &[],
            created_by_update: |_, _| false,
            returned: |_| false,
            deleting: |_, _| {},
            kept: |_| None,
            orphans: &[],
        }
    }

    fn validate_whole(&self, object: Field<'_>) {
        meta::validate(object, self.name);
        if self.core_finalizers {
            object.items("metadata.finalizers").for_each(meta::core_finalizer);
        }
        (self.validate)(object);
    }
}

/// 422: an update says of which version of the object it is. The store speaks of the resource, for want of the kind.
fn unconditional(new: &Value, row: &Resource, version: Version) -> Status {
    let errors = Errors::new(version);
    errors.invalid_go("metadata.resourceVersion", "0x0", "0", "must be specified for an update");
    errors.status(&row.group, &row.name, new.name())
}

impl Strategy for Kind {
    fn fill(&self, object: &mut Value, version: Version) {
        (self.defaults)(object, version);
    }

    fn prepare(&self, object: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
        if old.is_none() {
            object.take_out("metadata.deletionTimestamp");
            object.take_out("metadata.deletionGracePeriodSeconds");
        }
        if let Some(forms) = &self.forms {
            (forms.kept)(object, version);
        }
        (self.prepare)(object, old, subresource, version);
    }

    fn show(&self, object: &mut Value, version: Version) {
        if let Some(forms) = &self.forms {
            (forms.shown)(object, version);
        }
    }

    fn stored_like(&self) -> Option<&'static str> {
        self.forms.as_ref()?.like
    }

    fn is_shown_as_stored(&self) -> bool {
        self.forms.is_none()
    }

    fn errors_of_create(&self, object: &Value, version: Version) -> Errors {
        let errors = Errors::new(version);
        self.validate_whole(Field::of(object, &errors));
        errors
    }

    fn check_condition(&self, new: &Value, row: &Resource, version: Version) -> Result<(), Status> {
        if !self.unconditional_update && new.text("metadata.resourceVersion").is_empty() {
            return Err(unconditional(new, row, version));
        }
        Ok(())
    }

    fn errors_of_update(&self, new: &Value, old: &Value, subresource: &str, version: Version) -> Errors {
        let errors = Errors::new(version);
        // An unconditional update takes the stored object's version.
        let mut filled;
        let new = match new.text("metadata.resourceVersion") {
            "" => {
                filled = new.clone();
                filled.set("metadata.resourceVersion", old.text("metadata.resourceVersion"));
                &filled
            }
            _ => new,
        };
        let new = Field::of(new, &errors);
        // Every kind is checked for what it shares, and then checks that again.
        meta::validate(new, NameRule::PathSegment);
        meta::validate_update(new, old);
        meta::validate_update(new, old);
        (self.validate_update)(new, old, subresource);
        if self.whole_update && subresource.is_empty() {
            self.validate_whole(new);
        }
        errors
    }

    fn warnings(&self, object: &Value, when: When<'_>, version: Version) -> Vec<String> {
        (self.warn)(object, when, version)
    }

    fn group_told(&self, version: Version) -> Option<&'static str> {
        (self.group_told)(version)
    }

    fn raw(&self) -> &'static str {
        self.raw
    }

    fn headings(&self, version: Version) -> Vec<Value> {
        self.columns_of(version).map(|column| column.definition(version)).collect()
    }

    fn cells(&self, object: &Value, print: Print) -> Vec<Value> {
        let cells =
            |object| self.columns_of(print.version).map(|column| column.cell(object, print)).collect();
        match &self.forms {
            None => cells(object),
            Some(forms) => {
                let mut kept = object.clone();
                (forms.kept)(&mut kept, print.version);
                cells(&kept)
            }
        }
    }

    fn check_selector(
        &self,
        selector: &FieldSelector,
        row: &Resource,
        version: Version,
    ) -> Result<(), String> {
        self.check_fields(selector, row, version)
    }

    fn selects(&self, selector: &FieldSelector, object: &Value) -> bool {
        selector.matches(|name| self.value(name, object))
    }

    fn is_created_by_update(&self, subresource: &str, version: Version) -> bool {
        (self.created_by_update)(subresource, version)
    }

    fn is_returned(&self, version: Version) -> bool {
        (self.returned)(version)
    }

    fn begin_deletion(&self, object: &mut Value, now: &str) {
        (self.deleting)(object, now);
    }

    fn kept(&self, name: &str) -> Option<&'static str> {
        (self.kept)(name)
    }

    fn orphans(&self, group_version: &str) -> bool {
        self.orphans.contains(&group_version)
    }
}
