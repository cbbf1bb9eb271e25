"""docs/deployment.md against the code: every setting with its default, every variable of the compose files."""

import re

import pytest

from store.db.settings import Settings
from tests.docker.conftest import ROOT

PAGE = (ROOT / "docs" / "deployment.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_listed_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    default = "" if field.is_required() or field.default is None else field.default
    written = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
    listed = ROWS[f"RESLAB_{name.upper()}"].strip("`")
    assert listed == written or (listed in ("–", "none") and not written)


def test_every_listed_setting_exists() -> None:
    fields = {f"RESLAB_{name}".upper() for name in Settings.model_fields}
    assert {name for name in ROWS if name.startswith("RESLAB_")} == fields


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.gpu.yml"])
def test_every_variable_of_a_compose_file_is_explained(file: str) -> None:
    for name in set(re.findall(r"\$\{(\w+)", (ROOT / file).read_text())):
        part = re.fullmatch(r"RESLAB_(\w+)_PASSWORD", name)
        assert (part[1] if part else f"`{name}") in PAGE
