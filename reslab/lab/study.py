"""A study in a notebook: the paper's table filled by your runs, with verdicts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reslab.lab import frames
from reslab.lab.figure import Figure
from reslab.lab.progress import Progress, shown
from reslab.lab.run import Run

if TYPE_CHECKING:
    from pandas import DataFrame

    from reslab.client import Client, schema


class Study:
    """An experiment of the paper. `answer` has every field of the API's answer, as it was when it was last read.

    >>> study
    <Study figure-1, ended, 1 of 1 runs succeeded>
    """

    def __init__(self, client: "Client", answer: "schema.Study") -> None:
        self._client = client
        self.answer = answer

    @property
    def id(self) -> str:
        """The study's id, which also ends its address.

        >>> study.url.endswith(study.id)
        True
        """
        return self.answer.id

    @property
    def status(self) -> str:
        """The status when the study was last read: queued, running, paused or ended.

        >>> study.status
        'ended'
        """
        return self.answer.status

    @property
    def url(self) -> str:
        """The address of the study's page.

        >>> "/studies/" in study.url
        True
        """
        return f"{self._client.url}/studies/{self.id}"

    def refresh(self) -> Self:
        """Read the study again.

        >>> study.refresh().status
        'ended'
        """
        self.answer = self._client.studies.get(self.id)
        return self

    def wait(self, *, progress: bool = True) -> Self:
        """Wait until every run and evaluation of the study has ended, with a progress bar.

        >>> study.wait(progress=False).status
        'ended'
        """
        for _ in shown(self._steps(), self.answer.progress.iterations, self.answer.recipe, visible=progress):
            pass
        return self

    def runs(self) -> list[Run]:
        """The study's runs.

        >>> [member.name for member in study.runs()]
        ['plain-20']
        """
        return [Run(self._client, run) for run in self._client.runs(study=self.id)]

    def verdicts(self) -> "DataFrame":
        """Each number of the paper that this study tests, beside yours, with the verdict and its reason.

        >>> study.verdicts().columns.tolist()
        ['network', 'number', 'paper', 'ours', 'runs', 'verdict', 'sentence']
        """
        return frames.cells(self.refresh().answer.cells)

    def claims(self) -> dict[str, str]:
        """The paper's claims that this study tests, and whether they hold here.

        >>> study.claims()
        {...}
        """
        return {claim.sentence: claim.status for claim in self.refresh().answer.claims}

    def table(self, form: str = "md") -> str:
        """The paper's table with your numbers, as Markdown, CSV (`csv`) or LaTeX (`tex`).

        >>> "| plain-20 |" in study.table()
        True
        """
        return self._client.studies.table(self.id, form)

    def figure(self) -> Figure:
        """The study's curves in the form of Fig. 6, as means over the seeds; layer responses in that of Fig. 7.

        >>> study.figure().save("study.svg").name
        'study.svg'
        """
        return Figure(lambda form: self._client.studies.figure(self.id, form))

    def certificate(self, file: str | Path, *, weights: bool = False) -> Path:
        """Write the signed certificate of a study that has ended. `reslab verify` checks it anywhere.

        >>> study.certificate("figure-1.certificate.zip").exists()
        True
        """
        path = Path(file)
        self._client.studies.certificate(self.id, path, with_weights=weights)
        return path

    def cancel(self) -> Self:
        """Cancel every run of the study that has not ended.

        >>> lab.study("figure-1", networks=["plain-20"], dataset="synthetic", queue="gpu").cancel().status
        'ended'
        """
        self._client.studies.cancel(self.id)
        return self.refresh()

    def _steps(self) -> Iterator[Progress]:
        for study in self._client.studies.watch(self.id):
            self.answer = study
            done = self.answer.progress.by_status.get("succeeded", 0)
            yield Progress(self.answer.progress.iteration, f"{done} of {self.answer.progress.runs} runs")

    def _repr_markdown_(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        done = self.answer.progress.by_status.get("succeeded", 0)
        return f"<Study {self.answer.recipe}, {self.status}, {done} of {self.answer.progress.runs} runs succeeded>"
