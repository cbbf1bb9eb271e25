"""What became of a registration: for each network how its runs ended, and what the study did otherwise."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from paper.planner import LOOKS
from paper.studies import StudyQuestion
from store.runs.states import Status
from studies.registration.contents import PlannedNetwork, Registration

ENDED: Final = {Status.succeeded: "ended", Status.failed: "failed", Status.cancelled: "cancelled"}
# In the order in which they are listed.
FATES: Final = ("ended", "diverged", "failed", "cancelled", "deleted", "missing", "not ended yet")


@dataclass(frozen=True)
class RegisteredRun:
    """A member of the study as it is now. The other fields are None if its run was deleted."""

    label: str
    seed: int
    spec_hash: str | None = None
    status: Status | None = None
    reason: str | None = None
    sources: frozenset[str | None] = frozenset()  # of the trainer, in each attempt


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class NetworkOutcome(Frozen):
    """How one network's runs ended, in a sentence to stand beside its verdict."""

    network: str
    sentence: str
    departs: bool = Field(description="Whether a registered run has no result, or a run was added to those registered.")


class RegistrationOutcome(Frozen):
    networks: tuple[NetworkOutcome, ...]
    departures: tuple[str, ...] = Field(description="What the study did otherwise than registered, one sentence each.")


def outcome(
    registration: Registration, question: StudyQuestion, members: Sequence[RegisteredRun]
) -> RegistrationOutcome:
    """Compares the study's members with those registered. `question` is the study's own, as it is now."""
    return RegistrationOutcome(
        networks=tuple(_network(registration, network, members) for network in registration.networks),
        departures=tuple(_departures(registration, question, members)),
    )


def _network(registration: Registration, network: PlannedNetwork, members: Sequence[RegisteredRun]) -> NetworkOutcome:
    own = {member.seed: member for member in members if member.label == network.label}
    registered = [run.seed for run in network.runs]
    added = [own[seed] for seed in sorted(own.keys() - set(registered))]
    room = max(0, (registration.budget or 0) - len(registered))
    by_rule, beyond = added[:room], added[room:]
    fates = [_fate(own.get(seed)) for seed in registered]
    parts = [_counted(fates)]
    if by_rule:
        parts.append(f"{len(by_rule)} added within the budget ({_counted(map(_fate, by_rule))})")
    if beyond:
        parts.append(f"{len(beyond)} added beyond the registration ({_counted(map(_fate, beyond))})")
    seeds = "1 seed" if len(registered) == 1 else f"{len(registered)} seeds"
    return NetworkOutcome(
        network=network.label,
        sentence=f"Registered {seeds}, {', '.join(parts)}.",
        departs=bool(beyond) or bool({*fates, *map(_fate, by_rule)} - {"ended", "not ended yet"}),
    )


def _counted(fates: Iterable[str]) -> str:
    """The number of runs with each fate, the best fate first."""
    counts = Counter(fates)
    return ", ".join(f"{counts[fate]} {fate}" for fate in FATES if fate in counts)


def _fate(run: RegisteredRun | None) -> str:
    if run is None:
        return "missing"
    if run.status is None:
        return "deleted"
    if run.status == Status.failed and run.reason == "diverged":
        return "diverged"
    return ENDED.get(run.status, "not ended yet")


def _departures(registration: Registration, question: StudyQuestion, members: Sequence[RegisteredRun]) -> Iterator[str]:
    hashes = {(network.label, run.seed): run.spec_hash for network in registration.networks for run in network.runs}
    labels = {network.label for network in registration.networks}
    if question.budget is not None and question.budget != registration.budget:
        yield f"A budget of {question.budget} seeds per network was set after the registration."
    if question.looks > LOOKS:
        yield f"Seeds were added {question.looks - 1} times; the stopping rule allows {LOOKS - 1} times."
    for label in sorted({member.label for member in members} - labels):
        yield f"{label} was not registered."
    other_code = sum(bool(member.sources - {registration.source}) for member in members)
    if other_code:
        runs = "1 run" if other_code == 1 else f"{other_code} runs"
        yield f"{runs} used another version of the trainer's source than the registered one."
    for member in members:
        registered = hashes.get((member.label, member.seed))
        if registered and member.spec_hash and member.spec_hash != registered:
            yield f"{member.label}, seed {member.seed} was trained with another specification than the registered one."
