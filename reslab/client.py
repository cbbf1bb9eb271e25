"""The Python client: the HTTP API as methods. What the `reslab` command is made of, and what a notebook imports.

A run, a plan, a data set is the JSON object that the API answers; `docs` of the API say what is in it.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from httpx_sse import connect_sse

from reslab.examination_calls import Examinations
from reslab.study_calls import Studies

Json = dict[str, Any]  # Any: parsed JSON, whose shape the API's schema describes
ENDED = frozenset({"succeeded", "failed", "cancelled"})
_PREFIX = "/api/v1"
_RECONNECT_S = 1.0
_LONGEST_OUTAGE_S = 60.0


class ApiError(Exception):
    """The API refused; the message is its own, one line a field. `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NotUpError(Exception):
    """No service was found where one was expected."""


class Client:
    """Talks to one service. Raises ApiError, or httpx.TransportError where nobody answers."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        # A checkpoint or an archive may take long between two packets of a busy disk.
        timeout = httpx.Timeout(60, connect=5)
        self.studies = Studies(self._answer)
        self.examinations = Examinations(self._answer)
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)

    @classmethod
    def of(cls, home: Path) -> Self:
        """The service that RESLAB_URL and RESLAB_TOKEN name; without the URL, the local one of `home`.

        Raises NotUpError.
        """
        url, token = os.environ.get("RESLAB_URL"), os.environ.get("RESLAB_TOKEN")
        if url and token:
            return cls(url, token)
        if url:
            raise NotUpError("RESLAB_URL needs RESLAB_TOKEN, a key of the service that it names")
        try:
            state = json.loads((home / "state.json").read_text())
        except FileNotFoundError:
            raise NotUpError(
                f"no service runs in {home}: start one with `reslab up`, or name one with RESLAB_URL and RESLAB_TOKEN"
            ) from None
        return cls(state["url"], token or state["token"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    # Runs

    def submit(self, spec: Json, key: str | None = None, **around: object) -> Json:
        """A queued run. `around`: name, project, tags, notes, priority, queue. The same `key` gives the same run."""
        return self._json("POST", "/runs", json={"spec": spec, **around}, headers=_idempotency(key))

    def plan(self, spec: Json) -> Json:
        """What the spec asks for: parameters, multiply-adds, memory, predicted time, findings. Queues nothing."""
        return self._json("POST", "/runs/plan", json={"spec": spec})

    def run(self, run_id: str) -> Json:
        return self._json("GET", f"/runs/{run_id}")

    def runs(self, **filters: object) -> Iterator[Json]:
        """Newest first; `filters` as in `GET /runs`: status, depth, shortcut, dataset, tag, owner, text,
        where, sort."""
        parameters = {name: value for name, value in filters.items() if value is not None}
        while True:
            page = self._json("GET", "/runs", params=parameters)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            parameters["cursor"] = page["next_cursor"]

    def find(self, wanted: str) -> str:
        """The id of the one run whose id begins with `wanted`; `last` is the newest. Raises ApiError."""
        if len(wanted) == len("00000000-0000-0000-0000-000000000000"):
            return wanted
        if wanted == "last":
            found = list(self._json("GET", "/runs", params={"limit": 1})["items"])
        else:
            found = [run for run in self.runs(text=wanted) if run["id"].startswith(wanted)]
        if len(found) != 1:
            raise ApiError(404, f"{len(found)} runs have an id that begins with {wanted}; one was expected")
        return str(found[0]["id"])

    def cancel(self, run_id: str) -> Json:
        return self._json("POST", f"/runs/{run_id}/cancel")

    def pause(self, run_id: str) -> Json:
        return self._json("POST", f"/runs/{run_id}/pause")

    def resume(self, run_id: str) -> Json:
        return self._json("POST", f"/runs/{run_id}/resume")

    def retry(self, run_id: str, key: str | None = None) -> Json:
        """A new run with the same spec, from scratch."""
        return self._json("POST", f"/runs/{run_id}/retry", headers=_idempotency(key))

    def fork(self, run_id: str, changes: Json, key: str | None = None, **around: object) -> Json:
        """A new run that goes on from a checkpoint of this one with other `changes`. `around`: iteration, name."""
        body = {"spec": changes, **around}
        return self._json("POST", f"/runs/{run_id}/fork", json=body, headers=_idempotency(key))

    def delete(self, run_id: str) -> None:
        """Rows and files."""
        self._answer("DELETE", f"/runs/{run_id}")

    def events(self, run_id: str, after: int = 0) -> Iterator[Json]:
        """Every event after `after`, past and to come, each once, until the run has ended.

        A cut connection is taken up again where it was cut; a service that stays away for a minute is an error.
        """
        last, cut_at = after, time.monotonic()
        while True:
            try:
                for event in self._stream(run_id, last):
                    last, cut_at = event["seq"], time.monotonic()
                    yield event
                    if event["kind"] in ENDED:
                        return
                if self.run(run_id)["status"] in ENDED and not self._events_page(run_id, last):
                    return
            except httpx.TransportError:
                if time.monotonic() - cut_at > _LONGEST_OUTAGE_S:
                    raise
            time.sleep(_RECONNECT_S)

    def _stream(self, run_id: str, after: int) -> Iterator[Json]:
        headers = {"Last-Event-ID": str(after)}
        with connect_sse(self._http, "GET", f"{_PREFIX}/runs/{run_id}/events", headers=headers) as source:
            if source.response.is_error:
                source.response.read()
            _check(source.response)
            for message in source.iter_sse():
                if message.data:
                    yield json.loads(message.data)

    def _events_page(self, run_id: str, after: int) -> list[Json]:
        page = self._json("GET", f"/runs/{run_id}/events", params={"after": after})
        return list(page["items"])

    def log(self, run_id: str, lines: int = 100) -> list[str]:
        """The trainer's last lines."""
        return [line["text"] for line in self._json("GET", f"/runs/{run_id}/log", params={"tail": lines})["lines"]]

    def weights(self, run_id: str, file: Path, at: str = "last", file_format: str = "safetensors") -> str:
        """Write the weights to `file`, whole or not at all, and return their SHA-256, which has been checked.

        `at`: last, best or an iteration. Raises OSError where the hash is another than the API's.
        """
        parameters = {"at": at, "format": file_format}
        draft = file.with_name(f"{file.name}.part")
        digest = hashlib.sha256()
        with self._http.stream("GET", f"{_PREFIX}/runs/{run_id}/weights", params=parameters) as response:
            if response.is_error:
                response.read()
            _check(response)
            with draft.open("wb") as out:
                for chunk in response.iter_bytes():
                    digest.update(chunk)
                    out.write(chunk)
            expected = response.headers["ETag"].strip('"')
        if digest.hexdigest() != expected:
            draft.unlink()
            raise OSError(f"the weights arrived with SHA-256 {digest.hexdigest()} where {expected} was promised")
        draft.replace(file)
        return expected

    # Workers and the queue

    def workers(self) -> list[Json]:
        return list(self._json("GET", "/workers")["items"])

    def drain(self, worker_id: str) -> Json:
        """It gives its run back with a checkpoint, and leaves."""
        return self._json("POST", f"/workers/{worker_id}/drain")

    def queue(self) -> Json:
        """What waits, in order: `waiting`, each with its position, what it waits for, and when it may start."""
        return self._json("GET", "/queue")

    # Data sets and keys

    def datasets(self) -> list[Json]:
        return list(self._json("GET", "/datasets")["items"])

    def register(self, name: str, archive: Path) -> Json:
        """Your own data set, from a zip or tar archive. Raises ApiError with the entry that was refused."""
        with archive.open("rb") as content:
            files = {"archive": (archive.name, content, "application/octet-stream")}
            return self._json("POST", "/datasets", data={"name": name}, files=files)

    def all_keys(self) -> list[Json]:
        return list(self._json("GET", "/keys")["items"])

    def new_key(self, name: str, scopes: list[str]) -> Json:
        """Its `token` is in this answer and never again."""
        return self._json("POST", "/keys", json={"name": name, "scopes": scopes})

    def revoke(self, key_id: str) -> None:
        self._answer("DELETE", f"/keys/{key_id}")

    def _json(self, method: str, path: str, **request: Any) -> Json:  # Any: httpx's own keywords
        answer: Json = self._answer(method, path, **request).json()
        return answer

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:  # Any: httpx's own keywords
        response = self._http.request(method, _PREFIX + path, **request)
        _check(response)
        return response


def _idempotency(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def _check(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        problem: Mapping[str, Any] = response.json()  # Any: RFC 9457, or whatever a proxy in between says
        lines = [problem["detail"], *(f"  {error['field']}: {error['message']}" for error in problem["errors"])]
    except (ValueError, KeyError, TypeError):
        lines = [f"the service answered {response.status_code} {response.reason_phrase}"]
    raise ApiError(response.status_code, "\n".join(lines))
