"""The examinations of finished weights, as `client.examinations`."""

import mimetypes
import time
from pathlib import Path
from typing import Unpack

from reslab.client.connection import Connection
from reslab.client.events import FINAL_STATES
from reslab.client.requests import EvaluationOptions
from reslab.client.schema import Examination
from reslab.client.schema import Examinations as ExaminationList

_POLL_S = 0.5


class Examinations:
    """Each method is one call of the API. A worker does the examination: `wait` returns it with its result.

    >>> client.examinations.of(run.id) == client.examinations.of(run.id)
    True
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, run_id: str, kind: str = "evaluate", **options: Unpack[EvaluationOptions]) -> Examination:
        """Measure a run's test error, or the standard deviation of each 3×3 layer's output (`responses`, Fig. 7).

        >>> client.examinations.create(run.id, views="ten-crop")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.post(Examination, f"/runs/{run_id}/examinations", {"kind": kind, **options})

    def predict(self, run_id: str, picture: Path) -> Examination:
        """Find the five likeliest classes of a picture.

        >>> _ = Path("black.pgm").write_bytes(b"P5 32 32 255 " + bytes(1024))
        >>> client.examinations.wait(client.examinations.predict(run.id, Path("black.pgm")).id).status
        'succeeded'
        """
        media_type = mimetypes.guess_type(picture.name)[0] or "image/*"
        content, headers = picture.read_bytes(), {"Content-Type": media_type}
        return self._connection.ask(
            Examination, "POST", f"/runs/{run_id}/predictions", content=content, headers=headers
        )

    def get(self, examination_id: str) -> Examination:
        """The examination, with its `result` once it has succeeded.

        >>> client.examinations.get("00000000-0000-0000-0000-000000000000")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        return self._connection.get(Examination, f"/examinations/{examination_id}")

    def of(self, run_id: str) -> list[Examination]:
        """A run's examinations, ensembles included, newest first and without their results.

        >>> isinstance(client.examinations.of(run.id), list)
        True
        """
        return self._connection.get(ExaminationList, f"/runs/{run_id}/examinations").items

    def wait(self, examination_id: str) -> Examination:
        """The examination once it has ended. Waits as long as that takes.

        >>> client.examinations.wait("00000000-0000-0000-0000-000000000000")
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        while (examination := self.get(examination_id)).status not in FINAL_STATES:
            time.sleep(_POLL_S)
        return examination
