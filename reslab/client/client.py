"""`Client`: each method is one call of the API."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from reslab.client import events, weights
from reslab.client.connection import Connection, NotUpError
from reslab.client.curves import Curves
from reslab.client.examinations import Examinations
from reslab.client.imports import Imports
from reslab.client.local import local_service
from reslab.client.lookup import only_match
from reslab.client.requests import RunFilters, RunOptions
from reslab.client.schema import (
    Dataset,
    Datasets,
    DetectionRunPlan,
    Event,
    Findings,
    Key,
    Keys,
    Log,
    NewKey,
    Pool,
    QueueState,
    Run,
    RunPage,
    RunPlan,
    RunVerdict,
    Worker,
    Workers,
)
from reslab.client.studies import Studies

# Fields of RunSpec or, with `task: detection`, of DetectionSpec; what is left out has the paper's value.
Spec = Mapping[str, object]
_ID_LENGTH = len("00000000-0000-0000-0000-000000000000")


class Client:
    """Talks to one service. Raises ApiError, UnexpectedAnswerError, or httpx.TransportError if nothing answers."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._connection = Connection(url, token)
        self.studies = Studies(self._connection)
        self.examinations = Examinations(self._connection)
        self.imports = Imports(self._connection)
        self.curves = Curves(self._connection)

    @classmethod
    def of(cls, home: Path) -> Self:
        """The service that RESLAB_URL and RESLAB_TOKEN name; without the URL, the local one of `home`.

        Raises NotUpError.
        """
        url, token = os.environ.get("RESLAB_URL"), os.environ.get("RESLAB_TOKEN")
        if url and token:
            return cls(url, token)
        if url:
            raise NotUpError("RESLAB_URL is set but RESLAB_TOKEN is not. Set it to a key of that service.")
        service = local_service(home)
        return cls(service.url, token or service.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.http.close()

    # Runs

    def submit(self, spec: Spec, key: str | None = None, **options: Unpack[RunOptions]) -> Run:
        """Queue a run. A second call with the same idempotency `key` returns the first call's run."""
        return self._connection.post(Run, "/runs", {"spec": spec, **options}, key=key)

    def plan(self, spec: Spec) -> RunPlan | DetectionRunPlan:
        """What a run would take: parameters, multiply-adds, memory, predicted time, findings. Queues nothing."""
        if spec.get("task") == "detection":
            return self._connection.post(DetectionRunPlan, "/runs/plan", {"spec": spec})
        return self._connection.post(RunPlan, "/runs/plan", {"spec": spec})

    def run(self, run_id: str) -> Run:
        return self._connection.get(Run, f"/runs/{run_id}")

    def runs(self, **filters: Unpack[RunFilters]) -> Iterator[Run]:
        """The runs that pass all filters, newest first unless `sort` says otherwise."""
        parameters: dict[str, object] = {name: value for name, value in filters.items() if value is not None}
        while True:
            page = self._connection.get(RunPage, "/runs", **parameters)
            yield from page.items
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor

    def find(self, prefix: str) -> str:
        """The id of the run whose id begins with `prefix`; `last` means the newest run. Raises ApiError."""
        if len(prefix) == _ID_LENGTH:
            return prefix
        if prefix == "last":
            runs = self._connection.get(RunPage, "/runs", limit=1).items
        else:
            runs = [run for run in self.runs(text=prefix) if run.id.startswith(prefix)]
        return only_match([run.id for run in runs], prefix, "runs")

    def verdict(self, run_id: str) -> RunVerdict:
        """The run beside each number that the paper prints for its network; an import with its lab's other seeds."""
        return self._connection.get(RunVerdict, f"/runs/{run_id}/verdict")

    def findings(self, run_id: str) -> Findings:
        """Where the run departs from the paper's protocol, in its specification and, once it has ended, its result."""
        return self._connection.get(Findings, f"/runs/{run_id}/findings")

    def cancel(self, run_id: str) -> Run:
        return self._connection.post(Run, f"/runs/{run_id}/cancel")

    def pause(self, run_id: str) -> Run:
        return self._connection.post(Run, f"/runs/{run_id}/pause")

    def resume(self, run_id: str) -> Run:
        return self._connection.post(Run, f"/runs/{run_id}/resume")

    def retry(self, run_id: str, key: str | None = None) -> Run:
        """Queue a new run with the same specification, from scratch."""
        return self._connection.post(Run, f"/runs/{run_id}/retry", key=key)

    def fork(
        self,
        run_id: str,
        changes: Spec,
        key: str | None = None,
        *,
        iteration: int | None = None,
        name: str | None = None,
    ) -> Run:
        """Queue a new run that continues from this run's checkpoint at `iteration` (default: the last one)."""
        body = {"spec": changes, "iteration": iteration, "name": name}
        return self._connection.post(Run, f"/runs/{run_id}/fork", body, key=key)

    def delete(self, run_id: str) -> None:
        """Delete a run with its rows and files."""
        self._connection.send("DELETE", f"/runs/{run_id}")

    def events(self, run_id: str, after: int = 0) -> Iterator[Event]:
        """Every event after number `after`, past and future, exactly once, until the run has ended.

        Reconnects when the connection breaks. Raises httpx.TransportError if the service stays away for a minute.
        """
        return events.follow(self._connection, run_id, after)

    def log(self, run_id: str, lines: int = 100) -> list[str]:
        """The last lines that the trainer logged."""
        return [line.text for line in self._connection.get(Log, f"/runs/{run_id}/log", tail=lines).lines]

    def weights(self, run_id: str, file: Path, at: str = "last", file_format: str = "safetensors") -> str:
        """Download the weights to `file`, whole or not at all, and return their SHA-256, which has been checked.

        `at` is last, best or an iteration. Raises OSError if the weights arrive damaged.
        """
        return weights.download(self._connection, run_id, file, at, file_format)

    def pool(self, runs: Sequence[str], results: Sequence[Spec] = (), network: str | None = None) -> Pool:
        """Several labs' results on one network as one: imports, own runs, and `results` read elsewhere.

        Raises ApiError with the reason if they are not of one network, protocol and data set.
        """
        return self._connection.post(Pool, "/pools", {"runs": runs, "results": results, "network": network})

    # Workers and the queue

    def workers(self) -> list[Worker]:
        return self._connection.get(Workers, "/workers").items

    def drain(self, worker_id: str) -> Worker:
        """Ask a worker to save a checkpoint, return its run to the queue, and leave."""
        return self._connection.post(Worker, f"/workers/{worker_id}/drain")

    def queue(self) -> QueueState:
        """The waiting runs in order, each with what it waits for and when it may start."""
        return self._connection.get(QueueState, "/queue")

    # Data sets and keys

    def datasets(self) -> list[Dataset]:
        return self._connection.get(Datasets, "/datasets").items

    def register(self, name: str, archive: Path) -> Dataset:
        """Register your own data set from a zip or tar archive. Raises ApiError with the entry that was refused."""
        with archive.open("rb") as content:
            files = {"archive": (archive.name, content, "application/octet-stream")}
            return self._connection.ask(Dataset, "POST", "/datasets", data={"name": name}, files=files)

    def api_keys(self) -> list[Key]:
        return self._connection.get(Keys, "/keys").items

    def create_key(self, name: str, scopes: Sequence[str]) -> NewKey:
        """The new key; its `token` is in this answer only, and can't be read again."""
        return self._connection.post(NewKey, "/keys", {"name": name, "scopes": list(scopes)})

    def revoke_key(self, key_id: str) -> None:
        self._connection.send("DELETE", f"/keys/{key_id}")
