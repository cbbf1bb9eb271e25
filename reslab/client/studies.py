"""The studies, as `client.studies`: `client.studies.create("figure-1", seeds=2, scale=0.005)`."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

from reslab.client.connection import Connection
from reslab.client.lookup import only_match
from reslab.client.requests import StudyOptions
from reslab.client.schema import (
    SeedsAdded,
    SignedRegistration,
    Study,
    StudyPage,
    StudyPlan,
    StudyProgress,
    StudySummary,
)

_POLL_S = 2.0


class Studies:
    """Each method is one call of the API.

    >>> client.studies.get(client.studies.find(study.id)).status
    'ended'
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, recipe: str, **options: Unpack[StudyOptions]) -> StudyPlan:
        """What a study would take and decide: runs, device-hours, seeds. Queues nothing.

        >>> client.studies.plan("table-6", seeds=3).runs > 3
        True
        """
        body = {"recipe": recipe, **options}
        return self._connection.ask(StudyPlan, "POST", "/studies", json=body, params={"dry_run": "true"})

    def create(self, recipe: str, key: str | None = None, **options: Unpack[StudyOptions]) -> StudySummary:
        """Create a study and queue its runs. A second call with the same idempotency `key` returns the first's.

        >>> client.studies.create("figure-1", scale=2)
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.post(StudySummary, "/studies", {"recipe": recipe, **options}, key=key)

    def get(self, study_id: str) -> Study:
        """The study with its table, verdicts and claims as they are now.

        >>> client.studies.get(study.id).recipe
        'figure-1'
        """
        return self._connection.get(Study, f"/studies/{study_id}")

    def list(self) -> Iterator[StudySummary]:
        """The studies, newest first.

        >>> study.id in [other.id for other in client.studies.list()]
        True
        """
        parameters: dict[str, object] = {}
        while True:
            page = self._connection.get(StudyPage, "/studies", **parameters)
            yield from page.items
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor

    def find(self, prefix: str) -> str:
        """The id of the study whose id begins with `prefix`; `last` means the newest study. Raises ApiError.

        >>> client.studies.find(study.id[:20]) == study.id
        True
        """
        ids = [study.id for study in self.list()]
        matches = ids[:1] if prefix == "last" else [study_id for study_id in ids if study_id.startswith(prefix)]
        return only_match(matches, prefix, "studies")

    def pause(self, study_id: str) -> StudySummary:
        """Pause every run of a study that has not ended.

        >>> queued = client.studies.create("figure-1", networks=["plain-20"], dataset="synthetic", queue="gpu")
        >>> client.studies.pause(queued.id).status, client.studies.cancel(queued.id).status
        ('paused', 'ended')
        """
        return self._connection.post(StudySummary, f"/studies/{study_id}/pause")

    def resume(self, study_id: str) -> StudySummary:
        """Put a study's paused runs back into the queue.

        >>> queued = client.studies.create("figure-1", networks=["plain-20"], dataset="synthetic", queue="gpu")
        >>> _ = client.studies.pause(queued.id)
        >>> client.studies.resume(queued.id).status, client.studies.cancel(queued.id).status
        ('queued', 'ended')
        """
        return self._connection.post(StudySummary, f"/studies/{study_id}/resume")

    def cancel(self, study_id: str) -> StudySummary:
        """Cancel every run of a study that has not ended.

        >>> queued = client.studies.create("figure-1", networks=["plain-20"], dataset="synthetic", queue="gpu")
        >>> client.studies.cancel(queued.id).status
        'ended'
        """
        return self._connection.post(StudySummary, f"/studies/{study_id}/cancel")

    def add_seeds(self, study_id: str, add: int | None = None, budget: int | None = None) -> SeedsAdded:
        """Add `add` seeds to each network, or as many as the planner expects to need within the budget.

        >>> client.studies.add_seeds("00000000-0000-0000-0000-000000000000")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.post(SeedsAdded, f"/studies/{study_id}/seeds", {"add": add, "budget": budget})

    def delete(self, study_id: str, *, with_runs: bool = False) -> None:
        """Delete a study that has ended, and its runs too if you say so.

        >>> queued = client.studies.create("figure-1", networks=["plain-20"], dataset="synthetic", queue="gpu")
        >>> _ = client.studies.cancel(queued.id)
        >>> client.studies.delete(queued.id, with_runs=True)
        """
        self._connection.send("DELETE", f"/studies/{study_id}", params={"runs": with_runs})

    def watch(self, study_id: str) -> Iterator[Study]:
        """The study each time its progress has changed, until it has ended.

        >>> [other.status for other in client.studies.watch(study.id)]
        ['ended']
        """
        progress: StudyProgress | None = None
        while True:
            study = self.get(study_id)
            if study.progress != progress:
                progress = study.progress
                yield study
            if study.status == "ended":
                return
            time.sleep(_POLL_S)

    def table(self, study_id: str, form: str = "md") -> str:
        """The table beside the paper's. `form` is csv, md or tex.

        >>> r"\\begin{tabular}" in client.studies.table(study.id, "tex")
        True
        """
        return self._connection.send("GET", f"/studies/{study_id}/table.{form}").text

    def figure(self, study_id: str, form: str) -> bytes:
        """The study's curves as svg, pdf or png, in the form of Fig. 6.

        >>> client.studies.figure(study.id, "pdf")[:4]
        b'%PDF'
        """
        return self._connection.send("GET", f"/studies/{study_id}/figure.{form}").content

    def registration(self, study_id: str) -> SignedRegistration:
        """What the study was registered with before its first run, signed. It stays when the study is deleted.

        >>> client.studies.registration(study.id)
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.get(SignedRegistration, f"/studies/{study_id}/registration")

    def certificate(
        self, study_id: str, file: Path, *, with_weights: bool = False, with_checkpoints: bool = False
    ) -> None:
        """Download the signed certificate of a study that has ended; `reslab verify` checks it.

        With checkpoints, `reslab audit` can train any part of its runs again.

        >>> client.studies.certificate(study.id, Path("certificate.zip"))
        >>> Path("certificate.zip").exists()
        True
        """
        params = {"weights": with_weights, "checkpoints": with_checkpoints}
        answer = self._connection.send("GET", f"/studies/{study_id}/certificate", params=params)
        file.write_bytes(answer.content)
