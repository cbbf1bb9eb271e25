"""The Python client: the HTTP API as methods that return typed answers. The `reslab` command is made of it.

    from reslab.client import Client

    with Client.of(Path(".reslab")) as client:
        run = client.run(client.find("last"))
        print(run.name, run.last.test_error)

`reslab.client.schema` holds the answers' types; `/docs` of a running service says what each field means.
"""

from reslab.client.client import Client
from reslab.client.connection import ApiError, NotUpError, UnexpectedAnswerError

__all__ = ["ApiError", "Client", "NotUpError", "UnexpectedAnswerError"]
