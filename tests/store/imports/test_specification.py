"""What an import's specification says: declared fields, facts of the file, and the rest as unknown."""

import io
from typing import Any

import pytest

from store.db.errors import Refused
from store.imports import reading
from store.imports.declaration import Declaration, Reading, hash_of_known
from store.imports.specification import specify
from trainer.spec import RunSpec

NETWORK = {"dataset": "cifar10", "depth": 20, "shortcut": "A"}
CURVE = "iteration,train_error,test_error\n100,80,\n200,70,75\n300,60,\n400,50,55\n"


def specified(text: str = CURVE, **spec: Any) -> tuple[RunSpec, tuple[str, ...]]:  # Any: a spec's fields
    curve = reading.read([io.BytesIO(text.encode())], Reading())
    return specify(Declaration(spec=NETWORK | spec), curve)


def refusal(text: str = CURVE, **spec: Any) -> str:  # Any: as above
    with pytest.raises(Refused) as error:
        specified(text, **spec)
    return f"{error.value.field}: {error.value}"


def test_what_the_file_shows_is_known_and_the_rest_is_not() -> None:
    spec, unknown = specified(lr=0.1)
    assert (spec.log_every, spec.evaluate_every, spec.iterations) == (100, 200, 400)
    assert {"log_every", "evaluate_every", "lr", "family", *NETWORK}.isdisjoint(unknown)
    assert {"iterations", "momentum", "seed", "schedule", "warmup", "precision"} <= set(unknown)


def test_a_file_may_end_less_than_one_of_its_steps_before_the_end() -> None:
    spec, unknown = specified(iterations=450)
    assert spec.iterations == 450
    assert "iterations" not in unknown
    assert "The file ends at iteration 400 of the declared 600." in refusal(iterations=600)
    assert "The file goes to iteration 400, beyond the declared 399." in refusal(iterations=399)


def test_a_single_result_has_no_spacing() -> None:
    spec, unknown = specified("iteration,test_error\n64000,8.75\n", iterations=64_000)
    assert (spec.evaluate_every, spec.iterations) == (64_000, 64_000)
    assert "log_every" in unknown


def test_the_network_must_be_declared() -> None:
    assert refusal(depth=None).startswith("spec.depth: spec.depth must be declared")


def test_the_hash_is_of_the_declared_fields_alone() -> None:
    spec, unknown = specified(lr=0.1)
    other = spec.model_copy(update={"momentum": 0.5})
    assert hash_of_known(spec, unknown) == hash_of_known(other, unknown)
    assert hash_of_known(spec, unknown) != hash_of_known(spec, tuple(name for name in unknown if name != "momentum"))
    assert hash_of_known(spec, ()) == spec.hash()
