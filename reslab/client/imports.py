"""Imports of results that were made elsewhere, as `client.imports`."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from reslab.client.answer import Answer
from reslab.client.connection import Connection
from reslab.client.schema import ImportPlan, Run

A = TypeVar("A", bound=Answer)
Declared = Mapping[str, Any]  # Any: JSON, as `ImportCreate` of the API describes it


class Imports:
    """Each method sends the file and what is declared of it. A field that `spec` leaves out is unknown, not kept.

    >>> client.imports.plan(Path("nothing.csv"), {"spec": {}})
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'nothing.csv'
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, file: Path | Sequence[Path], declared: Declared, weights: Path | None = None) -> Run:
        """Store the result as a run that has ended, with its weights (safetensors). Safe to repeat. Raises OSError.

        Several files are the TensorBoard event files of one training.

        >>> file = Path("theirs.csv")
        >>> _ = file.write_text("iteration,test_error" + chr(10) + "64000,7.1" + chr(10))
        >>> declared = {"spec": {"depth": 56, "shortcut": "A", "dataset": "cifar10"}, "lab": "theirs"}
        >>> client.imports.create(file, declared).last.test_error
        7.1
        """
        return self._send(Run, "/imports", file, declared, weights)

    def plan(self, file: Path | Sequence[Path], declared: Declared) -> ImportPlan:
        """What was understood, and the findings; stores nothing. Raises OSError for a file that can't be read.

        >>> file = Path("theirs.csv")
        >>> _ = file.write_text("iteration,test_error" + chr(10) + "64000,7.1" + chr(10))
        >>> declared = {"spec": {"depth": 56, "shortcut": "A", "dataset": "cifar10"}, "lab": "theirs"}
        >>> "seed" in client.imports.plan(file, declared).unknown
        True
        """
        return self._send(ImportPlan, "/imports/plan", file, declared)

    def _send(
        self,
        answer: type[A],
        address: str,
        file: Path | Sequence[Path],
        declared: Declared,
        weights: Path | None = None,
    ) -> A:
        with ExitStack() as opened:
            sent = [("file", path) for path in ([file] if isinstance(file, Path) else file)]
            sent += [("weights", weights)] if weights else []
            files = [
                (part, (path.name, opened.enter_context(path.open("rb")), "application/octet-stream"))
                for part, path in sent
            ]
            return self._connection.ask(
                answer, "POST", address, data={"declaration": json.dumps(declared)}, files=files
            )
