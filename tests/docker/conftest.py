"""The container files, read the way their tools read them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)\}")

Services = dict[str, dict[str, Any]]  # any YAML


def interpolate(file: str, **variables: str) -> str:
    """A compose file's text with its variables replaced. Raises KeyError if a required variable is missing."""

    def value(variable: re.Match[str]) -> str:
        default = variable["default"]
        return variables[variable["name"]] if default is None else variables.get(variable["name"], default)

    return _VARIABLE.sub(value, (ROOT / file).read_text())


SECRETS = {
    "RESLAB_POSTGRES_PASSWORD": "the-database's",
    "RESLAB_API_PASSWORD": "the-api's",
    "RESLAB_CONTROL_PASSWORD": "the-control's",
    "RESLAB_WORKER_PASSWORD": "the-worker's",
    "RESLAB_VALKEY_PASSWORD": "the-broker's",
    "RESLAB_S3_PASSWORD": "the-objects'",
}


@pytest.fixture
def services() -> Services:
    services: Services = yaml.safe_load(interpolate("docker-compose.yml", **SECRETS))["services"]
    return services
