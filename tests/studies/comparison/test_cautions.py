"""A figure says which of its runs were imported, cut short, repeated or forked, and where they leave the protocol."""

from typing import Any
from uuid import UUID, uuid4

from store.curves.charts import Chart, GroupCurves
from store.db.models import Run
from studies.comparison.cautions import cautions
from trainer.spec import RunSpec


def run(seed: int = 0, **changes: Any) -> Run:  # Any: a row's fields, and those of its specification
    row = {name: changes.pop(name) for name in ("status", "iteration", "origin", "parent_iteration") if name in changes}
    spec = RunSpec.model_validate({"depth": 20, "shortcut": "A", "dataset": "cifar10", "seed": seed} | changes)
    usual = {"status": "succeeded", "iteration": spec.iterations}
    fields = {"id": uuid4(), "name": spec.name, "spec": spec.model_dump(mode="json"), "iterations": spec.iterations}
    return Run(**(fields | usual | row))


def said(*rows: Run, names: dict[UUID, str] | None = None, is_grouped: bool = False) -> list[str]:
    groups = [GroupCurves({}, [row.id for row in rows], {})] if is_grouped else []
    return [*cautions(rows, Chart(1, 64_000, 1, groups=groups), names or {})]


def test_runs_by_the_protocol_need_no_word() -> None:
    assert said(run(0), run(1), is_grouped=True) == []


def test_a_run_that_was_cut_short_says_how_far_it_came() -> None:
    assert said(run(), run(iteration=3_000, status="cancelled")) == [
        "Not trained to the end: ResNet-20 A (cancelled) at 3,000 of 64,000."
    ]


def test_departures_name_their_runs_unless_all_have_them() -> None:
    small, other = run(batch_size=64, lr=0.05), run(batch_size=64)
    (sentence,) = said(small, other, names={small.id: "mine"})
    assert sentence == (
        "Departures from the paper: Batch size: The paper uses 128; this run uses 64. "
        "mine: Learning rate: The paper uses 0.1; this run uses 0.05."
    )


def test_the_length_is_said_elsewhere_and_a_fork_is_a_departure() -> None:
    assert said(run(iterations=400)) == []
    (sentence,) = said(run(parent_iteration=32_000))
    assert "This run started from another run's checkpoint at iteration 32,000." in sentence


def test_an_import_is_marked_under_any_name_and_what_nobody_said_is_not_kept() -> None:
    imported = run(origin={"unknown": ["momentum"]})
    mark, unknown = said(run(), imported, names={imported.id: "ResNet-20 A"})
    assert mark == "1 run was made elsewhere and imported: the protocol is declared, not checked."
    assert "Momentum: Nobody said what was used; the protocol has 0.9." in unknown


def test_a_mean_over_one_seed_says_that_it_shows_no_spread() -> None:
    repeats = (run(0), run(0), run(1))
    assert said(*repeats, is_grouped=True) == [
        "Runs with the same seed are repeats: they show no spread between seeds."
    ]
    assert said(*repeats) == []


def test_a_caption_does_not_grow_without_end() -> None:
    (sentence,) = said(*(run(iteration=1_000 + number) for number in range(50)))
    assert sentence.endswith("1,005 of 64,000; and 44 more.")
