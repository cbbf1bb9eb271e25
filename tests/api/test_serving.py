"""`python -m api` as a process: it answers, and Ctrl-C ends it at once even with open streams."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from httpx_sse import connect_sse

from reslab.stack.home import free_port
from store.db.settings import Settings
from tests.api.conftest import SPEC, bearer, until
from tests.api.sse import messages_of

pytestmark = pytest.mark.usefixtures("warm")


@contextmanager
def process(settings: Settings, port: int | None = None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    environment = os.environ | {
        "RESLAB_DATABASE_URL": settings.database_url,
        "RESLAB_STORAGE_URL": settings.storage_url,
    }
    port = port or free_port()
    command = [sys.executable, "-m", "api", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as child:
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _answers(url))
            yield child, url
        finally:
            child.kill()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_open_streams_and_the_process_at_once(
    settings: Settings, make_key: Callable[..., str], stop: signal.Signals
) -> None:
    token = make_key()
    with process(settings) as (child, url), httpx.Client(base_url=url, headers=bearer(token)) as client:
        run = client.post("/api/v1/runs", json={"spec": SPEC}).json()
        with connect_sse(client, "GET", f"/api/v1/runs/{run['id']}/events") as source:
            messages = messages_of(source)
            assert next(messages).event == "created"
            child.send_signal(stop)
            assert list(messages) == []  # ended as a stream ends, not cut
        log = child.stderr.read().decode() if child.stderr else ""
        assert child.wait(3) in (0, -stop), log
    assert '"path": "/api/v1/runs"' in log
    assert "Traceback" not in log


def test_the_log_contains_no_token(settings: Settings, make_key: Callable[..., str]) -> None:
    token = make_key()
    with process(settings) as (child, url):
        assert httpx.post(f"{url}/api/v1/session", headers=bearer(token)).status_code == 201
        assert httpx.get(f"{url}/api/v1/runs", headers=bearer(token)).status_code == 200
        child.send_signal(signal.SIGTERM)
        log = child.stderr.read().decode() if child.stderr else ""
    assert "/api/v1/session" in log
    assert token not in log


def test_a_stream_with_requests_sent_ahead_ends_when_its_client_is_gone(
    settings: Settings, make_key: Callable[..., str]
) -> None:
    """The stream never learned of it, and its last write was a traceback."""
    with process(settings) as (child, url):
        host, _, port = url.removeprefix("http://").partition(":")
        head = f"Host: {host}:{port}\r\nAuthorization: Bearer {make_key()}\r\n"
        with socket.create_connection((host, int(port)), timeout=30) as client:
            client.sendall(f"GET /api/v1/events HTTP/1.1\r\n{head}Accept: text/event-stream\r\n\r\n".encode())
            client.sendall(f"GET /healthz HTTP/1.1\r\n{head}\r\n".encode() * 3)
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        assert httpx.get(f"{url}/healthz").status_code == 200  # by now the server has seen the end of the connection
        child.send_signal(signal.SIGTERM)
        log = child.stderr.read().decode() if child.stderr else ""
    assert '"path": "/api/v1/events"' in log
    assert "Traceback" not in log
