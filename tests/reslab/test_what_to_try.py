"""docs/what-to-try.md: each link fills the form with an experiment that a laptop trains in ten minutes."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from trainer import plan
from trainer.spec import RunSpec

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "what-to-try.md").read_text()
EXPERIMENTS = re.findall(r"^## \d\. (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
# ResNet-20, 400 iterations of 128 images: four minutes on two cores (docs/experiments.md).
MEASURED, MEASURED_MIN, LIMIT_MIN = {"depth": 20, "shortcut": "A", "dataset": "digits", "iterations": 400}, 4, 10


def links(text: str) -> list[dict[str, str]]:
    addresses = [urlsplit(address) for address in re.findall(r"\]\((http://127\.0\.0\.1:8765/[^)]+)\)", text)]
    assert {address.path for address in addresses} == {"/new"}
    return [dict(parse_qsl(address.query)) for address in addresses]


def spec_of(draft: dict[str, str]) -> RunSpec:
    """What the form makes of its address (frontend/src/form/draft.ts)."""
    fields: dict[str, object] = {name: value for name, value in draft.items() if not name.startswith("warmup")}
    if draft.get("warmup") == "until":
        fields["warmup"] = {"lr": draft["warmup_lr"], "until_train_error": draft["warmup_until"]}
    elif "warmup" in draft:
        fields["warmup"] = None
    return RunSpec.model_validate(fields, strict=False)


def work(spec: RunSpec) -> float:
    return plan.plan(spec).multiply_adds * spec.batch_size * spec.iterations


def test_there_are_six_experiments() -> None:
    assert len(EXPERIMENTS) == 6
    assert all(links(text) for _, text in EXPERIMENTS)


def test_the_form_knows_every_field_of_a_link() -> None:
    form = (ROOT / "frontend/src/form/draft.ts").read_text()
    known = set(re.findall(r'^\s+"?(\w+)"?(?:,|:|\?:)', form, re.MULTILINE))
    assert {name for draft in links(PAGE) for name in draft} <= known


@pytest.mark.parametrize(("name", "text"), EXPERIMENTS, ids=[name for name, _ in EXPERIMENTS])
def test_an_experiment_takes_less_than_ten_minutes(name: str, text: str) -> None:
    minutes = sum(map(work, map(spec_of, links(text)))) / work(RunSpec.model_validate(MEASURED)) * MEASURED_MIN
    assert minutes < LIMIT_MIN
