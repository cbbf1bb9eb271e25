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
from reslab.client.requests import KeyOptions, RunFilters, RunOptions
from reslab.client.retention import Retention
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
from reslab.client.starts import Starts
from reslab.client.studies import Studies

# Fields of RunSpec or, with `task: detection`, of DetectionSpec; what is left out has the paper's value.
Spec = Mapping[str, object]
_ID_LENGTH = len("00000000-0000-0000-0000-000000000000")


class Client:
    """Talks to one service. Raises ApiError, UnexpectedAnswerError, or httpx.TransportError if nothing answers.

    >>> with Client(client.url, client.create_key("me", ["read"]).token) as other:
    ...     other.run(run.id).name
    'ResNet-8 A'
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._connection = Connection(url, token)
        self.studies = Studies(self._connection)
        self.examinations = Examinations(self._connection)
        self.imports = Imports(self._connection)
        self.curves = Curves(self._connection)
        self.starts = Starts(self._connection)
        self.retention = Retention(self._connection)

    @classmethod
    def of(cls, home: Path) -> Self:
        """The service that RESLAB_URL and RESLAB_TOKEN name; without the URL, the local one of `home`.

        Raises NotUpError.

        >>> with Client.of(home) as other:
        ...     other.url == client.url
        True
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
        """Queue a run. A second call with the same idempotency `key` returns the first call's run.

        >>> spec = {"depth": 8, "shortcut": "A", "dataset": "synthetic"}
        >>> queued = client.submit(spec, key="my-first", queue="gpu")
        >>> client.submit(spec, key="my-first", queue="gpu").id == queued.id
        True
        >>> client.cancel(queued.id).status
        'cancelled'
        """
        return self._connection.post(Run, "/runs", {"spec": spec, **options}, key=key)

    def plan(self, spec: Spec) -> RunPlan | DetectionRunPlan:
        """What a run would take: parameters, multiply-adds, memory, predicted time, findings. Queues nothing.

        >>> client.plan({"depth": 20, "shortcut": "A", "dataset": "cifar10"}).weighted_layers
        20
        """
        if spec.get("task") == "detection":
            return self._connection.post(DetectionRunPlan, "/runs/plan", {"spec": spec})
        return self._connection.post(RunPlan, "/runs/plan", {"spec": spec})

    def run(self, run_id: str) -> Run:
        """One run, as it is now.

        >>> client.run(run.id).status
        'succeeded'
        """
        return self._connection.get(Run, f"/runs/{run_id}")

    def runs(self, **filters: Unpack[RunFilters]) -> Iterator[Run]:
        """The runs that pass all filters, newest first unless `sort` says otherwise.

        >>> next(client.runs(status="succeeded", where="iterations <= 4")).spec.dataset
        'synthetic'
        """
        parameters: dict[str, object] = {name: value for name, value in filters.items() if value is not None}
        while True:
            page = self._connection.get(RunPage, "/runs", **parameters)
            yield from page.items
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor

    def find(self, prefix: str) -> str:
        """The id of the run whose id begins with `prefix`; `last` means the newest run. Raises ApiError.

        >>> client.find(run.id[:20]) == run.id
        True
        """
        if len(prefix) == _ID_LENGTH:
            return prefix
        if prefix == "last":
            runs = self._connection.get(RunPage, "/runs", limit=1).items
        else:
            listed = [*self.runs(text=prefix), *self.runs(text=prefix, archived=True)]
            runs = [run for run in listed if run.id.startswith(prefix)]
        return only_match([run.id for run in runs], prefix, "runs")

    def verdict(self, run_id: str) -> RunVerdict:
        """The run beside each number that the paper prints for its network; an import with its lab's other seeds.

        >>> [cell.verdict for cell in client.verdict(run.id).cells]
        []
        """
        return self._connection.get(RunVerdict, f"/runs/{run_id}/verdict")

    def findings(self, run_id: str) -> Findings:
        """Where the run departs from the paper's protocol, in its specification and, once it has ended, its result.

        >>> "dataset" in [finding.field for finding in client.findings(run.id).items]
        True
        """
        return self._connection.get(Findings, f"/runs/{run_id}/findings")

    def cancel(self, run_id: str) -> Run:
        """Cancel a run. A running one saves a checkpoint first. Safe to repeat.

        >>> client.cancel(client.submit(spec, queue="gpu").id).status
        'cancelled'
        """
        return self._connection.post(Run, f"/runs/{run_id}/cancel")

    def pause(self, run_id: str) -> Run:
        """Pause a run. A running one saves a checkpoint first. Safe to repeat.

        >>> paused = client.pause(client.submit(spec, queue="gpu").id)
        >>> paused.status, client.cancel(paused.id).status
        ('paused', 'cancelled')
        """
        return self._connection.post(Run, f"/runs/{run_id}/pause")

    def resume(self, run_id: str) -> Run:
        """Put a paused run back into the queue; it continues from its last checkpoint. Safe to repeat.

        >>> paused = client.pause(client.submit(spec, queue="gpu").id)
        >>> client.resume(paused.id).status, client.cancel(paused.id).status
        ('queued', 'cancelled')
        """
        return self._connection.post(Run, f"/runs/{run_id}/resume")

    def archive(self, run_id: str, *, undo: bool = False) -> Run:
        """Leave a run that has ended out of the lists, or bring it back. Safe to repeat.

        >>> client.archive(run.id).archived_at is None, client.archive(run.id, undo=True).archived_at is None
        (False, True)
        """
        return self._connection.ask(Run, "PATCH", f"/runs/{run_id}", json={"archived": not undo})

    def retry(self, run_id: str, key: str | None = None) -> Run:
        """Queue a new run with the same specification, from scratch.

        >>> ended = client.cancel(client.submit(spec, queue="gpu").id)
        >>> again = client.retry(ended.id)
        >>> again.parent_id == ended.id, client.cancel(again.id).status
        (True, 'cancelled')
        """
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
        """Queue a new run that continues from this run's checkpoint at `iteration` (default: the last one).

        >>> client.fork(run.id, {"iterations": 6}, iteration=3)
        Traceback (most recent call last):
        reslab.client.connection.ApiError: This run has no checkpoint at iteration 3....
        """
        body = {"spec": changes, "iteration": iteration, "name": name}
        return self._connection.post(Run, f"/runs/{run_id}/fork", body, key=key)

    def delete(self, run_id: str) -> None:
        """Delete a run with its rows and files.

        >>> client.delete(client.cancel(client.submit(spec, queue="gpu").id).id)
        """
        self._connection.send("DELETE", f"/runs/{run_id}")

    def events(self, run_id: str, after: int = 0) -> Iterator[Event]:
        """Every event after number `after`, past and future, exactly once, until the run has ended.

        Reconnects when the connection breaks. Raises httpx.TransportError if the service stays away for a minute.

        >>> [event.kind for event in client.events(run.id)][-1]
        'succeeded'
        """
        return events.follow(self._connection, run_id, after)

    def log(self, run_id: str, lines: int = 100) -> list[str]:
        """The last lines that the trainer logged.

        >>> len(client.log(run.id, lines=1)) <= 1
        True
        """
        return [line.text for line in self._connection.get(Log, f"/runs/{run_id}/log", tail=lines).lines]

    def weights(self, run_id: str, file: Path, at: str = "last", file_format: str = "safetensors") -> str:
        """Download the weights to `file`, whole or not at all, and return their SHA-256, which has been checked.

        `at` is last, best or an iteration. Raises OSError if the weights arrive damaged.

        >>> len(client.weights(run.id, Path("weights.safetensors")))
        64
        """
        return weights.download(self._connection, run_id, file, at, file_format)

    def pool(self, runs: Sequence[str], results: Sequence[Spec] = (), network: str | None = None) -> Pool:
        """Several labs' results on one network as one: imports, own runs, and `results` read elsewhere.

        Raises ApiError with the reason if they are not of one network, protocol and data set.

        >>> client.pool([run.id])
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.post(Pool, "/pools", {"runs": runs, "results": results, "network": network})

    # Workers and the queue

    def workers(self) -> list[Worker]:
        """The workers, and what each of them trains.

        >>> client.workers()[0].name
        'worker-1'
        """
        return self._connection.get(Workers, "/workers").items

    def drain(self, worker_id: str) -> Worker:
        """Ask a worker to save a checkpoint, return its run to the queue, and leave.

        >>> client.drain("00000000-0000-0000-0000-000000000000")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.post(Worker, f"/workers/{worker_id}/drain")

    def queue(self) -> QueueState:
        """The waiting runs in order, each with what it waits for and when it may start.

        >>> queued = client.submit(spec, queue="gpu")
        >>> [entry.waits_for for entry in client.queue().waiting if entry.run == queued.id]
        ['no gpu worker is running']
        >>> client.cancel(queued.id).status
        'cancelled'
        """
        return self._connection.get(QueueState, "/queue")

    # Data sets and keys

    def datasets(self) -> list[Dataset]:
        """The data sets of this service.

        >>> {"digits", "synthetic"} <= {dataset.name for dataset in client.datasets()}
        True
        """
        return self._connection.get(Datasets, "/datasets").items

    def register(self, name: str, archive: Path) -> Dataset:
        """Register your own data set from a zip or tar archive. Raises ApiError with the entry that was refused.

        >>> _ = Path("none.zip").write_bytes(b"")
        >>> client.register("none", Path("none.zip"))
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        with archive.open("rb") as content:
            files = {"archive": (archive.name, content, "application/octet-stream")}
            return self._connection.ask(Dataset, "POST", "/datasets", data={"name": name}, files=files)

    def api_keys(self) -> list[Key]:
        """The keys, without their tokens.

        >>> client.api_keys()[0].scopes
        ['read', 'write', 'admin']
        """
        return self._connection.get(Keys, "/keys").items

    def create_key(self, name: str, scopes: Sequence[str], **options: Unpack[KeyOptions]) -> NewKey:
        """The new key; its `token` is in this answer only, and can't be read again.

        >>> key = client.create_key("a colleague", ["read"])
        >>> key.token.startswith("rsl_"), client.revoke_key(key.id)
        (True, None)
        """
        return self._connection.post(NewKey, "/keys", {"name": name, "scopes": list(scopes), **options})

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key and close its sessions. This can't be undone.

        >>> client.revoke_key(client.create_key("for a minute", ["read"]).id)
        """
        self._connection.send("DELETE", f"/keys/{key_id}")
