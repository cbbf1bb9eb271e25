"""Which results made elsewhere are judged together: one lab's seeds of one declared protocol, each once.

An import is no seed of a study (docs/decisions/0045), so its verdict takes the seeds that its lab sent here.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from paper.power import MOST_SEEDS
from store.curves.outcomes import RunOutcome, RunOutcomes
from store.db.models import Run
from store.imports.declaration import Origin
from store.runs import conditions
from studies.pooling import of_run
from studies.pooling.pools import without_duplicates


def lab_seeds(session: Session, outcomes: RunOutcomes, run: Run) -> list[Run]:
    """The import, then the other imports of its lab with the same known fields, the newest first.

    A result that comes twice, by its weights, its file or its seed, counts once. If nobody said which lab made the
    import, it stands alone.
    """
    lab = _lab(run)
    if lab is None:
        return [run]
    twins = [twin for twin in conditions.twins(session, run, MOST_SEEDS - 1) if _lab(twin) == lab]
    return _each_once([run, *twins], outcomes.read(session, [run, *twins]))


def _each_once(runs: Sequence[Run], outcomes: dict[UUID, RunOutcome]) -> list[Run]:
    entries = {of_run(run, outcomes[run.id], None): run for run in runs}
    counted, _ = without_duplicates([*entries])
    return [entries[entry] for entry in counted]


def sentence(runs: Sequence[Run]) -> str:
    """How many seeds count. How many there were is what an import can't show."""
    lab = _lab(runs[0])
    if lab is None:
        return "One imported result. Nobody said which lab made it, so no other seed counts with it."
    seeds = f"{len(runs)} imported seed{'' if len(runs) == 1 else 's'} of {lab}"
    return f"{seeds}. Nobody said how many it trained, so seeds that it left out would not show."


def _lab(run: Run) -> str | None:
    return None if run.origin is None else Origin.model_validate(run.origin).lab
