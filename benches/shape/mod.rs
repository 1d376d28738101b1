//! Access data of one shape in any size, the same each time: a hundred cluster roles of two rules; bindings half
//! cluster-wide and half in 500 namespaces, a third each to users, groups and accounts, about two to each of them; and
//! questions, of which some five in eight are allowed. [`World::allows`] is the definition, walked from end to end.

pub(crate) mod objects;

/// What a role lets its holders do.
pub(crate) struct Rule {
    pub(crate) verbs: Vec<String>,
    pub(crate) group: String,
    pub(crate) resources: Vec<String>,
}

/// Whom a binding speaks of.
pub(crate) enum Subject {
    User(String),
    Group(String),
    Account { namespace: String, name: String },
}

impl Subject {
    /// Whether it is who asks.
    pub(crate) fn is(&self, question: &Question) -> bool {
        match self {
            Subject::User(name) => *name == question.user,
            Subject::Group(name) => question.groups.contains(name),
            Subject::Account { namespace, name } => question.user == account(namespace, name),
        }
    }
}

/// Cluster-wide where the namespace is empty.
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) role: usize,
    pub(crate) subject: Subject,
}

pub(crate) struct Question {
    pub(crate) user: String,
    pub(crate) groups: Vec<String>,
    pub(crate) verb: String,
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) namespace: String,
}

pub(crate) struct World {
    pub(crate) roles: Vec<(String, [Rule; 2])>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) questions: Vec<Question>,
}

pub(crate) fn account(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

const ROLES: usize = 100;
const NAMESPACES: usize = 500;
const QUESTIONS: usize = 1024;
const VERBS: [&str; 8] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const GROUPS: [&str; 4] = ["", "apps", "batch", "networking.k8s.io"];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn words(&mut self, of: &[&str], many: usize) -> Vec<String> {
        let first = self.below(of.len());
        (0..many).map(|i| of[(first + i) % of.len()].to_owned()).collect()
    }

    fn namespace(&mut self) -> String {
        format!("ns-{}", self.below(NAMESPACES))
    }
}

fn number(name: &str) -> usize {
    name.rsplit('-').next().and_then(|number| number.parse().ok()).expect("names end in numbers")
}

/// A user, and the group that they are in.
fn person(who: usize, each: usize) -> (String, Vec<String>) {
    (format!("user-{who}"), vec![format!("group-{}", (who + each - 1) % each)])
}

fn resource(group: usize, n: usize) -> String {
    format!("things{group}{n}")
}

impl World {
    pub(crate) fn of(bindings: usize) -> World {
        let mut dice = Dice(bindings as u64);
        let rule = |dice: &mut Dice| {
            let group = dice.below(GROUPS.len());
            let first = dice.below(10);
            Rule {
                verbs: dice.words(&VERBS, 4),
                group: GROUPS[group].to_owned(),
                resources: (0..3).map(|i| resource(group, (first + i) % 10)).collect(),
            }
        };
        let roles = (0..ROLES).map(|n| (format!("role-{n}"), [rule(&mut dice), rule(&mut dice)])).collect();
        let each = (bindings / 6).max(4);
        let binding = |n: usize| {
            let namespace = if n.is_multiple_of(2) { String::new() } else { dice.namespace() };
            let who = dice.below(each);
            let subject = match n % 3 {
                0 => Subject::User(format!("user-{who}")),
                1 => Subject::Group(format!("group-{who}")),
                _ => Subject::Account {
                    namespace: format!("ns-{}", who % NAMESPACES),
                    name: format!("account-{who}"),
                },
            };
            Binding { name: format!("binding-{n}"), namespace, role: dice.below(ROLES), subject }
        };
        let bindings = (0..bindings).map(binding).collect();
        let mut world = World { roles, bindings, questions: Vec::new() };
        world.questions = (0..QUESTIONS).map(|n| world.question(&mut dice, each, n)).collect();
        world
    }

    /// Somebody who is bound asks: five in eight for something that the binding gives, the others for anything.
    fn question(&self, dice: &mut Dice, each: usize, n: usize) -> Question {
        let binding = &self.bindings[dice.below(self.bindings.len())];
        let (user, groups) = match &binding.subject {
            Subject::User(name) => person(number(name), each),
            Subject::Group(name) => person((number(name) + 1) % each, each),
            Subject::Account { namespace, name } => {
                let groups =
                    ["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
                (account(namespace, name), groups.to_vec())
            }
        };
        let groups = [groups, vec!["system:authenticated".to_owned()]].concat();
        let rule = &self.roles[binding.role].1[dice.below(2)];
        let place = if binding.namespace.is_empty() { dice.namespace() } else { binding.namespace.clone() };
        if n % 8 < 5 {
            let pick = |list: &[String], at: usize| list[at % list.len()].clone();
            let (verb, resource) = (pick(&rule.verbs, dice.below(4)), pick(&rule.resources, dice.below(3)));
            return Question { user, groups, verb, group: rule.group.clone(), resource, namespace: place };
        }
        let group = dice.below(GROUPS.len());
        let verb = VERBS[dice.below(VERBS.len())].to_owned();
        let resource = resource(group, dice.below(10));
        Question { user, groups, verb, group: GROUPS[group].to_owned(), resource, namespace: place }
    }

    /// Whether a binding gives it.
    pub(crate) fn allows(&self, question: &Question) -> bool {
        self.bindings.iter().any(|binding| {
            (binding.namespace.is_empty() || binding.namespace == question.namespace)
                && binding.subject.is(question)
                && self.roles[binding.role].1.iter().any(|rule| {
                    rule.group == question.group
                        && rule.verbs.contains(&question.verb)
                        && rule.resources.contains(&question.resource)
                })
        })
    }
}
