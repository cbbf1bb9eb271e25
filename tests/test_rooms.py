"""The house of ARCHITECTURE.md: no room is overfull, no two files differ in case only, and the paths it names exist."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = (
    "api",
    "benchmarks",
    "docker",
    "frontend/src",
    "paper",
    "reslab",
    "store",
    "studies",
    "tests",
    "trainer",
    "worker",
)
MOST_FILES = 25


def files() -> list[Path]:
    paths = (path for folder in OURS for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path.relative_to(ROOT) for path in paths if not {"__pycache__", "node_modules"} & {*path.parts}]


def test_no_folder_has_more_files_than_one_can_read_in_a_glance() -> None:
    sizes = Counter(path.parent for path in files())
    assert {str(folder): size for folder, size in sizes.items() if size > MOST_FILES} == {}
    assert sizes[Path("api")] <= 10
    assert sizes[Path("store")] <= 10


def test_no_two_files_are_one_on_a_system_that_ignores_case() -> None:
    names = Counter(str(path).lower() for path in files())
    assert [name for name, count in names.items() if count > 1] == []


def test_every_path_that_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"`((?:api|alembic|frontend|paper|reslab|store|studies|tests|trainer|worker)/[\w/.]*)`", text)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
