"""The mark of an import wherever runs are listed or drawn by name, and what nobody said of it."""

from store.db.models import Run


def marked(run: Run) -> str:
    """The run's name; an import's says that it is one."""
    return run.name if run.origin is None else f"{run.name} (imported)"


def unknown_fields(run: Run) -> frozenset[str]:
    """The fields of the run's specification that nobody said; none for a run of this service."""
    return frozenset() if run.origin is None else frozenset(run.origin["unknown"])


def is_unknown(run: Run, *fields: str) -> bool:
    """Whether nobody said one of these fields of the run's specification; never so for a run of this service."""
    return not unknown_fields(run).isdisjoint(fields)
