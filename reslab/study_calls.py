"""The part of the Python client that is about studies: `client.studies.make("figure-1", seeds=2, scale=0.005)`."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]  # Any: parsed JSON, whose shape the API's schema describes
Answer = Callable[..., httpx.Response]
_LOOK_S = 2.0


class Studies:
    """Each method is one call of the API. `answer` is the client's own, which raises ApiError."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def plan(self, recipe: str, **wanted: object) -> Json:
        """What it comes to: runs, device-hours, what it decides. Queues nothing. `wanted` as for `make`."""
        return self._json("POST", "/studies", json={"recipe": recipe, **wanted}, params={"dry_run": "true"})

    def make(self, recipe: str, key: str | None = None, **wanted: object) -> Json:
        """A study, its runs queued. `wanted`: seeds, scale, dataset, name, budget, reuse, priority, queue."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._json("POST", "/studies", json={"recipe": recipe, **wanted}, headers=headers)

    def get(self, study_id: str) -> Json:
        """How it stands: the table that it fills, verdicts, claims."""
        return self._json("GET", f"/studies/{study_id}")

    def list(self) -> Iterator[Json]:
        """Newest first."""
        parameters: Json = {}
        while True:
            page = self._json("GET", "/studies", params=parameters)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            parameters = {"cursor": page["next_cursor"]}

    def find(self, wanted: str) -> str | None:
        """The id of the one study whose id begins with `wanted`; `last` is the newest; None where it is not one."""
        found = [study["id"] for study in self.list() if wanted == "last" or study["id"].startswith(wanted)]
        return found[0] if found and (wanted == "last" or len(found) == 1) else None

    def pause(self, study_id: str) -> Json:
        return self._json("POST", f"/studies/{study_id}/pause")

    def resume(self, study_id: str) -> Json:
        return self._json("POST", f"/studies/{study_id}/resume")

    def cancel(self, study_id: str) -> Json:
        return self._json("POST", f"/studies/{study_id}/cancel")

    def add_seeds(self, study_id: str, add: int | None = None, budget: int | None = None) -> Json:
        """So many seeds of each network, or as many as the planner asks for within the budget."""
        return self._json("POST", f"/studies/{study_id}/seeds", json={"add": add, "budget": budget})

    def delete(self, study_id: str, *, with_runs: bool = False) -> None:
        self._answer("DELETE", f"/studies/{study_id}", params={"runs": with_runs})

    def watch(self, study_id: str) -> Iterator[Json]:
        """The study whenever its progress has changed, until it has ended."""
        seen: Json = {}
        while True:
            study = self.get(study_id)
            if study["progress"] != seen:
                seen = study["progress"]
                yield study
            if study["status"] == "ended":
                return
            time.sleep(_LOOK_S)

    def table(self, study_id: str, form: str = "md") -> str:
        """`form`: csv, md or tex."""
        return self._answer("GET", f"/studies/{study_id}/table.{form}").text

    def certificate(self, study_id: str, file: Path, *, with_weights: bool = False) -> None:
        """Writes the signed bundle of a study that has ended; `reslab verify` checks it."""
        answer = self._answer("GET", f"/studies/{study_id}/certificate", params={"weights": with_weights})
        file.write_bytes(answer.content)

    def _json(self, method: str, path: str, **request: Any) -> Json:  # Any: httpx's own keywords
        answer: Json = self._answer(method, path, **request).json()
        return answer
