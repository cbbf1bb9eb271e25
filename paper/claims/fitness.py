"""Whether runs are what a claim speaks of: the paper's data and protocol, and enough of its training.

A run on other data, by another protocol or cut short says nothing about a claim, whatever its numbers are: after six
iterations the error of plain-110 is above 60 %, and so is every network's.
"""

from collections.abc import Sequence
from functools import lru_cache

from paper import lint
from paper.claims.claim import Bound, Claim, Net, Part
from paper.degradation import shortest
from paper.findings import Finding
from paper.results import RunResult
from trainer.spec import RunSpec

# The protocol check's rule on length: a scale below 1 is stated beside the claim, and its length is judged here.
SCALE = "scale"


def obstacles(claim: Claim, part: Part, runs: Sequence[tuple[Net, RunResult]]) -> tuple[str, ...]:
    """Why these runs cannot test this part of the claim, in sentences; empty if they can, or if there are none.

    A number that the paper prints belongs to the end of its training, so a bound needs all of it. A comparison needs a
    tenth of it: before that, a gap between networks may only be a slow start.
    """
    specs = {run.spec.model_copy(update={"seed": 0}): net for net, run in runs}
    departures = [
        finding
        for spec in specs
        for finding in spec_departures(spec)
        if finding.field not in claim.varies and finding.rule != SCALE
    ]
    lengths = [sentence for spec, net in specs.items() if (sentence := _length(part, net, spec))]
    return tuple(dict.fromkeys([*(finding.sentence for finding in departures), *lengths]))


@lru_cache(maxsize=1024)
def spec_departures(spec: RunSpec) -> tuple[Finding, ...]:
    """The departures of a specification. Cached, because many claims check the same few."""
    return tuple(lint.departures(spec))


def _length(part: Part, net: Net, spec: RunSpec) -> str | None:
    trained = f"{spec.iterations:,}"
    if isinstance(part, Bound):
        whole = net.iterations(spec.dataset)
        short = f"The paper's number is from training for {whole:,} iterations; these runs train for {trained}."
        return short if spec.iterations < whole else None
    needed = shortest(spec)
    short = (
        f"Before iteration {needed:,} a gap between networks may only be a slow start; these runs train for {trained}."
    )
    return short if spec.iterations < needed else None
