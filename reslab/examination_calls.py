"""The part of the Python client that asks of finished weights: `client.examinations.ask(run_id)`."""

import mimetypes
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]  # Any: parsed JSON, whose shape the API's schema describes
Answer = Callable[..., httpx.Response]
ENDED = frozenset({"succeeded", "failed", "cancelled"})
_LOOK_S = 0.5


class Examinations:
    """Each method is one call of the API. `answer` is the client's own, which raises ApiError."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def ask(self, run_id: str, kind: str = "evaluate", **asked: object) -> Json:
        """Its test errors, or with the kind `responses` how strongly each 3×3 layer answers (Fig. 7).

        `asked` of an evaluation: views, recompute_bn, together_with (ids of other runs: an ensemble).
        """
        return self._json("POST", f"/runs/{run_id}/examinations", json={"kind": kind, **asked})

    def predict(self, run_id: str, picture: Path) -> Json:
        """The five likeliest classes of a picture."""
        kind = mimetypes.guess_type(picture.name)[0] or "image/*"
        content = picture.read_bytes()
        return self._json("POST", f"/runs/{run_id}/predictions", content=content, headers={"Content-Type": kind})

    def get(self, examination_id: str) -> Json:
        """With its `result`, once it has succeeded."""
        return self._json("GET", f"/examinations/{examination_id}")

    def of(self, run_id: str) -> list[Json]:
        """Those of a run, alone or with others, newest first, without their results."""
        return list(self._json("GET", f"/runs/{run_id}/examinations")["items"])

    def wait(self, examination_id: str) -> Json:
        """As it ends, however long that takes."""
        while (found := self.get(examination_id))["status"] not in ENDED:
            time.sleep(_LOOK_S)
        return found

    def _json(self, method: str, path: str, **request: Any) -> Json:  # Any: httpx's own keywords
        answer: Json = self._answer(method, path, **request).json()
        return answer
