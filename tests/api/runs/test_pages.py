"""The cache of the list of runs never serves an old state."""

from collections.abc import Callable
from typing import Any

import httpx
from cachetools import LRUCache

from api.runs.schema import RunPage

Post = Callable[..., dict[str, Any]]
RUNS = "/api/v1/runs"


def ended(client: httpx.Client, run: dict[str, Any]) -> str:
    client.post(f"{RUNS}/{run['id']}/cancel").raise_for_status()
    return str(run["id"])


def listed(client: httpx.Client, **query: str) -> dict[str, Any]:
    """The list's runs by id."""
    page = RunPage.model_validate_json(client.get(RUNS, params=query).raise_for_status().content)
    return {str(run.id): run.model_dump(mode="json") for run in page.items}


def test_the_list_shows_each_run_as_its_own_page_does(client: httpx.Client, post: Post) -> None:
    ids = [ended(client, post()), str(post()["id"])]
    alone = {run: client.get(f"{RUNS}/{run}").json() for run in ids}
    assert listed(client) == alone
    assert listed(client) == alone


def test_renaming_or_deleting_an_ended_run_changes_the_list(client: httpx.Client, post: Post) -> None:
    renamed, deleted = (ended(client, post()) for _ in range(2))
    assert set(listed(client)) == {renamed, deleted}
    client.patch(f"{RUNS}/{renamed}", json={"name": "the better one"}).raise_for_status()
    client.delete(f"{RUNS}/{deleted}").raise_for_status()
    now = listed(client)
    assert {run: body["name"] for run, body in now.items()} == {renamed: "the better one"}


def test_an_archived_run_is_in_no_list_but_of_archived_runs_and_of_itself(client: httpx.Client, post: Post) -> None:
    kept, archived = post({"seed": 0}), post({"seed": 1})
    assert client.patch(f"{RUNS}/{archived['id']}", json={"archived": True}).status_code == 409
    client.post(f"{RUNS}/{archived['id']}/cancel")
    assert client.patch(f"{RUNS}/{archived['id']}", json={"archived": True}).json()["archived_at"] is not None
    assert list(listed(client)) == [kept["id"]]
    assert list(listed(client, archived="true")) == list(listed(client, id=archived["id"])) == [archived["id"]]
    client.patch(f"{RUNS}/{archived['id']}", json={"archived": False})
    assert list(listed(client)) == [archived["id"], kept["id"]]


def test_what_an_unfinished_run_waits_for_is_never_cached(client: httpx.Client, post: Post) -> None:
    first, second = post(), post()
    assert listed(client)[second["id"]]["queue_position"] == 2
    ended(client, first)
    assert listed(client)[second["id"]]["queue_position"] == 1


def test_the_cache_has_a_size_limit(client: httpx.Client, post: Post, app: Any) -> None:
    app.state.service.pages._cache = LRUCache(2)
    ids = {ended(client, post()) for _ in range(3)}
    assert set(listed(client)) == ids
    assert len(app.state.service.pages._cache) == 2
