"""The mark of an import wherever runs are listed or drawn by name."""

from store.db.models import Run


def marked(run: Run) -> str:
    """The run's name; an import's says that it is one."""
    return run.name if run.origin is None else f"{run.name} (imported)"
