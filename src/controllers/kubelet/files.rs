//! The files that a container sees of its volumes (`pkg/volume/{secret,configmap,projected,downwardapi}`).

use super::super::Mounts;
use super::environment::field;
use super::sources::{self, data};
use crate::api::Dig;
use crate::json::Value;
use std::collections::BTreeMap;

/// The files of a pod's container, by absolute path; the first container unless one is named.
///
/// Differs from a node: bytes that are no text are shown as such (U+FFFD), and the image's own files are not there.
pub(crate) fn files(pod: &Value, container: Option<&str>, mounts: &Mounts) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let hostname = pod.name();
    files.insert("/etc/hostname".to_owned(), format!("{hostname}\n"));
    let address = pod.text("status.podIP");
    files.insert("/etc/hosts".to_owned(), format!("127.0.0.1\tlocalhost\n{address}\t{hostname}\n"));
    let Some(container) = super::container(pod, container) else { return files };
    for mount in container.list("volumeMounts") {
        let volume = pod.list("spec.volumes").iter().find(|volume| volume.text("name") == mount.text("name"));
        let Some(volume) = volume else { continue };
        let at = mount.text("mountPath").trim_end_matches('/');
        for (path, text) in of_volume(pod, volume, mounts) {
            match mount.text("subPath") {
                "" => drop(files.insert(format!("{at}/{path}"), text)),
                sub if sub == path => drop(files.insert(at.to_owned(), text)),
                sub => {
                    if let Some(rest) = path.strip_prefix(sub).and_then(|rest| rest.strip_prefix('/')) {
                        files.insert(format!("{at}/{rest}"), text);
                    }
                }
            }
        }
    }
    files
}

fn of_volume(pod: &Value, volume: &Value, mounts: &Mounts) -> Vec<(String, String)> {
    let held = |place: String| mounts.get(&(pod.uid().to_owned(), place));
    let of_object =
        |place: String, items: &[Value]| held(place).map(|object| of_data(object, items)).unwrap_or_default();
    let mut files = Vec::new();
    for (index, source) in sources::parts(volume) {
        if source.has("secret") {
            let place = sources::secret(sources::secret_name(source));
            files.extend(of_object(place, source.list("secret.items")));
        }
        if source.has("configMap") {
            let place = sources::config_map(source.text("configMap.name"));
            files.extend(of_object(place, source.list("configMap.items")));
        }
        if source.has("serviceAccountToken") {
            let token = held(sources::token(volume.text("name"), index));
            let text = token.map(|token| token.text("status.token").to_owned());
            files.extend(text.map(|text| (source.text("serviceAccountToken.path").to_owned(), text)));
        }
        files.extend(of_fields(pod, source.list("downwardAPI.items")));
    }
    files
}

/// The data of a secret (base64) or a config map (text, and `binaryData`), all of it or the listed keys.
fn of_data(object: &Value, items: &[Value]) -> Vec<(String, String)> {
    let all = data(object);
    match items {
        [] => all.into_iter().collect(),
        items => items
            .iter()
            .filter_map(|item| Some((item.text("path").to_owned(), all.get(item.text("key"))?.clone())))
            .collect(),
    }
}

fn of_fields(pod: &Value, items: &[Value]) -> Vec<(String, String)> {
    let fields = items.iter().filter(|item| item.has("fieldRef"));
    fields.map(|item| (item.text("path").to_owned(), field(pod, item.text("fieldRef.fieldPath")))).collect()
}
