"""Whether a credential helper of docker's is installed."""

import os
import shutil
from collections.abc import Mapping


def has_helper(name: str, environment: Mapping[str, str]) -> bool:
    program = shutil.which(f"docker-credential-{name}", path=environment.get("PATH", os.defpath))
    return program is not None
