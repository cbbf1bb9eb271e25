"""The connection to one service: sends requests, returns typed answers, raises errors that say what is wrong."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from reslab.client.answer import Answer

A = TypeVar("A", bound=Answer)
_PREFIX = "/api/v1"


class ApiError(Exception):
    """The service refused a request. The message is the service's own; `status` is the HTTP status.

    >>> try:
    ...     client.run("00000000-0000-0000-0000-000000000000")
    ... except ApiError as error:
    ...     error.status
    404
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NotUpError(Exception):
    """No service is running where one was expected.

    >>> Client.of(Path("nowhere"))
    Traceback (most recent call last):
    reslab.client.connection.NotUpError: No service is running in nowhere. ...
    """


class UnexpectedAnswerError(Exception):
    """The service's answer lacks something that this client relies on: their versions differ too much.

    >>> str(UnexpectedAnswerError("Install the version of reslab that the service runs."))
    'Install the version of reslab that the service runs.'
    """


class Connection:
    """Raises ApiError, UnexpectedAnswerError, or httpx.TransportError if the service doesn't answer."""

    def __init__(self, url: str, token: str) -> None:
        # A checkpoint or an archive may take long between two packets of a busy disk.
        timeout = httpx.Timeout(60, connect=5)
        headers = {"Authorization": f"Bearer {token}"}
        # A proxy for the internet must not get the requests to this machine, whatever no_proxy says.
        is_here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
        self.http = httpx.Client(base_url=url + _PREFIX, headers=headers, timeout=timeout, trust_env=not is_here)

    def get(self, answer: type[A], path: str, **parameters: object) -> A:
        return self.ask(answer, "GET", path, params=parameters)

    def post(self, answer: type[A], path: str, body: object = None, *, key: str | None = None) -> A:
        """`key` is an idempotency key: the service answers a repeated request with what the first one created."""
        return self.ask(answer, "POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    def ask(self, answer: type[A], method: str, path: str, **request: Any) -> A:  # Any: httpx's own keywords
        response = self.send(method, path, **request)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            mismatch = error.errors()[0]
            field = ".".join(str(part) for part in mismatch["loc"])
            raise UnexpectedAnswerError(
                f"The service's answer to {method} {path} can't be read: {field}: {mismatch['msg']}. "
                "Install the version of reslab that the service runs."
            ) from error

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:  # Any: httpx's own keywords
        response = self.http.request(method, path, **request)
        check(response)
        return response


def check(response: httpx.Response) -> None:
    """Raise ApiError if the service refused the request."""
    if not response.is_error:
        return
    response.read()
    try:
        problem: Mapping[str, Any] = response.json()  # Any: RFC 9457, or whatever a proxy in between says
        fields = [error for error in problem["errors"] if error["message"] not in problem["detail"]]
        lines = [problem["detail"], *(f"  {error['field']}: {error['message']}" for error in fields)]
    except (ValueError, KeyError, TypeError):
        lines = [f"The service answered {response.status_code} {response.reason_phrase}."]
    raise ApiError(response.status_code, "\n".join(lines))
