"""Several runs side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reslab.lab import frames
from reslab.lab.figure import Figure
from reslab.lab.run import Run

if TYPE_CHECKING:
    from pandas import DataFrame

    from reslab.client import Client


class Comparison:
    """Runs side by side: what differs between them, their errors, and their curves in one figure.

    >>> lab.compare([run, run]).table().name.tolist()
    ['ResNet-8 A', 'ResNet-8 A']
    """

    def __init__(self, client: "Client", runs: Sequence[Run]) -> None:
        self._client = client
        self.runs = list(runs)

    def table(self) -> "DataFrame":
        """A row per run: its name, the fields of the specification that differ, and its errors in percent.

        >>> lab.compare([run]).table().columns.tolist()
        ['name', 'train_error', 'val_error', 'test_error', 'status']
        """
        return frames.runs([run.answer for run in self.runs])

    def curves(self) -> "DataFrame":
        """Every raw point of every run, a row per run and iteration.

        >>> list(lab.compare([run]).curves().index.names)
        ['run', 'iteration']
        """
        return frames.curves(self._client.curves.csv([run.id for run in self.runs], named=True))

    def figure(self, preset: str = "fig6", *, mean: bool = False) -> Figure:
        """The curves in one figure. With `mean`, runs that differ in the seed only become one curve with a band.

        >>> lab.compare([run]).figure(mean=True).save("seeds.png").name
        'seeds.png'
        """
        seeds = "mean" if mean else "each"
        ids = [run.id for run in self.runs]
        return Figure(lambda form: self._client.curves.figure(ids, form, preset=preset, seeds=seeds))

    def _repr_html_(self) -> str:
        html: str = self.table().to_html()
        return html

    def __repr__(self) -> str:
        return repr(self.table())
