"""Which part of a run an audit trains again."""

import pytest

from studies.certificate.contents import CertifiedCheckpoint, CertifiedMember, Contents
from studies.certificate.stretch import CannotReplay, auditable, draw, find, next_checkpoint, trainers_of
from tests.studies.certificate.conftest import Forgery


@pytest.fixture
def members(forgery: Forgery) -> list[CertifiedMember]:
    """Four real runs of 32 iterations. The first has checkpoints at 8 and 24; the one at 16 is not in the file."""
    runs = forgery.runs()
    runs[0]["checkpoints"] = [
        CertifiedCheckpoint(iteration=at, sha256="c" * 64, size_bytes=1, file=file).model_dump()
        for at, file in ((8, "a"), (16, None), (24, "b"))
    ]
    runs[1]["parent_iteration"] = 16
    return Contents.model_validate(forgery.contents | {"public_key": "00"}).members


def test_a_run_starts_from_its_seed_or_an_included_checkpoint(members: list[CertifiedMember]) -> None:
    starts = {number: starts for number, (_, _, starts) in auditable(members).items()}
    assert starts == {1: [0, 8, 24], 3: [0], 4: [0]}  # the second run is a fork without a checkpoint in the file


def test_the_stretch_begins_at_the_nearest_start_before(members: list[CertifiedMember]) -> None:
    stretch = find(members, 1, 20, 5)
    assert (stretch.start, stretch.end) == (8, 25)
    assert stretch.checkpoint is not None
    assert stretch.checkpoint.file == "a"
    assert next_checkpoint(stretch) is None  # the one at 16 is within it
    assert next_checkpoint(find(members, 1, 8, 2)) == 16
    assert find(members, 1, 30, 100).end == 32


def test_what_the_certificate_lacks_is_said(members: list[CertifiedMember]) -> None:
    with pytest.raises(CannotReplay, match=r"9 is not the number of a run .* The runs that can: 1, 3, 4"):
        find(members, 9, 0, 10)
    with pytest.raises(CannotReplay, match="none follows iteration 32"):
        find(members, 1, 32, 10)
    with pytest.raises(CannotReplay, match="No run of this certificate can be trained again"):
        draw(members[1:2], 1, 10)


def test_a_spot_check_repeats_its_seed_and_may_draw_any_iteration(members: list[CertifiedMember]) -> None:
    assert draw(members, 7, 1) == draw(members, 7, 1)
    drawn = [draw(members, seed, 1) for seed in range(1000)]
    assert {stretch.end for stretch in drawn} == set(range(1, 33))
    assert len({stretch.run.id for stretch in drawn}) == 3


def test_the_trainers_of_a_stretch_are_those_that_trained_it(members: list[CertifiedMember]) -> None:
    run = members[0].run
    assert run is not None
    run.trainers.append(run.trainers[0] | {"resumed_from": 12, "device": "another"})
    assert [trainer["device"] for trainer in trainers_of(find(members, 1, 0, 12))] == ["cpu"]
    assert [trainer["device"] for trainer in trainers_of(find(members, 1, 8, 12))] == ["cpu", "another"]
    assert [trainer["device"] for trainer in trainers_of(find(members, 1, 24, 2))] == ["another"]
