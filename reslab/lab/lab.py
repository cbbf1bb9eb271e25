"""`Reslab`: what a notebook starts from."""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from reslab.client.requests import RunOptions, StudyOptions
from reslab.lab.comparison import Comparison
from reslab.lab.run import Run
from reslab.lab.study import Study

if TYPE_CHECKING:
    from reslab.client.schema import Dataset, DetectionRunPlan, RunPlan

_HOME = ".reslab"


class Reslab:
    """A service, and everything that a researcher does with it. `client` has every call of the API.

    Without arguments: the service that RESLAB_URL and RESLAB_TOKEN name, or else the local one, whose folder
    `.reslab` (or RESLAB_HOME) is in the current folder or in one above it. Raises NotUpError if there is none.

    >>> from reslab import Reslab
    >>> with Reslab() as other:
    ...     other.url == lab.url
    True
    """

    def __init__(self, home: str | Path | None = None, *, url: str | None = None, token: str | None = None) -> None:
        if (url is None) != (token is None):
            raise ValueError("Give both url and token, or neither.")
        from reslab.client import Client

        self.client = Client(url, token) if url and token else Client.of(Path(home) if home else _nearest_home())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.__exit__(kind, error, at)

    @property
    def url(self) -> str:
        """The service's address, which a browser opens.

        >>> lab.url.startswith("http://127.0.0.1:")
        True
        """
        return self.client.url

    def submit(
        self,
        depth: int,
        shortcut: str,
        dataset: str,
        **fields: Any,  # Any: JSON, which the service checks
    ) -> Run:
        """Queue a run. `fields` are further fields of the specification; the paper's value is in each one left out.

        `name`, `project`, `tags`, `notes`, `priority`, `queue` and `machines` describe the run, not the experiment.
        Raises ApiError with the service's sentence if a field is wrong.

        >>> lab.submit(depth=21, shortcut="A", dataset="digits")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...depth must be 6n+2...
        """
        spec, described = _split({"depth": depth, "shortcut": shortcut, "dataset": dataset, **fields})
        return Run(self.client, self.client.submit(spec, **described))

    def plan(
        self, depth: int, shortcut: str, dataset: str, **fields: Any
    ) -> "RunPlan | DetectionRunPlan":  # Any: as in `submit`
        """What a run would take, and where it departs from the paper. Queues nothing.

        >>> lab.plan(depth=20, shortcut="A", dataset="cifar10").parameters
        269722
        """
        return self.client.plan({"depth": depth, "shortcut": shortcut, "dataset": dataset, **fields})

    def run(self, prefix: str = "last") -> Run:
        """The run whose id begins with `prefix`; `last` is the newest. Raises ApiError if there isn't exactly one.

        >>> lab.run(run.id[:20]).status
        'succeeded'
        """
        return Run(self.client, self.client.run(self.client.find(prefix)))

    def runs(self, where: str | Sequence[str] | None = None, *, limit: int | None = None, **filters: Any) -> list[Run]:
        """The runs that meet every condition, newest first. `filters` are those of `GET /runs`, such as `status`.

        >>> [each.name for each in lab.runs(where=["depth == 8", "iterations <= 4"], status="succeeded")]
        ['ResNet-8 A'...]
        """
        rows = self.client.runs(where=where, **filters)
        return [Run(self.client, row) for row in islice(rows, limit)]

    def compare(self, runs: Iterable[Run | str]) -> Comparison:
        """Runs side by side, given as runs or as the beginnings of their ids.

        >>> lab.compare([run, "last"]).runs[0].name
        'ResNet-8 A'
        """
        return Comparison(self.client, [run if isinstance(run, Run) else self.run(run) for run in runs])

    def study(self, recipe: str, **options: Unpack[StudyOptions]) -> Study:
        """Queue an experiment of the paper: `table-6`, `figure-1` … `seeds`, `scale` and `dataset` shorten it.

        >>> lab.study("table-60")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self.open_study(self.client.studies.create(recipe, **options).id)

    def open_study(self, prefix: str = "last") -> Study:
        """The study whose id begins with `prefix`; `last` is the newest.

        >>> lab.open_study(study.id).status
        'ended'
        """
        return Study(self.client, self.client.studies.get(self.client.studies.find(prefix)))

    def bring(self, file: str | Path, *, lab: str | None = None, **declared: Any) -> Run:  # Any: JSON
        """Import a result that was made elsewhere: a CSV file, TensorBoard events or a W&B history.

        `declared` are the fields of the specification that are known; each other one is *unknown*, not *kept*.

        >>> from pathlib import Path
        >>> file = Path("theirs.csv")
        >>> _ = file.write_text("iteration,test_error" + chr(10) + "64000,7.1" + chr(10))
        >>> theirs = lab.bring(file, lab="theirs", depth=56, shortcut="A", dataset="cifar10")
        >>> theirs.test_error
        7.1
        >>> theirs.verdicts().verdict.dropna().tolist()
        ['not comparable']
        """
        spec, described = _split(declared)
        return Run(self.client, self.client.imports.create(Path(file), {"spec": spec, "lab": lab, **described}))

    def datasets(self) -> "list[Dataset]":
        """The data sets of this service.

        >>> "digits" in [dataset.name for dataset in lab.datasets()]
        True
        """
        return self.client.datasets()

    def __repr__(self) -> str:
        return f"<Reslab at {self.url}>"


def _split(fields: dict[str, Any]) -> tuple[dict[str, Any], RunOptions]:  # Any: JSON
    """The fields of the specification, and those that describe the run."""
    described = RunOptions.__annotations__
    options: Any = {name: value for name, value in fields.items() if name in described}  # Any: mypy can't see the keys
    return {name: value for name, value in fields.items() if name not in described}, options


def _nearest_home() -> Path:
    """RESLAB_HOME, or the folder `.reslab` here or in the nearest folder above in which a service runs."""
    if given := os.environ.get("RESLAB_HOME"):
        return Path(given)
    return next(_running_homes(), Path(_HOME))


def _running_homes() -> Iterator[Path]:
    here = Path.cwd()
    return (folder / _HOME for folder in (here, *here.parents) if (folder / _HOME / "state.json").is_file())
