"""A customer: submits with idempotency keys until it gets an answer, cancels, pauses, resumes, and records every
answer."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import httpx

from tests.faults.progress import Progress
from tests.faults.snapshot import Call
from tests.faults.stack import RUN, SPEC, Stack

# The most open runs: enough to keep the workers busy, few enough to end soon after the faults.
_OPEN = 6
_TIMEOUT_S = 3.0
_PATIENCE_S = (0.1, 1.0)
# Generous, because the machine may be busy. Only reached if a request is never answered.
_LIMIT_S = 300.0


class Customer:
    """A thread. `calls` are its requests and the answers, complete after the `with`."""

    def __init__(self, stack: Stack, progress: Progress, number: int, seed: int) -> None:
        self._progress, self._number = progress, number
        self._random = random.Random(f"{seed} {number}")  # noqa: S311 (reproducible, not secret)
        headers = {"Authorization": f"Bearer {stack.token}"}
        self._http = httpx.Client(base_url=f"{stack.client.url}/api/v1", headers=headers, timeout=_TIMEOUT_S)
        self._leaving = threading.Event()
        self._thread = ThreadPoolExecutor(1, f"customer {number}")
        self._accepted: list[str] = []
        self._began = time.monotonic()
        self.calls: list[Call] = []

    def __enter__(self) -> Self:
        self._session = self._thread.submit(self._work)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Waits until its last submission is answered and its paused runs are resumed. Raises TimeoutError."""
        self._leaving.set()
        try:
            self._session.result(_LIMIT_S)
        finally:
            self._thread.shutdown(wait=False)
            self._http.close()

    def _work(self) -> None:
        number = 0
        while not self._leaving.is_set():
            if self._progress.open < _OPEN:
                number += 1
                self._submit(number)
            if self._accepted and self._random.random() < 0.4:
                verb = self._random.choice(("cancel", "pause", "resume"))
                self._move(verb, self._random.choice(self._accepted[-4:]))
            self._leaving.wait(self._random.uniform(*_PATIENCE_S))
        for run_id in {call.run_id for call in self.calls if call.verb == "pause" and call.run_id}:
            while not self._move("resume", run_id).settled:
                time.sleep(self._random.uniform(*_PATIENCE_S))

    def _submit(self, number: int) -> None:
        """Repeats the request until it is answered, also after the faults; body and key are the same each time."""
        iterations = self._random.choice((20, 100, 300, 800))
        spec = SPEC | RUN | {"seed": 1000 * self._number + number, "iterations": iterations, "checkpoint_every": 50}
        key = f"customer {self._number}, order {number}"
        while not (call := self._post("submit", "/runs", key, spec=spec)).settled:
            time.sleep(self._random.uniform(*_PATIENCE_S))
        if call.run_id:
            self._accepted.append(call.run_id)

    def _move(self, verb: str, run_id: str) -> Call:
        return self._post(verb, f"/runs/{run_id}/{verb}", run_id=run_id)

    def _post(self, verb: str, path: str, key: str | None = None, run_id: str | None = None, **body: Any) -> Call:
        at_s = time.monotonic() - self._began
        headers = {"Idempotency-Key": key} if key else {}
        try:
            answer = self._http.post(path, json=body or None, headers=headers)
        except httpx.TransportError:
            call = Call(verb, None, run_id, key, at_s)
        else:
            new_id = answer.json()["id"] if answer.is_success else None
            call = Call(verb, answer.status_code, run_id or new_id, key, at_s)
        self.calls.append(call)
        return call
