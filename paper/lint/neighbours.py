"""A result among those that it is shown with: what differs between them but for what the experiment varies."""

from collections.abc import Callable, Iterator

from paper.lint.facts import Conditions, Result
from paper.lint.rule import Said, rule


@rule("torch-version", "warning")
def torch_version(result: Result) -> Iterator[Said]:
    """Runs that are compared ran with one version of torch."""
    yield from _unlike(result, "versions", "torch", lambda ran: ran.versions.get("torch"))


@rule("trainer-version", "warning")
def trainer_version(result: Result) -> Iterator[Said]:
    """Runs that are compared ran with one version of the trainer."""
    yield from _unlike(result, "versions", "trainer", lambda ran: ran.versions.get("trainer"))


@rule("device", "info")
def device(result: Result) -> Iterator[Said]:
    """Runs that are compared ran on one kind of device; another rounds differently."""
    yield from _unlike(result, "device", "on", lambda ran: ran.device)


@rule("data-changed", "departure")
def data_changed(result: Result) -> Iterator[Said]:
    """Runs on a data set of one name saw the same images."""
    same = [each for each in result.neighbours if each.spec.dataset == result.spec.dataset]
    own = {ran.data_hash for ran in result.conditions}
    if any(ran.data_hash not in own for each in same for ran in each.conditions if own):
        yield "dataset", f"{result.spec.dataset} held other images when its neighbours were trained"


@rule("changed-midway", "warning")
def changed_midway(result: Result) -> Iterator[Said]:
    """Every attempt of a run trains on the same kind of device with the same torch: else it is not the same run."""
    ran = {(each.device, each.versions.get("torch")) for each in result.conditions}
    if len(ran) > 1:
        told = "; then ".join(f"{device} with torch {torch}" for device, torch in sorted(ran, key=str))
        yield "device", f"its attempts differ: {told}"


RULES = (torch_version, trainer_version, device, data_changed, changed_midway)


def _unlike(result: Result, field: str, what: str, of: Callable[[Conditions], str | None]) -> Iterator[Said]:
    own = {of(ran) for ran in result.conditions} - {None}
    others = {of(ran) for each in result.neighbours for ran in each.conditions} - {None}
    if own and others - own:
        mine, theirs = (", ".join(sorted(map(str, each))) for each in (own, others - own))
        yield field, f"{what} {mine}; among its neighbours {theirs}"
