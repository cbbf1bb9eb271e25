"""Which results may be pooled, which count twice, and what is said of them."""

from typing import Any

import pytest

from paper.pooling import LabResult
from paper.pooling import pool as arithmetic
from studies.pooling import PoolEntry, pool
from studies.pooling.agreement import NotPoolable
from trainer.spec import RunSpec

SPEC = RunSpec(depth=20, shortcut="A", dataset="cifar10", train_images=45_000)


def entry(lab: str | None, seed: int, error: float | None, **facts: Any) -> PoolEntry:  # Any: an entry's facts
    spec = SPEC.model_copy(update={"seed": seed, **facts.pop("spec", {})})
    usual = {"where": f"{lab}-{seed}", "test_images": 10_000, "tested_at": 64_000}
    return PoolEntry(lab=lab, spec=spec, error=error, **(usual | facts))


LABS = [
    entry("A", 0, 8.7), entry("A", 1, 8.9), entry("A", 2, 8.5), entry("B", 0, 9.2), entry("B", 1, 9.0),
    entry("C", 5, 8.4),
]  # fmt: skip


def refusal(*entries: PoolEntry, network: str | None = None) -> str:
    with pytest.raises(NotPoolable) as error:
        pool(entries, network)
    return str(error.value)


def test_labs_are_pooled_by_the_arithmetic() -> None:
    result = pool(LABS)
    expected = arithmetic([LabResult("A", (8.7, 8.9, 8.5)), LabResult("B", (9.2, 9.0)), LabResult("C", (8.4,))])
    assert (result.mean, result.interval, result.prediction) == (expected.mean, expected.interval, expected.prediction)
    assert [lab.name for lab in result.labs] == ["A", "B", "C"]
    assert result.network == "ResNet-20 A on cifar10"
    assert result.sentence.startswith("3 labs, 6 runs: 8.")
    assert "Beyond their seeds the labs differ with a standard deviation of 0." in result.sentence


def test_one_lab_is_said_to_be_just_that() -> None:
    result = pool(LABS[:3])
    assert result.sentence.startswith("One lab (A), 3 runs: 8.70 % (")
    assert result.sentence.endswith("One lab says nothing about how much labs differ.")
    assert (result.heterogeneity, result.prediction) == (None, None)


def test_labs_with_one_run_each_say_that_their_spread_has_no_source() -> None:
    result = pool([entry("A", 0, 8.0), entry("B", 0, 9.0)])
    assert "the spread between labs and between seeds can't be told apart" in result.sentence


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (entry("B", 0, 9.0, spec={"depth": 32}), "several networks: ResNet-20 A on cifar10, ResNet-32 A on cifar10"),
        (entry("B", 0, 9.0, spec={"dataset": "cifar100"}), "several networks"),
        (entry("B", 0, 9.0, spec={"lr": 0.05}), "The protocols differ: lr is 0.1 in A-0 (A) and 0.05 in B-0 (B)."),
        (entry("B", 0, 9.0, spec={"init": "fan_in"}), "init is fan_out in A-0 (A) and fan_in in B-0 (B)"),
        (entry("B", 0, 9.0, spec={"train_images": 50_000}), "train_images is 45000 in A-0 (A) and 50000"),
        (entry("B", 0, 9.0, unknown={"momentum"}), "Nobody said momentum for B-0 (B), so its protocol may be another"),
        (entry("B", 0, 9.0, test_images=None), "Nobody said on how many images the test error of B-0 was measured."),
        (entry("B", 0, 9.0, test_images=2_000), "measured on 10,000 images in A-0 and on 2,000 in B-0"),
        (entry("B", 0, 9.0, tested_at=32_000), "The last test error of B-0 is of iteration 32,000"),
        (entry("B", 0, 9.0, forked_at=32_000), "B-0 started from another run's checkpoint at iteration 32,000"),
        (entry(None, 0, 9.0), "Nobody said which lab made None-0"),
    ],
)
def test_what_is_not_one_experiment_is_refused_with_the_reason(other: PoolEntry, reason: str) -> None:
    assert reason in refusal(LABS[0], other)


def test_other_images_under_the_same_name_are_refused() -> None:
    first, other = entry("A", 0, 8.7, data_hash="a"), entry("B", 0, 9.0, data_hash="b")
    assert "were trained on different images" in refusal(first, other)


def test_one_of_several_networks_is_chosen_by_its_name() -> None:
    deeper = [entry("A", 0, 7.0, spec={"depth": 56}), entry("B", 0, 7.2, spec={"depth": 56})]
    assert pool([*LABS, *deeper], "ResNet-56 A on cifar10").labs[0].errors == (7.0,)
    assert "There is no result of plain-20" in refusal(*LABS, network="plain-20 on cifar10")


def test_a_run_that_comes_twice_counts_once() -> None:
    run = entry("A", 0, 8.7, weights_sha256="w")
    twice = [
        entry("B", 9, 8.7, weights_sha256="w", where="another lab's report of the same weights"),
        entry("A", 0, 8.9, where="the same seed of the same lab"),
        entry("C", 1, 8.4, file_sha256="f"),
        entry("C", 2, 8.4, file_sha256="f", where="the same file"),
    ]
    result = pool([run, *twice])
    assert [(lab.name, lab.errors) for lab in result.labs] == [("A", (8.7,)), ("C", (8.4,))]
    assert [(row.where, row.why) for row in result.left_out] == [
        ("another lab's report of the same weights", "it has the same weights as A-0"),
        (
            "the same seed of the same lab",
            "it has the same lab and seed as A-0, although its error differs by +0.20 points",
        ),
        ("the same file", "it has the same file as C-1"),
    ]


def test_equal_seeds_of_two_labs_are_two_runs_and_an_unknown_seed_is_none() -> None:
    result = pool(
        [entry("A", 0, 8.7), entry("B", 0, 8.7), *(entry("C", 0, 8.0 + n / 10, unknown={"seed"}) for n in (1, 2))]
    )
    assert [len(lab.errors) for lab in result.labs] == [1, 1, 2]


def test_runs_without_a_result_are_listed_and_do_not_count() -> None:
    result = pool([*LABS, entry("B", 7, None, why="it has failed (diverged)")])
    assert [(row.where, row.why) for row in result.left_out] == [("B-7", "it has failed (diverged)")]
    assert result.sentence.startswith("3 labs, 6 of 7 runs: 8.")
    assert "at least two runs that have ended; there are 1" in refusal(LABS[0])
    assert "there are 0" in refusal(entry("B", 7, None))


def test_harmless_differences_and_what_nobody_said_are_noted() -> None:
    result = pool([LABS[0], entry("B", 0, 9.0, spec={"devices": 2}, data_hash="a"), entry("C", 0, 9, unknown={"init"})])
    assert "The runs differ in devices: 1, 2." in result.notes
    assert "Nobody said init for C." in result.notes
    assert "The images of A, C were not checked: the data set is what was declared." in result.notes


def test_the_mean_says_where_all_of_its_runs_leave_the_protocol() -> None:
    short = {"spec": {"iterations": 400, "lr": 0.05}, "tested_at": 400, "test_images": 2_000}
    (note,) = (
        note for note in pool([entry("A", 0, 60.0, **short), entry("B", 0, 61.0, **short)]).notes if "paper" in note
    )
    assert note.startswith("Departures from the paper, of all runs: Iterations: The paper trains for 64,000")
    assert "Learning rate: The paper uses 0.1; this run uses 0.05." in note
    assert "It was measured on 2,000 images; the test set has 10,000." in note
    assert not [note for note in pool(LABS).notes if "paper" in note]


def test_imports_are_marked_as_declared() -> None:
    result = pool([entry("A", 0, 8.7), entry("B", 0, 9.0, file_sha256="f")])
    assert (
        "Results of B were imported: the protocol is declared, not checked, and seeds that were left out"
        in " ".join(result.notes)
    )
