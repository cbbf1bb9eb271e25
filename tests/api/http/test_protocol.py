"""The limits of a connection, by clients that keep it open and send little, on a server with short ones."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from socket import create_connection, create_server, socket

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.http.protocol import ConnectionLimits, protocol
from tests.api.conftest import until

HEADER_S, BODY_S = 0.3, 0.6


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    size = len(await Request(scope, receive).body())
    await PlainTextResponse(f"{size} bytes")(scope, receive, send)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    limits = ConnectionLimits(connections=3, header_s=HEADER_S, body_s=BODY_S, head_bytes=1000)
    config = uvicorn.Config(_echo, http=protocol(limits), lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    with create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        until(lambda: server.started)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def _answer(client: socket) -> bytes:
    """All that comes until the server closes the connection."""
    client.settimeout(60)
    parts = []
    while part := client.recv(4096):
        parts.append(part)
    return b"".join(parts)


def test_a_client_that_sends_nothing_is_cut_off(address: tuple[str, int]) -> None:
    with create_connection(address) as client:
        assert _answer(client).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_never_ends_is_cut_off(address: tuple[str, int]) -> None:
    with create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        assert _answer(client).startswith(b"HTTP/1.1 408 ")


def test_line_ends_instead_of_a_second_request_are_cut_off(address: tuple[str, int]) -> None:
    with create_connection(address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        client.sendall(b"\r\n")
        assert b"HTTP/1.1 408 " in _answer(client)


def test_a_body_that_stops_is_cut_off(address: tuple[str, int]) -> None:
    with create_connection(address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
        assert _answer(client).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_drips_is_cut_off(address: tuple[str, int]) -> None:
    with create_connection(address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        drops = 0
        with suppress(ConnectionError):
            while drops < 100:
                client.sendall(b"x")
                threading.Event().wait(BODY_S / 6)
                drops += 1
        assert drops < 90


def test_a_large_head_is_refused(address: tuple[str, int]) -> None:
    with create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 2000 + b"\r\n\r\n")
        assert _answer(client).startswith(b"HTTP/1.1 431 ")


def test_a_connection_too_many_is_refused_and_a_slow_upload_is_not(address: tuple[str, int]) -> None:
    with closing(create_connection(address)) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6000\r\n\r\n")
        with create_connection(address), create_connection(address), create_connection(address) as fourth:
            assert _answer(fourth).startswith(b"HTTP/1.1 503 ")
        for _ in range(6):
            slow.sendall(b"x" * 1000)
            threading.Event().wait(BODY_S / 4)
        assert _answer(slow).endswith(b"6000 bytes")


def test_requests_that_are_sent_together_are_answered_one_after_the_other(address: tuple[str, int]) -> None:
    """uvicorn ended such a connection with a traceback once."""
    posts = b"".join(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size for size in range(9)
    )
    with create_connection(address) as client:
        client.sendall(posts + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = _answer(client)
    assert answer.count(b"HTTP/1.1 200 ") == 10
    assert [answer.find(b"%d bytes" % size) > 0 for size in range(9)] == [True] * 9
    assert answer.endswith(b"0 bytes")
