//! The inside of a pod, as its commands see it.

/// A pod, seen from inside one of its containers.
pub trait Pod {
    /// The text of a file.
    fn file(&self, path: &str) -> Option<String>;
    /// The names in a directory.
    fn directory(&self, path: &str) -> Option<Vec<String>>;
    /// The environment, in order.
    fn env(&self) -> Vec<(String, String)>;
    /// The pod's namespace, which the search list of its resolver begins with.
    fn namespace(&self) -> &str;
    /// Whether names of services are resolved: a DNS server runs, and the pod's `dnsPolicy` leads to it.
    fn dns(&self) -> bool;
    /// The addresses of the API server (`10.96.0.1`), as the service `default/kubernetes` has them.
    fn server_addresses(&self) -> Vec<String>;
    /// The names and addresses in the API server's certificate.
    fn server_names(&self) -> Vec<String>;
    /// The certificate (PEM) of the authority that signed it.
    fn server_ca(&self) -> String;
}
