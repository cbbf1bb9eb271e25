"""The data sets that a run may name."""

import pytest

from store import datasets
from store.db.database import Database
from store.db.errors import Conflict, NotFound, Refused
from store.db.models import Dataset
from store.runs import verbs
from tests.store.conftest import submission
from trainer.spec import RunSpec


def dataset(name: str = "birds", manifest_hash: str = "aa") -> Dataset:
    return Dataset(
        name=name, project="default", owner="ann", about="",
        manifest_hash=manifest_hash, classes=["owl", "tit", "wren"],
        train_images=90, test_images=30, size_bytes=1000, key="datasets/aa", sha256="aa", path=None,
    )  # fmt: skip


def register(database: Database, row: Dataset) -> bool:
    with database.transaction() as session:
        return datasets.register(session, row)[1]


def test_the_same_content_under_the_same_name_is_not_an_error(database: Database) -> None:
    assert register(database, dataset())
    assert not register(database, dataset())


def test_other_content_under_a_registered_name_is_a_conflict(database: Database) -> None:
    register(database, dataset())
    with pytest.raises(Conflict, match="birds"):
        register(database, dataset(manifest_hash="bb"))


@pytest.mark.parametrize("name", ["cifar10", "digits", "imagenet"])
def test_a_built_in_name_cannot_be_taken(database: Database, name: str) -> None:
    with pytest.raises(Refused, match="built-in"):
        register(database, dataset(name))


def classes(database: Database, **fields: object) -> int:
    spec = RunSpec.model_validate({"depth": 8, "shortcut": "A"} | fields)
    with database.transaction() as session:
        return datasets.classes(session, spec)


def test_the_data_set_decides_how_many_classes_the_network_has(database: Database) -> None:
    register(database, dataset())
    assert (classes(database, dataset="birds"), classes(database, dataset="cifar100")) == (3, 100)


def test_an_unknown_data_set_is_refused_with_a_list_of_the_registered_ones(database: Database) -> None:
    register(database, dataset())
    with pytest.raises(Refused, match=r"cifar10, .*birds"):
        classes(database, dataset="bird")


def test_more_training_images_than_the_data_set_has_are_refused(database: Database) -> None:
    register(database, dataset())
    with pytest.raises(Refused, match="at most 90"):
        classes(database, dataset="birds", train_images=91)


def test_a_data_set_that_a_run_waits_for_cannot_be_removed(database: Database) -> None:
    register(database, dataset())
    with database.transaction() as session:
        run, _ = verbs.create(session, submission(dataset="birds"))
    with database.transaction() as session, pytest.raises(Conflict, match=str(run.id)):
        datasets.remove(session, "birds")
    with database.transaction() as session:
        verbs.cancel(session, run.id, "ann")
    with database.transaction() as session:
        assert datasets.remove(session, "birds").key == "datasets/aa"
    with database.transaction() as session, pytest.raises(NotFound):
        datasets.get(session, "birds")
