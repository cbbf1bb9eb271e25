"""An object store that can't be reached: every call fails with a message, within the time that a caller can wait."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from obstore.exceptions import BaseError

from store.db.objects import Objects


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Accepts connections and never answers, like a frozen server or a dropped route."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def restarting_server() -> Iterator[str]:
    """Answers 503 three times, like a server that is starting, and then with an empty list."""
    answers = iter([503, 503, 503])

    class Restarting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(answers, 200))
            self.end_headers()
            self.wfile.write(b"<ListBucketResult></ListBucketResult>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Restarting) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.mark.usefixtures("credentials")
def test_a_refused_connection_fails_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    started = time.monotonic()
    with pytest.raises(BaseError, match="error sending request"):
        Objects("s3://reslab/lab").check()
    assert time.monotonic() - started < 10


@pytest.mark.usefixtures("credentials")
def test_a_server_that_never_answers_times_out(silent_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", silent_server)
    started = time.monotonic()
    with pytest.raises(BaseError, match="error sending request"):
        Objects("s3://reslab/lab", timeout_s=0.5, patience_s=0).check()
    assert time.monotonic() - started < 5


@pytest.mark.usefixtures("credentials")
def test_an_outage_shorter_than_the_patience_is_only_a_delay(
    restarting_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", restarting_server)
    with pytest.raises(BaseError, match="503"):
        Objects("s3://reslab/lab", patience_s=0).check()
    Objects("s3://reslab/lab", patience_s=60).check()


def test_a_folder_that_cannot_be_created_fails_immediately(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Objects(f"file://{tmp_path}/file/objects")
