"""Two processes of the API on one database are one service: streams, positions and keys are those of the database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from httpx_sse import connect_sse

from store.db.settings import Settings
from tests.api.conftest import SPEC, bearer
from tests.api.events.test_news import news
from tests.api.sse import messages_of
from tests.api.test_serving import process

NEWS, RUNS = "/api/v1/events", "/api/v1/runs"

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def pair(settings: Settings, token: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[httpx.Client]]:
    """A client of each process, with one key."""
    monkeypatch.setenv("RESLAB_STREAM_CHECK_S", "0.2")
    with ExitStack() as opened:
        urls = [opened.enter_context(process(settings))[1] for _ in range(2)]
        clients = [httpx.Client(base_url=url, headers=bearer(token)) for url in urls]
        yield [opened.enter_context(client) for client in clients]


def post(client: httpx.Client) -> str:
    return str(client.post(RUNS, json={"spec": SPEC}).raise_for_status().json()["id"])


def events_of(page: dict[str, Any]) -> list[tuple[str, int]]:
    return [(event["run_id"], event["seq"]) for event in page["events"]]


def test_what_one_process_accepts_the_other_streams_resumes_and_refuses(
    pair: list[httpx.Client], make_key: Callable[..., str]
) -> None:
    one, other = pair
    # A run that is posted at one is in both streams, at the same position.
    with connect_sse(one, "GET", NEWS) as here, connect_sse(other, "GET", NEWS) as there:
        messages = [messages_of(here), messages_of(there)]
        assert [news(stream)["events"] for stream in messages] == [[], []]
        first = post(one)
        pages = [news(stream) for stream in messages]
        assert [events_of(page) for page in pages] == [[(first, 1)]] * 2
        assert pages[0]["position"] == pages[1]["position"]
    # A position and a cursor from one go on at the other, without gap or repeat.
    second = post(one)
    with connect_sse(other, "GET", NEWS, headers={"Last-Event-ID": pages[0]["position"]}) as source:
        assert events_of(news(messages_of(source))) == [(second, 1)]
    newest = one.get(RUNS, params={"limit": 1}).json()
    rest = other.get(RUNS, params={"limit": 1, "cursor": newest["next_cursor"]}).json()
    assert [page["items"][0]["id"] for page in (newest, rest)] == [second, first]
    # The other's cached page shows what one has changed.
    one.patch(f"{RUNS}/{first}", json={"name": "renamed"}).raise_for_status()
    assert [run["name"] for run in other.get(RUNS, params={"id": first}).json()["items"]] == ["renamed"]
    # A repeated POST is the same run wherever it arrives.
    sent = [client.post(RUNS, json={"spec": SPEC}, headers={"Idempotency-Key": "k"}) for client in pair]
    assert [response.status_code for response in sent] == [201, 200]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    # A key that is revoked at one is refused by the other's next request, and ends its stream there.
    headers = bearer(make_key("read", owner="bob"))
    assert other.get(RUNS, headers=headers).status_code == 200
    (key,) = (key for key in one.get("/api/v1/keys").json()["items"] if key["owner"] == "bob")
    with connect_sse(other, "GET", NEWS, headers=headers) as source:
        stream = messages_of(source)
        news(stream)
        one.delete(f"/api/v1/keys/{key['id']}").raise_for_status()
        assert other.get(RUNS, headers=headers).status_code == 401
        assert [message.event for message in stream if message.event != "heartbeat"] == []
