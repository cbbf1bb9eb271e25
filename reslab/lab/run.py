"""A run in a notebook: wait for it, draw it, read its curves, use its network."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from reslab.lab import frames
from reslab.lab.figure import Figure
from reslab.lab.progress import Progress, shown

if TYPE_CHECKING:
    from pandas import DataFrame

    from reslab.client import Client, schema
    from reslab.networks import PixelNetwork, StateDict


class RunFailed(Exception):
    """A run has failed or was cancelled. The message is the service's, with its advice.

    >>> from reslab import RunFailed
    >>> issubclass(RunFailed, Exception)
    True
    """


class Run:
    """One training run. `answer` has every field of the API's answer, as it was when it was last read.

    >>> run
    <Run ResNet-8 A on synthetic, succeeded, test error ... %>
    >>> run.answer.parameters
    75290
    """

    def __init__(self, client: "Client", answer: "schema.Run") -> None:
        self._client = client
        self.answer = answer

    @property
    def id(self) -> str:
        """The run's id, which also ends its address.

        >>> lab.run(run.id).name
        'ResNet-8 A'
        """
        return self.answer.id

    @property
    def name(self) -> str:
        """The run's name. The network's name in the paper, unless you gave another.

        >>> run.name
        'ResNet-8 A'
        """
        return self.answer.name

    @property
    def status(self) -> str:
        """The status when the run was last read: queued, running, paused, succeeded, failed or cancelled.

        >>> run.status
        'succeeded'
        """
        return self.answer.status

    @property
    def spec(self) -> "schema.RunSpec | schema.DetectionSpec":
        """The whole specification, with the paper's value in each field that you left out.

        >>> run.spec.lr, run.spec.momentum
        (0.1, 0.9)
        """
        return self.answer.spec

    @property
    def test_map(self) -> float | None:
        """A detector's last mAP on the test images in percent. None for a classifier.

        >>> run.test_map
        """
        return self.answer.last.test_map

    @property
    def test_error(self) -> float | None:
        """The last test error in percent, which is a run's result. None before the first evaluation.

        >>> 0 <= run.test_error <= 100
        True
        """
        return self.answer.last.test_error

    @property
    def url(self) -> str:
        """The address of the run's page.

        >>> run.url.startswith("http://127.0.0.1:")
        True
        """
        return f"{self._client.url}/runs/{self.id}"

    @property
    def departures(self) -> list[str]:
        """Where the run departs from the paper's protocol, a sentence each.

        >>> any("synthetic" in sentence for sentence in run.departures)
        True
        """
        return [finding.message for finding in self.answer.departures]

    def refresh(self) -> Self:
        """Read the run again.

        >>> run.refresh().status
        'succeeded'
        """
        self.answer = self._client.run(self.id)
        return self

    def wait(self, *, progress: bool = True) -> Self:
        """Wait until the run has ended, with a progress bar. Raises RunFailed if it failed or was cancelled.

        Takes no part of an event loop: in asynchronous code, give it a thread.

        >>> run.wait(progress=False).answer.iteration
        4
        >>> import asyncio
        >>> asyncio.run(asyncio.to_thread(run.wait, progress=False)).status
        'succeeded'
        """
        for _ in shown(self._steps(), self.answer.iterations, self.name, visible=progress):
            pass
        self.refresh()
        if self.status != "succeeded":
            reasons = (self.answer.message, self.answer.advice)
            raise RunFailed(" ".join([f"{self.name} has {_ENDED[self.status]}.", *filter(None, reasons)]))
        return self

    def curves(self) -> "DataFrame":
        """Every raw point, a row per iteration: train_loss, train_error, lr, test_error … Errors are percent.

        A series without a point at an iteration is NaN there.

        >>> run.curves().test_error.dropna().index.tolist()
        [2, 4]
        """
        return frames.curves(self._client.curves.csv([self.id]))

    def figure(self, preset: str = "fig6") -> Figure:
        """The run's curves in the form of the paper's Fig. 6 or Fig. 4 (`fig4`), or `free`.

        >>> run.figure("fig4").save("run.svg").name
        'run.svg'
        """
        return Figure(lambda form: self._client.curves.figure([self.id], form, preset=preset))

    def verdicts(self) -> "DataFrame":
        """The paper's numbers for this network beside this run's. One seed never decides: it has no spread.

        >>> run.verdicts().columns.tolist()
        ['network', 'number', 'paper', 'ours', 'runs', 'verdict', 'sentence']
        """
        return frames.cells(self._client.verdict(self.id).cells)

    def weights(self, at: str | int = "last") -> "StateDict":
        """A state dict that loads in plain PyTorch with strict=True. `at` is last, best or an iteration.

        >>> run.weights()["conv1.weight"].shape
        torch.Size([16, 3, 3, 3])
        """
        from reslab import networks

        with TemporaryDirectory() as folder:
            return networks.state_dict(self.download(Path(folder) / "weights.safetensors", at))

    def network(self, at: str | int = "last") -> "PixelNetwork":
        """The trained network in evaluation mode. It takes (N, 3, 32, 32) RGB from 0 to 255 and returns logits.

        >>> import torch
        >>> run.network()(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
        """
        from reslab import networks

        with TemporaryDirectory() as folder:
            return networks.load(self.download(Path(folder) / "weights.safetensors", at))

    def download(self, file: str | Path, at: str | int = "last") -> Path:
        """Write the weights to a file that ends in .safetensors or .pt, and check their SHA-256.

        >>> run.download("resnet-8.safetensors").exists()
        True
        """
        path = Path(file)
        self._client.weights(self.id, path, str(at), path.suffix[1:])
        return path

    def export(self, folder: str | Path, *, licence: str | None = None) -> Path:
        """Write the weights as a Hugging Face folder, with a model card and a file that loads them without Reslab.

        >>> sorted(path.name for path in run.export("resnet-8").iterdir())
        ['README.md', 'config.json', 'model.safetensors', 'network.py']
        """
        from reslab.sharing import folder as sharing

        sharing.write(self._client, self.id, Path(folder), licence=licence)
        return Path(folder)

    def log(self, lines: int = 100) -> str:
        """The last lines of the trainer's log.

        >>> isinstance(run.log(), str)
        True
        """
        return "\n".join(self._client.log(self.id, lines))

    def cancel(self) -> Self:
        """Cancel the run. It saves a checkpoint first.

        >>> other = lab.submit(depth=8, shortcut="A", dataset="synthetic", queue="gpu")
        >>> other.cancel().status
        'cancelled'
        """
        self.answer = self._client.cancel(self.id)
        return self

    def _steps(self) -> Iterator[Progress]:
        for event in self._client.events(self.id):
            if event.kind == "steps":
                yield Progress(event.body["first"] + (event.body["count"] - 1) * event.body["every"])
            elif event.kind == "evaluated":
                yield Progress(event.body["iteration"], _measured(event.body))

    def __repr__(self) -> str:
        result = "no test error yet" if self.test_error is None else f"test error {self.test_error:.2f} %"
        if self.answer.task == "detection":
            result = "no mAP yet" if self.test_map is None else f"test mAP {self.test_map:.2f} %"
        return f"<Run {self.name} on {self.spec.dataset}, {self.status}, {result}>"


def _measured(body: Mapping[str, Any]) -> str:
    """What an evaluation found, by the task: "test error 7.81 %", "test mAP 48.20 %"."""
    name, value = ("mAP", body["map"]) if "map" in body else ("error", body["error"])
    return f"{body['split']} {name} {value:.2f} %"


_ENDED = {"failed": "failed", "cancelled": "been cancelled"}
