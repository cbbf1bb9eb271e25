"""Answers of the service as tables of pandas, which is imported on first use."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

    from reslab.client.schema import Run, StudyCell


def curves(csv: bytes) -> "DataFrame":
    """A row per iteration; of several runs, a row per run and iteration."""
    frame = _pandas().read_csv(BytesIO(csv))
    return frame.set_index([name for name in ("run", "iteration") if name in frame])


def cells(rows: Iterable["StudyCell"]) -> "DataFrame":
    """A row per number of the paper, with its verdict."""
    columns = ["network", "number", "paper", "ours", "runs", "verdict", "sentence"]
    values = [
        (
            cell.network, cell.key, cell.theirs, cell.ours, cell.runs,
            cell.verdict and cell.verdict.outcome, cell.verdict and cell.verdict.sentence,
        )
        for cell in rows
    ]  # fmt: skip
    return _pandas().DataFrame(values, columns=columns)


def runs(rows: Sequence["Run"]) -> "DataFrame":
    """A row per run: its name, the fields of the specification that differ, and its errors in percent."""
    specs = [run.spec.model_dump(mode="json") for run in rows]
    names = list(dict.fromkeys(name for spec in specs for name in spec))
    differing = [name for name in names if any(spec.get(name) != specs[0].get(name) for spec in specs)]
    return _pandas().DataFrame(
        [
            {
                "name": run.name,
                **{name: spec.get(name) for name in differing},
                "train_error": run.train_error,
                "val_error": run.last.val_error,
                "test_error": run.last.test_error,
                "status": run.status,
            }
            for run, spec in zip(rows, specs, strict=True)
        ],
        index=[run.id for run in rows],
    )


def _pandas() -> Any:  # Any: pandas has no types of its own
    try:
        import pandas
    except ImportError as error:
        raise ImportError("Tables need pandas. Run: pip install 'reslab[notebook]'") from error
    return pandas
