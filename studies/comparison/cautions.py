"""What a reader must know of compared runs: imports, runs that were not trained to the end, repeats, and departures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from paper import lint
from paper.lint.schedule import LENGTH_RULES
from store.db.models import Run
from store.imports.mark import is_unknown, unknown_fields
from trainer import tasks

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.charts import Chart

# A caption lists no more than these of each kind.
MOST: Final = 6


def cautions(rows: Sequence[Run], read: "Chart", names: Mapping[UUID, str]) -> Iterator[str]:
    """Sentences to stand below a figure; none for runs that kept the protocol to the end. `names`: the legend's own."""
    called = {row.id: names.get(row.id, row.name) for row in rows}
    imported = sum(row.origin is not None for row in rows)
    if imported:
        runs = "1 run was" if imported == 1 else f"{imported} runs were"
        yield f"{runs} made elsewhere and imported: the protocol is declared, not checked."
    if unfinished := [row for row in rows if row.iteration < row.iterations]:
        listed = (f"{called[row.id]} ({row.status}) at {row.iteration:,} of {row.iterations:,}" for row in unfinished)
        yield f"Not trained to the end: {_listed(list(dict.fromkeys(listed)), '; ')}."
    if any(_has_repeats([row for row in rows if row.id in group.runs]) for group in read.groups):
        yield "Runs with the same seed are repeats: they show no spread between seeds."
    if departures := _departures(rows, called):
        yield f"Departures from the paper: {_listed(departures, ' ')}"


def _has_repeats(runs: Sequence[Run]) -> bool:
    seeds = [run.spec["seed"] for run in runs if not is_unknown(run, "seed")]
    return len(set(seeds)) < len(seeds)


def _departures(rows: Sequence[Run], called: Mapping[UUID, str]) -> list[str]:
    """Each once, with the names of the runs unless all have it. The length stands in a sentence of its own."""
    names: dict[str, list[str]] = {}
    for row in rows:
        findings = lint.departures(tasks.of(row.spec), unknown_fields(row), row.parent_iteration)
        for sentence in dict.fromkeys(each.sentence for each in findings if each.rule not in LENGTH_RULES):
            names.setdefault(sentence, []).append(called[row.id])
    return [
        sentence if len(own) == len(rows) else f"{_listed(list(dict.fromkeys(own)), ', ')}: {sentence}"
        for sentence, own in names.items()
    ]


def _listed(texts: Sequence[str], between: str) -> str:
    more = len(texts) - MOST
    return between.join([*texts[:MOST], *([f"and {more:,} more"] if more > 0 else [])])
