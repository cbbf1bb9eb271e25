"""Imports of results that were made elsewhere, as `client.imports`."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from reslab.client.answer import Answer
from reslab.client.connection import Connection
from reslab.client.schema import ImportPlan, Run

A = TypeVar("A", bound=Answer)
Declared = Mapping[str, Any]  # Any: JSON, as `ImportCreate` of the API describes it


class Imports:
    """Each method sends the file and what is declared of it. A field that `spec` leaves out is unknown, not kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, file: Path, declared: Declared) -> Run:
        """Store the result as a run that has ended. Safe to repeat. Raises OSError for a file that can't be read."""
        return self._send(Run, "/imports", file, declared)

    def plan(self, file: Path, declared: Declared) -> ImportPlan:
        """What was understood, and the findings; stores nothing. Raises OSError for a file that can't be read."""
        return self._send(ImportPlan, "/imports/plan", file, declared)

    def _send(self, answer: type[A], path: str, file: Path, declared: Declared) -> A:
        with ExitStack() as opened:
            content = opened.enter_context(file.open("rb"))
            files = {"file": (file.name, content, "application/octet-stream")}
            return self._connection.ask(answer, "POST", path, data={"declaration": json.dumps(declared)}, files=files)
