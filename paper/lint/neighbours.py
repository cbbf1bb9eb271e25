"""Rules on a result among the runs shown with it: how they differ, apart from what the experiment varies."""

from collections.abc import Callable, Iterator

from paper.lint.facts import Conditions, Result
from paper.lint.rule import Remark, rule


@rule("torch-version", "warning")
def torch_version(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same version of torch."""
    yield from _difference(result, "versions", "torch", lambda conditions: conditions.versions.get("torch"))


@rule("trainer-version", "warning")
def trainer_version(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same version of the trainer."""
    yield from _difference(result, "versions", "trainer", lambda conditions: conditions.versions.get("trainer"))


@rule("trainer-source", "warning")
def trainer_source(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same trainer source, file by file."""
    yield from _difference(result, "source", "trainer source", _short_source)


@rule("device", "info")
def device(result: Result) -> Iterator[Remark]:
    """Runs that are compared used the same kind of device, because devices round differently."""
    yield from _difference(result, "device", "device", lambda conditions: conditions.device)


@rule("data-changed", "departure")
def data_changed(result: Result) -> Iterator[Remark]:
    """Runs on data sets of the same name used the same images."""
    neighbours = [neighbour for neighbour in result.neighbours if neighbour.spec.dataset == result.spec.dataset]
    own = {conditions.data_hash for conditions in result.conditions}
    others = {conditions.data_hash for neighbour in neighbours for conditions in neighbour.conditions}
    if own and others - own:
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


def _short_source(conditions: Conditions) -> str | None:
    return conditions.source and conditions.source[:12]


def _difference(result: Result, field: str, what: str, read: Callable[[Conditions], str | None]) -> Iterator[Remark]:
    own = {read(conditions) for conditions in result.conditions} - {None}
    others = {read(conditions) for neighbour in result.neighbours for conditions in neighbour.conditions} - {None}
    if own and others - own:
        mine, theirs = (", ".join(sorted(map(str, names))) for names in (own, others - own))
        yield field, f"This run used {what} {mine}; other runs shown here used {theirs}."
