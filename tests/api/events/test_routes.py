"""A run's events: a page after a cursor, and a stream that resumes."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from store.db.database import Database, libpq
from store.db.settings import Settings
from tests.api import progress
from tests.api.sse import messages_of
from trainer.events import Warned

Post = Callable[..., dict[str, Any]]


@pytest.fixture
def path(post: Post) -> str:
    return f"/api/v1/runs/{post()['id']}/events"


def take(messages: Iterator[ServerSentEvent], count: int) -> list[ServerSentEvent]:
    return [next(messages) for _ in range(count)]


def test_pages_follow_each_other_by_seq(client: httpx.Client, path: str, database: Database) -> None:
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.started(), progress.steps(1, 5))
    page = client.get(path, params={"limit": 2}).json()
    assert ([event["kind"] for event in page["items"]], page["last_seq"]) == (["created", "claimed"], 4)
    rest = client.get(path, params={"after": 2}).json()["items"]
    assert [(event["seq"], event["kind"], event["attempt"]) for event in rest] == [(3, "started", 1), (4, "steps", 1)]
    assert page["items"][0]["actor"] == "ann"


def test_a_stream_has_the_history_and_then_new_events(client: httpx.Client, path: str, database: Database) -> None:
    with connect_sse(client, "GET", path) as source:
        messages = messages_of(source)
        assert [message.event for message in take(messages, 1)] == ["created"]
        claim = progress.claim(database)
        assert [message.event for message in take(messages, 1)] == ["claimed"]
        progress.tell(database, claim, 1, progress.started(), progress.steps(1, 5))
        batch = take(messages, 2)
        assert [(message.id, message.event) for message in batch] == [("3", "started"), ("4", "steps")]
        assert batch[1].json()["body"]["count"] == 5


def test_a_stream_resumes_after_the_last_event_id(client: httpx.Client, path: str, database: Database) -> None:
    claim = progress.claim(database)
    with connect_sse(client, "GET", path) as source:
        take(messages_of(source), 2)
    progress.tell(database, claim, 1, progress.started(), progress.steps(1, 5))
    with connect_sse(client, "GET", path, headers={"Last-Event-ID": "2"}) as source:
        assert [message.id for message in take(messages_of(source), 2)] == ["3", "4"]


def test_a_long_history_arrives_whole_and_once(client: httpx.Client, path: str, database: Database) -> None:
    claim = progress.claim(database)
    progress.tell(database, claim, 1, *(Warned(message=f"number {number}") for number in range(620)))
    with connect_sse(client, "GET", path) as source:
        assert [message.id for message in take(messages_of(source), 622)] == [str(seq) for seq in range(1, 623)]


def test_a_stream_continues_after_its_database_connection_was_cut(
    client: httpx.Client, path: str, database: Database, settings: Settings
) -> None:
    with connect_sse(client, "GET", path) as source:
        messages = messages_of(source)
        take(messages, 1)
        with psycopg.connect(libpq(settings.database_url), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        progress.claim(database)  # while no connection listens
        assert [message.event for message in take(messages, 1)] == ["claimed"]


def test_the_stream_of_a_deleted_run_says_so_and_ends(client: httpx.Client, path: str) -> None:
    with connect_sse(client, "GET", path) as source:
        messages = messages_of(source)
        take(messages, 1)
        assert client.delete(path.removesuffix("/events")).status_code == 204
        assert [message.event for message in messages] == ["deleted"]


@pytest.mark.usefixtures("fast_heartbeats")
def test_a_quiet_stream_says_that_it_is_still_here(client: httpx.Client, path: str) -> None:
    with client.stream("GET", path, headers={"Accept": "text/event-stream"}) as stream:
        stream_lines = stream.iter_lines()
        assert next(stream_lines) == ": open"
        assert ": still here" in stream_lines


def test_an_unknown_run_has_no_stream(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/runs/{uuid4()}/events", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_stream_needs_a_key(anonymous: httpx.Client, path: str) -> None:
    assert anonymous.get(path, headers={"Accept": "text/event-stream"}).status_code == 401
