"""An operator for shops: each gets a ConfigMap of its own, and says in its status that it is open.

Run by tests/operators.rs as `kopf run`, with an account's own token.
"""

import kopf
import kubernetes


@kopf.on.startup()
def configure(settings, **_):
    settings.persistence.finalizer = "example.com/shop"
    settings.peering.name = "shops"
    settings.peering.mandatory = True
    kubernetes.config.load_kube_config()


@kopf.on.create("example.com", "v1", "shops", backoff=1)
def open_shop(spec, name, namespace, patch, **_):
    child = {"metadata": {"name": name}, "data": {"owner": spec["owner"], "size": str(spec["size"])}}
    kopf.adopt(child)
    kubernetes.client.CoreV1Api().create_namespaced_config_map(namespace, child)
    patch.status["phase"] = "Open"


@kopf.on.update("example.com", "v1", "shops", field="spec.owner", backoff=1)
def hand_over(new, name, namespace, **_):
    change = {"data": {"owner": new}}
    kubernetes.client.CoreV1Api().patch_namespaced_config_map(name, namespace, change)


@kopf.on.delete("example.com", "v1", "shops")
def close_shop(logger, **_):
    logger.info("closed")
