"""Rules on a result among the runs shown with it: how they differ, apart from what the experiment varies."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from paper.lint.facts import Conditions, Result
from paper.lint.rule import Remark, rule

# A sentence lists no more names than this.
MOST_NAMES: Final = 5


@rule("torch-version", "warning")
def torch_version(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same version of torch."""
    yield from _difference(result, "versions", "torch", _torch)


@rule("trainer-version", "warning")
def trainer_version(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same version of the trainer."""
    yield from _difference(result, "versions", "trainer", _trainer)


@rule("trainer-source", "warning")
def trainer_source(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same trainer source, file by file."""
    yield from _difference(result, "source", "trainer source", _short_source)


@rule("device", "info")
def device(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same kind of device, because devices round differently."""
    yield from _difference(result, "device", "device", _device)


@rule("data-changed", "departure")
def data_changed(result: Result) -> Iterator[Remark]:
    """Runs on data sets of the same name used the same images."""
    own = {conditions.data_hash for conditions in result.conditions}
    if own and result.neighbours.data_hashes.get(result.spec.dataset, set()) - own:
        yield "dataset", f"{result.spec.dataset} had different images when other runs shown here were trained."


@rule("changed-midway", "warning")
def changed_midway(result: Result) -> Iterator[Remark]:
    """Every attempt of a run uses the same kind of device, version of torch and trainer source."""
    used = {(conditions.device, conditions.versions.get("torch")) for conditions in result.conditions}
    if len(used) > 1:
        listed = " and ".join(f"{device} with torch {torch}" for device, torch in sorted(used, key=str))
        yield "device", f"Its attempts used {listed}."
    sources = {source for conditions in result.conditions if (source := _short_source(conditions))}
    if len(sources) > 1:
        yield "source", f"Its attempts used trainer source {' and '.join(sorted(sources))}."


RULES = (torch_version, trainer_version, trainer_source, device, data_changed, changed_midway)


def _torch(conditions: Conditions) -> str | None:
    return conditions.versions.get("torch")


def _trainer(conditions: Conditions) -> str | None:
    return conditions.versions.get("trainer")


def _device(conditions: Conditions) -> str | None:
    return conditions.device


def _short_source(conditions: Conditions) -> str | None:
    return conditions.source and conditions.source[:12]


def _difference(result: Result, field: str, what: str, read: Callable[[Conditions], str | None]) -> Iterator[Remark]:
    own = {value for conditions in result.conditions if (value := read(conditions)) is not None}
    others = result.neighbours.values(read) - own
    if own and others:
        mine, theirs = _listed(own), _listed(others)
        yield field, f"This run used {what} {mine}; other runs shown here used {theirs}."


def _listed(names: AbstractSet[str]) -> str:
    first, more = sorted(names)[:MOST_NAMES], len(names) - MOST_NAMES
    return ", ".join(first) + (f" and {more:,} more" if more > 0 else "")
