"""The events of many runs: a page since a position, and a stream that resumes exactly there."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from api.events import feed
from store.db.database import Database, libpq
from store.db.settings import Settings
from tests.api import progress
from tests.api.sse import messages_of

Post = Callable[..., dict[str, Any]]
NEWS = "/api/v1/events"


def news(messages: Iterator[ServerSentEvent]) -> dict[str, Any]:
    """The next `news` message; its id is its position."""
    message = next(message for message in messages if message.event == "news")
    first_page: dict[str, Any] = json.loads(message.data)
    assert message.id == first_page["position"]
    return first_page


def events(messages: Iterator[ServerSentEvent], count: int) -> list[tuple[str, int]]:
    """The next `count` events, from as many messages as needed."""
    pairs: list[tuple[str, int]] = []
    while len(pairs) < count:
        pairs += [(event["run_id"], event["seq"]) for event in news(messages)["events"]]
    return pairs


def test_a_page_has_the_events_since_a_position(client: httpx.Client, post: Post) -> None:
    now = client.get(NEWS).json()
    assert (now["events"], now["reread"]) == ([], False)
    run = post()
    page = client.get(NEWS, params={"after": now["position"]}).json()
    assert [(event["run_id"], event["kind"]) for event in page["events"]] == [(run["id"], "created")]
    assert client.get(NEWS, params={"after": page["position"]}).json()["events"] == []


def test_a_stream_of_all_runs_includes_later_runs(client: httpx.Client, post: Post, database: Database) -> None:
    first = post()
    with connect_sse(client, "GET", NEWS) as source:
        messages = messages_of(source)
        assert news(messages)["events"] == []
        second = post()
        assert events(messages, 1) == [(second["id"], 1)]
        progress.claim(database)
        assert events(messages, 1) == [(first["id"], 2)]


def test_a_stream_of_named_runs_includes_no_other_run(client: httpx.Client, post: Post, database: Database) -> None:
    first, _, third = post(), post(), post()
    with connect_sse(client, "GET", NEWS, params={"run": [first["id"], third["id"], str(uuid4())]}) as source:
        messages = messages_of(source)
        news(messages)
        for _ in range(3):
            progress.claim(database)
        assert sorted(events(messages, 2)) == sorted([(first["id"], 2), (third["id"], 2)])


def test_a_stream_resumes_where_its_last_message_ended(client: httpx.Client, post: Post, database: Database) -> None:
    run = post()
    with connect_sse(client, "GET", NEWS) as source:
        position = news(messages_of(source))["position"]
    claim = progress.claim(database)
    with connect_sse(client, "GET", NEWS, headers={"Last-Event-ID": position}) as source:
        messages = messages_of(source)
        first_page = news(messages)
        assert [event["seq"] for event in first_page["events"]] == [2]
        progress.tell(database, claim, 1, progress.started())
        again = news(messages)
        assert [event["seq"] for event in again["events"]] == [3]
    for after, seqs in ((position, [2, 3]), (first_page["position"], [3]), (again["position"], [])):
        page = client.get(NEWS, params={"after": after, "run": run["id"]}).json()
        assert [event["seq"] for event in page["events"]] == seqs


def test_a_client_that_was_away_too_long_is_told_to_read_again(
    client: httpx.Client, post: Post, settings: Settings
) -> None:
    run = post()
    position = client.get(NEWS).json()["position"]
    with psycopg.connect(libpq(settings.database_url)) as connection:
        connection.execute(
            "INSERT INTO events (run_id, seq, kind, actor, body)"
            " SELECT %s, seq, 'warned', 'test', '{}' FROM generate_series(2, %s) seq",
            (run["id"], feed.MOST + 2),
        )
    with connect_sse(client, "GET", NEWS, headers={"Last-Event-ID": position}) as source:
        messages = messages_of(source)
        first_page = news(messages)
        assert (first_page["reread"], first_page["events"]) == (True, [])
        second = post()
        assert events(messages, 1) == [(second["id"], 1)]


def test_a_position_of_another_database_is_told_to_read_again(client: httpx.Client) -> None:
    page = client.get(NEWS, params={"after": "99999999:99999999:"}).json()
    assert page["reread"]
    assert page["position"] != "99999999:99999999:"


@pytest.mark.parametrize("rubbish", ["", "7", "9:1:", "1:5:3,2", "' OR 1=1", "1:" + "9" * 40 + ":"])
def test_an_invalid_position_is_a_422(client: httpx.Client, rubbish: str) -> None:
    answer = client.get(NEWS, params={"after": rubbish})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")


def test_more_runs_than_a_page_shows_are_a_422(client: httpx.Client) -> None:
    assert client.get(NEWS, params={"run": [str(uuid4()) for _ in range(201)]}).status_code == 422


def test_a_deleted_run_and_a_grown_log_are_reported(client: httpx.Client, post: Post, database: Database) -> None:
    run, other = post(), post()
    with connect_sse(client, "GET", NEWS, params={"run": [run["id"], other["id"]]}) as source:
        messages = messages_of(source)
        news(messages)
        assert client.delete(f"/api/v1/runs/{other['id']}").status_code == 204
        assert news(messages)["deleted"] == [other["id"]]
        claim = progress.claim(database)
        progress.log(database, claim, 1, "a line\n")
        pairs = [news(messages)]
        while not pairs[-1]["logged"]:
            pairs.append(news(messages))
        assert pairs[-1]["logged"] == [run["id"]]


@pytest.mark.usefixtures("fast_heartbeats")
def test_a_quiet_stream_advances_its_position_with_each_heartbeat(client: httpx.Client, post: Post) -> None:
    with connect_sse(client, "GET", NEWS, params={"run": str(uuid4())}) as source:
        messages = messages_of(source)
        before = news(messages)["position"]
        run = post()  # not in this stream
        moved = next(message for message in messages if message.id != before)
        assert moved.event == "heartbeat"
    assert client.get(NEWS, params={"after": moved.id, "run": run["id"]}).json()["events"] == []


def test_a_stream_needs_a_key(anonymous: httpx.Client) -> None:
    assert anonymous.get(NEWS, headers={"Accept": "text/event-stream"}).status_code == 401
