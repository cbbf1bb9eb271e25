"""Streams under stress: the API is killed, the client doesn't read, the key is revoked."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from fastapi import FastAPI
from httpx_sse import ServerSentEvent, connect_sse

from api.app import create_app
from api.events import routes as events
from store.db.database import Database, libpq
from store.db.settings import Settings
from store.people import keys
from tests.api import progress
from tests.api.conftest import SPEC, bearer, until
from tests.api.sse import messages_of
from tests.api.test_serving import process
from trainer.events import Warned

Post = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def app(settings: Settings, dist: Any) -> FastAPI:
    return create_app(settings.model_copy(update={"stream_check_s": 0.1}), dist)


@pytest.fixture(params=["/api/v1/runs/{id}/events", "/api/v1/events"])
def path(request: pytest.FixtureRequest, post: Post) -> str:
    return str(request.param).format(id=post()["id"])


def test_a_revoked_key_ends_its_streams_and_no_other(
    client: httpx.Client, anonymous: httpx.Client, app: FastAPI, path: str
) -> None:
    key = client.post("/api/v1/keys", json={"name": "ci", "scopes": ["read"]}).json()
    with (
        connect_sse(client, "GET", path) as mine,
        connect_sse(anonymous, "GET", path, headers=bearer(key["token"])) as theirs,
    ):
        messages = messages_of(theirs)
        next(messages)
        until(lambda: len(app.state.service.streams._open) == 2)
        client.delete(f"/api/v1/keys/{key['id']}")
        assert len(list(messages)) < 10  # ended properly, not cut
        rest = messages_of(mine)
        next(rest)
        assert len(app.state.service.streams._open) == 1
        assert mine.response.status_code == 200


def test_closing_a_session_ends_its_streams(anonymous: httpx.Client, token: str, path: str, database: Database) -> None:
    anonymous.post("/api/v1/session", headers=bearer(token))
    with connect_sse(anonymous, "GET", path) as source:
        messages = messages_of(source)
        next(messages)
        with database.transaction() as session:
            keys.close_session(session, *anonymous.cookies.values())
        assert len(list(messages)) < 5
    assert anonymous.get("/api/v1/session").status_code == 401


def test_a_disconnected_stream_is_removed(client: httpx.Client, app: FastAPI, path: str) -> None:
    with connect_sse(client, "GET", path) as source:
        messages = messages_of(source)  # a reference, because the garbage collector would close the connection
        next(messages)
        assert len(app.state.service.streams._open) == 1
    until(lambda: not app.state.service.streams._open and not app.state.service.feed._watchers)


def test_no_event_is_lost_or_repeated_when_the_api_is_killed(
    settings: Settings, make_key: Callable[..., str], database: Database
) -> None:
    token = make_key()
    with process(settings) as (child, url):
        port = int(url.rpartition(":")[2])
        run = httpx.post(f"{url}/api/v1/runs", json={"spec": SPEC}, headers=bearer(token)).json()
        claim = progress.claim(database)
        path = f"{url}/api/v1/runs/{run['id']}/events"
        with httpx.Client(headers=bearer(token)) as client, connect_sse(client, "GET", path) as source:
            messages = messages_of(source)
            own = [int(next(messages).id) for _ in range(2)]
            progress.tell(database, claim, 1, *(Warned(message=str(n)) for n in range(50)))
            own += [int(next(messages).id) for _ in range(20)]
            os.kill(child.pid, signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                own.extend(int(message.id) for message in messages)
    progress.tell(database, claim, 2, *(Warned(message=str(n)) for n in range(50)))
    resumed = bearer(token) | {"Last-Event-ID": str(own[-1])}
    with (
        process(settings, port),
        httpx.Client() as client,
        connect_sse(client, "GET", path, headers=resumed) as source,
    ):
        messages = messages_of(source)
        own += [int(next(messages).id) for _ in range(102 - len(own))]
    assert own == list(range(1, 103))


def test_news_continues_across_a_restart(settings: Settings, make_key: Callable[..., str], database: Database) -> None:
    headers = bearer(make_key())

    @contextmanager
    def resumed_stream(**resumed: str) -> Iterator[Iterator[ServerSentEvent]]:
        with process(settings) as (_, url), httpx.Client(headers=headers | resumed) as client:
            client.post(f"{url}/api/v1/runs", json={"spec": SPEC})
            with connect_sse(client, "GET", f"{url}/api/v1/events") as source:
                yield messages_of(source)

    with resumed_stream() as messages:
        position = next(messages).id
    claim = progress.claim(database)
    seqs: list[int] = []
    with resumed_stream(**{"Last-Event-ID": position}) as messages:
        progress.tell(database, claim, 1, progress.steps(1, 5))
        while len(seqs) < 2:
            page = json.loads(next(messages).data).get("events", [])
            seqs += [event["seq"] for event in page if event["run_id"] == str(claim.run.id)]
    assert seqs == [2, 3]


def test_a_cursor_ahead_of_its_run_is_told_to_read_again(client: httpx.Client, post: Post, database: Database) -> None:
    path = f"/api/v1/runs/{post()['id']}/events"
    with connect_sse(client, "GET", path, headers={"Last-Event-ID": "77"}) as source:
        messages = messages_of(source)
        first = next(messages)
        assert (first.event, first.id) == ("reread", "1")
        progress.claim(database)
        assert next(message for message in messages if message.data).id == "2"  # and not a heartbeat's comment


MESSAGE_BYTES = 4000


def write_events(settings: Settings, run_id: str, first: int, last: int) -> None:
    """Writes events as a worker does, in one transaction, but fast."""
    with psycopg.connect(libpq(settings.database_url)) as connection:
        connection.execute("UPDATE runs SET last_seq = %s WHERE id = %s", (last, run_id))
        connection.execute(
            "INSERT INTO events (run_id, seq, kind, actor, body) SELECT %s, seq, 'warned', 'test',"
            " jsonb_build_object('message', repeat('x', %s)) FROM generate_series(%s::int, %s::int) seq",
            (run_id, MESSAGE_BYTES, first, last),
        )
        connection.execute("SELECT pg_notify('reslab_run', %s)", (run_id,))


@contextmanager
def unread(url: str, path: str, token: str) -> Iterator[socket.socket]:
    """A client that sends a request and reads nothing, with a small receive buffer."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.settimeout(60)
        host, port = url.removeprefix("http://").split(":")
        reader.connect((host, int(port)))
        head = (
            f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        reader.sendall(head.encode())
        yield reader


def ids_and_kinds(reader: socket.socket) -> Iterator[tuple[int, str]]:
    seq = 0
    for line in reader.makefile("rb"):
        if line.startswith(b"id: "):
            seq = int(line[4:])
        elif line.startswith(b"event: "):
            yield seq, line[7:].decode().strip()


def settled_memory(process: psutil.Process) -> int:
    """Its bytes once it loads nothing more; on a busy machine the API still does after its first responses."""
    before, now = 0, process.memory_info().rss
    while now - before > 1 << 20:
        time.sleep(1)
        before, now = now, process.memory_info().rss
    return int(now)


def test_a_client_that_reads_nothing_costs_little_and_must_read_again(
    settings: Settings, make_key: Callable[..., str]
) -> None:
    """60 MB of events while the client doesn't read: the process may neither buffer them nor skip some silently."""
    token = make_key()
    with process(settings) as (child, url):
        run = httpx.post(f"{url}/api/v1/runs", json={"spec": SPEC}, headers=bearer(token)).json()
        planned = httpx.post(f"{url}/api/v1/studies?dry_run=true", json={"recipe": "table-6"}, headers=bearer(token))
        planned.raise_for_status()  # loads scipy before the memory is measured
        with unread(url, f"/api/v1/runs/{run['id']}/events", token) as reader:
            messages = ids_and_kinds(reader)
            assert next(messages) == (1, "created")
            api, last = psutil.Process(child.pid), 1
            before = settled_memory(api)
            for _ in range(15):
                write_events(settings, run["id"], last + 1, last + 1000)
                last += 1000
                time.sleep(0.2)  # so that the feed reads several times; nothing depends on it
            assert api.memory_info().rss - before < 56 * 1024 * 1024
            seen_seq = 1
            for seq, kind in messages:
                if kind == "reread":
                    assert seq > seen_seq + events.FARTHEST_BEHIND
                    seen_seq = seq
                    break
                assert seq == seen_seq + 1
                seen_seq = seq
            assert seen_seq == last
            write_events(settings, run["id"], last + 1, last + 3)
            assert [next(messages)[0] for _ in range(3)] == [last + 1, last + 2, last + 3]
