"""Use and quotas over HTTP, by month as JSON and CSV, and in the metrics."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from store.db.database import Database
from store.db.models import Usage
from tests.api.conftest import TLS, bearer

MONTH = datetime.now(UTC).date().replace(day=1)


@pytest.fixture
def spent(database: Database) -> None:
    """Half an hour of ann's in `default`, and an hour of ben's in a project that others don't see."""
    with database.transaction() as session:
        session.add(Usage(month=MONTH, person="ann", project="default", device_s=1800))
        session.add(Usage(month=MONTH, person="ben", project="bens", device_s=3600))


@pytest.mark.usefixtures("spent")
def test_use_is_listed_with_the_limits_that_hold(client: httpx.Client, post: Callable[..., dict[str, Any]]) -> None:
    post()
    client.put("/api/v1/quotas/person/*", json={"device_hours": 10, "queued": 5})
    client.put("/api/v1/quotas/project/default", json={"kept_bytes": 1000})
    items = {(item["kind"], item["name"]): item for item in client.get("/api/v1/usage").json()["items"]}
    ann, default = items["person", "ann"], items["project", "default"]
    assert (ann["queued"], ann["device_hours"], ann["is_default"]) == (1, 0.5, True)
    assert ann["limits"] == {"running": None, "queued": 5, "device_hours": 10.0, "kept_bytes": None}
    assert (default["limits"]["kept_bytes"], default["is_default"]) == (1000, False)
    assert {("person", "*"), ("project", "*")} <= items.keys()


@pytest.mark.usefixtures("spent")
def test_months_are_a_csv_file(client: httpx.Client) -> None:
    assert client.get("/api/v1/usage/months").json()["items"][0] == {
        "month": MONTH.isoformat(), "person": "ann", "project": "default", "device_hours": 0.5,
    }  # fmt: skip
    answer = client.get("/api/v1/usage/months?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    month = f"{MONTH:%Y-%m}"
    assert answer.text == (f"month,person,project,device_hours\n{month},ann,default,0.5000\n{month},ben,bens,1.0000\n")


@pytest.mark.usefixtures("spent")
def test_others_see_their_own_use_and_that_of_their_projects(url: str, make_key: Callable[..., str]) -> None:
    eve = bearer(make_key("read", owner="eve"))
    months = httpx.get(f"{url}/api/v1/usage/months", headers=eve, verify=TLS).json()["items"]
    assert [item["person"] for item in months] == ["ann"]  # in default, where eve is a member
    items = httpx.get(f"{url}/api/v1/usage", headers=eve, verify=TLS).json()["items"]
    assert [(item["kind"], item["name"]) for item in items] == [("person", "eve"), ("project", "default")]
    assert "reslab_device_seconds" not in httpx.get(f"{url}/metrics", headers=eve, verify=TLS).text


@pytest.mark.usefixtures("spent")
def test_metrics_have_the_use_for_administrators(client: httpx.Client) -> None:
    line = f'reslab_device_seconds_total{{month="{MONTH:%Y-%m}",person="ann",project="default"}} 1800.0'
    assert line in client.get("/metrics").text


def test_limits_are_of_somebody_who_exists_and_not_negative(client: httpx.Client) -> None:
    assert client.put("/api/v1/quotas/person/nobody", json={}).status_code == 404
    assert client.put("/api/v1/quotas/project/nothing", json={}).status_code == 404
    assert client.put("/api/v1/quotas/team/ann", json={}).status_code == 422
    assert client.put("/api/v1/quotas/person/ann", json={"queued": -1}).status_code == 422


def test_a_run_that_nobody_can_train_says_what_it_needs(
    client: httpx.Client, post: Callable[..., dict[str, Any]], work: object
) -> None:
    """`work` registers a worker with one device."""
    run = post({"devices": 64})
    waits_for = client.get(f"/api/v1/runs/{run['id']}").json()["waits_for"]
    assert waits_for == "needs 64 devices; the largest live worker has 1"


def test_a_run_that_waits_for_a_quota_says_so(client: httpx.Client, post: Callable[..., dict[str, Any]]) -> None:
    run = post()
    client.put("/api/v1/quotas/project/default", json={"running": 0})
    waits_for = client.get(f"/api/v1/runs/{run['id']}").json()["waits_for"]
    assert waits_for == "The project default may train 0 runs at a time and trains 0"
