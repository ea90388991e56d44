"""Which settings are secrets, which are variables, and what they may look like."""

from collections.abc import Mapping
from types import MappingProxyType

SECRETS: Mapping[str, str | None] = MappingProxyType(
    {
        "TARGET_REGISTRY_PASSWORD": None,
        "SOURCE_AUTH_JSON": None,
    }
)

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "TARGET_REGISTRY": "registry.cn-beijing.aliyuncs.com",
        "TARGET_NAMESPACE": "my-mirrors",
        "TARGET_REGISTRY_USER": "user@china",
        "MIRROR_ALL": "true",
        "MIRROR_PLATFORMS": "linux/amd64,linux/arm64",
        "MIRROR_FORMAT": "v2s2",
        "MIRROR_ENGINE": "skopeo",
        "MAX_PARALLEL": "5",
        "MAX_CONNECTIONS": "32",
        "MAX_RETRIES": "3",
        "IMAGE_TIMEOUT": "3600",
        "INSECURE_HOSTS": "registry.example.internal:5000",
        "NAMING": "flat",
        "MAX_IMAGES": "100",
        "ALLOW_PRIVATE_HOSTS": "registry.example.internal:5000",
        "REQUEST_POLICY": "approval",
        "REPORT_LANGUAGE": "zh",
        "PULL_REGISTRY": "registry-vpc.cn-beijing.aliyuncs.com",
    }
)
