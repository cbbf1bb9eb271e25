"""The Python client: the HTTP API as methods that return typed answers. The `reslab` command is made of it.

    from reslab.client import Client

    with Client.of(Path(".reslab")) as client:
        run = client.run(client.find("last"))
        print(run.name, run.last.test_error)

`reslab.client.schema` holds the answers' types; `/docs` of a running service says what each field means.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reslab.client.client import Client
    from reslab.client.connection import ApiError, NotUpError, UnexpectedAnswerError

__all__ = ["ApiError", "Client", "NotUpError", "UnexpectedAnswerError"]


def __getattr__(name: str) -> Any:  # Any: a class; the import above gives mypy its type
    # httpx and the answers' types take a third of a second, and `from reslab import Reslab` needs neither.
    if name in __all__:
        return getattr(import_module(f"reslab.client.{'client' if name == 'Client' else 'connection'}"), name)
    raise AttributeError(f"reslab.client has no {name}. It has {', '.join(__all__)}.")
