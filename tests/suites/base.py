"""Where the tests of kubernetes-client/python find their cluster."""

from kubernetes.client.configuration import Configuration
from kubernetes.config import kube_config


def get_e2e_configuration():
    config = Configuration()
    kube_config.load_kube_config(client_configuration=config)
    return config
