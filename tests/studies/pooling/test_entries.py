"""The runs of a real certificate, pooled: alone, with another lab's, and with a copy of themselves."""

from pathlib import Path

import pytest

from studies.certificate.checking import check
from studies.pooling import PoolEntry, of_certificate, pool
from studies.pooling.agreement import NotPoolable

CERTIFICATE = Path(__file__).parents[2] / "reslab" / "old_home" / "certificate.zip"
NETWORK = "ResNet-20 A on digits"


@pytest.fixture(scope="module")
def certified() -> list[PoolEntry]:
    return list(of_certificate(check(CERTIFICATE).contents, "lab A", "certificate.zip"))


def test_a_certificate_alone_is_one_lab(certified: list[PoolEntry]) -> None:
    with pytest.raises(NotPoolable, match="several networks: ResNet-20 A on digits, ResNet-32 A on digits"):
        pool(certified)
    result = pool(certified, NETWORK)
    assert result.sentence.startswith("One lab (lab A), 2 runs: 48.89 %")
    (departures,) = result.notes  # none about its images, which are known by their hash
    assert "The paper uses CIFAR-10; this run uses digits." in departures


def test_another_lab_joins_it(certified: list[PoolEntry]) -> None:
    other = [
        entry.model_copy(update={"lab": "lab B", "weights_sha256": None, "where": f"B, seed {entry.spec.seed}"})
        for entry in certified
    ]
    result = pool([*certified, *other], NETWORK)
    assert [(lab.name, len(lab.errors)) for lab in result.labs] == [("lab A", 2), ("lab B", 2)]
    changed = [entry.model_copy(update={"data_hash": "0" * 64}) for entry in other]
    with pytest.raises(NotPoolable, match="were trained on different images"):
        pool([*certified, *changed], NETWORK)


def test_weights_that_a_second_lab_reports_again_count_once(certified: list[PoolEntry]) -> None:
    copies = [entry.model_copy(update={"lab": "lab B"}) for entry in certified]
    result = pool([*certified, *copies], NETWORK)
    assert [lab.name for lab in result.labs] == ["lab A"]
    assert len(result.left_out) == 2
    assert result.left_out[0].why.startswith("it has the same weights as certificate.zip, run ")


def test_a_run_that_was_deleted_is_said_to_be_lost() -> None:
    contents = check(CERTIFICATE).contents
    first, *others = contents.members
    entries = list(
        of_certificate(
            contents.model_copy(update={"members": [first.model_copy(update={"run": None}), *others]}), "A", "a"
        )
    )
    with pytest.raises(NotPoolable, match="at least two runs that have ended; there are 1"):
        pool(entries, NETWORK)
    assert [(entry.where, entry.error, entry.why) for entry in entries if entry.error is None] == [
        ("a, ResNet-20 A, seed 0", None, "its run was deleted")
    ]
