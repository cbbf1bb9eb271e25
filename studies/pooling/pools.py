"""The pool of several labs' results: duplicates left out, the random-effects mean, and one sentence about it."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from paper import pooling
from paper.pooling import Heterogeneity, LabResult, Pooled
from paper.power import LEVEL
from paper.verdicts import signed
from studies.pooling.agreement import NotPoolable, check, notes
from studies.pooling.entries import PoolEntry, networks


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class PoolLab(Frozen):
    """A lab's runs that count, and its part in the mean."""

    name: str
    errors: tuple[float, ...] = Field(description="The test error of each run, percent.")
    mean: float
    weight: float = Field(description="The lab's share of the pooled mean, 0 to 1.")


class LeftOut(Frozen):
    """A result that does not count, and why."""

    where: str
    why: str


class PoolHeterogeneity(Frozen):
    """How much the labs differ beyond their seeds."""

    tau: float = Field(description="The standard deviation between the labs' true means, points (Paule–Mandel).")
    tau_interval: tuple[float, float] = Field(description="By the Q profile, 90 %.")
    q: float = Field(description="Cochran's Q.")
    df: int
    p: float = Field(description="The chance of so large a Q if all labs had one mean.")
    i2: float = Field(description="The share of the labs' scatter that seeds do not explain, 0 to 1.")


class Pool(Frozen):
    """Several labs' results on one network and protocol as one. Errors are percent."""

    network: str
    sentence: str
    mean: float
    interval: tuple[float, float] = Field(description="Hartung–Knapp, 90 %: each end is one-sided at 5 %.")
    spread: float | None = Field(
        description="The standard deviation between seeds of one lab, points, over all labs; null if each has one run."
    )
    heterogeneity: PoolHeterogeneity | None = Field(
        description="null for one lab, and if each lab has one run: then labs and seeds can't be told apart."
    )
    prediction: tuple[float, float] | None = Field(
        description="Where the true mean of another lab is expected, 90 %; null for fewer than three labs."
    )
    labs: tuple[PoolLab, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def pool(entries: Sequence[PoolEntry], network: str | None = None) -> Pool:
    """Pools one network: the one that is named as in `networks`, such as "ResNet-20 A on cifar10".

    Raises NotPoolable if the results differ in network, protocol or data, or are fewer than two.
    """
    chosen = [entry for entry in entries if network is None or networks([entry]) == [network]]
    if not chosen:
        raise NotPoolable(f"There is no result of {network}. There are results of {', '.join(networks(entries))}.")
    ended = [entry for entry in chosen if entry.error is not None]
    without = [LeftOut(where=entry.where, why=entry.why) for entry in chosen if entry.error is None]
    if ended:
        check(ended)
    counted, repeated = without_duplicates(ended)
    labs = _by_lab(counted)
    if len(counted) < 2:
        raise NotPoolable(f"Pooling takes at least two runs that have ended; there are {len(counted)}.")
    pooled = pooling.pool(labs)
    return Pool(
        network=networks(counted)[0],
        sentence=_sentence(labs, pooled, lost=len(without)),
        mean=pooled.mean,
        interval=pooled.interval,
        spread=pooled.spread,
        heterogeneity=_heterogeneity(pooled.heterogeneity),
        prediction=pooled.prediction,
        labs=tuple(
            PoolLab(name=lab.name, errors=lab.errors, mean=lab.mean, weight=weight)
            for lab, weight in zip(labs, pooled.weights, strict=True)
        ),
        left_out=(*without, *repeated),
        notes=tuple(notes(counted)),
    )


def without_duplicates(entries: Sequence[PoolEntry]) -> tuple[list[PoolEntry], list[LeftOut]]:
    """A run counts once: by its weights, by its file, and within a lab by its seed."""
    counted: list[PoolEntry] = []
    repeated: list[LeftOut] = []
    seen: dict[tuple[str, object], PoolEntry] = {}
    for entry in entries:
        known = [(text, seen[key]) for key, text in _identities(entry) if key in seen]
        if known:
            what, first = known[0]
            why = f"it has the same {what} as {first.where}{_gap(entry, first)}"
            repeated.append(LeftOut(where=entry.where, why=why))
            continue
        counted.append(entry)
        seen |= {key: entry for key, _ in _identities(entry)}
    return counted, repeated


def _identities(entry: PoolEntry) -> Iterator[tuple[tuple[str, object], str]]:
    if entry.weights_sha256:
        yield ("weights", entry.weights_sha256), "weights"
    if entry.file_sha256:
        yield ("file", entry.file_sha256), "file"
    if entry.seed is not None:
        yield ("seed", (entry.lab, entry.seed)), "lab and seed"


def _gap(entry: PoolEntry, first: PoolEntry) -> str:
    if entry.error is None or first.error is None or entry.error == first.error:
        return ""
    return f", although its error differs by {signed(entry.error - first.error)} points"


def _by_lab(entries: Sequence[PoolEntry]) -> list[LabResult]:
    errors: dict[str, list[float]] = {}
    for entry in entries:
        if entry.lab is not None and entry.error is not None:
            errors.setdefault(entry.lab, []).append(entry.error)
    return [LabResult(name, tuple(own)) for name, own in errors.items()]


def _heterogeneity(between: Heterogeneity | None) -> PoolHeterogeneity | None:
    if between is None:
        return None
    return PoolHeterogeneity(
        tau=between.tau, tau_interval=between.tau_interval, q=between.q, df=between.df, p=between.p, i2=between.i2
    )


def _sentence(labs: Sequence[LabResult], pooled: Pooled, lost: int) -> str:
    """`lost` are the runs without a result: a mean over those that are left says so."""
    counted = sum(len(lab.errors) for lab in labs)
    runs = f"{counted} of {counted + lost}" if lost else f"{counted}"
    low, high = pooled.interval
    mean = f"{pooled.mean:.2f} % ({low:.2f} to {high:.2f}, {100 * (1 - 2 * LEVEL):.0f} % interval)"
    if len(labs) == 1:
        return f"One lab ({labs[0].name}), {runs} runs: {mean}. One lab says nothing about how much labs differ."
    text = f"{len(labs)} labs, {runs} runs: {mean}."
    between = pooled.heterogeneity
    if between is None and pooled.spread is None:
        return f"{text} Each lab has one run, so the spread between labs and between seeds can't be told apart."
    if between is None:
        return f"{text} The seeds of each lab ended with the same error, so nothing says how far labs differ by chance."
    least, most = between.tau_interval
    return (
        f"{text} Beyond their seeds the labs differ with a standard deviation of {between.tau:.2f} points "
        f"({least:.2f} to {most:.2f})."
    )
