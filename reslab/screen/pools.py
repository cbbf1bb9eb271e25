"""A pool of several labs' results. Names are from files of others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reslab.screen.text import printable, table

if TYPE_CHECKING:  # scipy takes half a second to import
    from studies.pooling import Pool


def text(pool: "Pool") -> str:
    """The labs, the common mean, how much the labs differ, and what did not count."""
    labs = table(
        pool.labs,
        [
            ("LAB", lambda lab: printable(lab.name, 60)),
            ("RUNS", lambda lab: str(len(lab.errors))),
            ("MEAN", lambda lab: f"{lab.mean:.2f} %"),
            ("WEIGHT", lambda lab: f"{100 * lab.weight:.0f} %"),
        ],
    )
    return "\n".join([f"{pool.network}, test error", labs, "", pool.sentence, *_details(pool)])


def _details(pool: "Pool") -> Iterator[str]:
    if pool.spread is not None:
        yield f"  between seeds of one lab: standard deviation {pool.spread:.2f} points"
    between = pool.heterogeneity
    if between is not None:
        least, most = between.tau_interval
        share = f"I² {100 * between.i2:.0f} %"
        yield f"  between labs: τ {between.tau:.2f} points (90 %: {least:.2f} to {most:.2f}), {share}"
        yield f"  Q {between.q:.2f} on {between.df} degrees of freedom, p = {between.p:.3f}"
    if pool.prediction is not None:
        low, high = pool.prediction
        yield f"  another lab's mean is expected between {low:.2f} and {high:.2f} % (90 %)"
    yield from (f"  note: {printable(note)}" for note in pool.notes)
    yield from (f"  left out: {printable(row.where)}, because {printable(row.why)}" for row in pool.left_out)
