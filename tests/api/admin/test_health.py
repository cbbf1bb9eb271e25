"""Health, readiness and metrics, and the responses while the database is away."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from store import workers
from store.db.database import Database, libpq
from store.db.settings import Settings
from tests.api import progress
from tests.api.conftest import served


def test_a_complete_service_is_ready(anonymous: httpx.Client) -> None:
    assert anonymous.get("/healthz").json() == {"status": "ok"}
    answer = anonymous.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": True, "objects": True, "disk": True, "shortage": None}


def test_a_service_whose_disk_is_full_is_not_ready_and_says_so(app: FastAPI, anonymous: httpx.Client) -> None:
    service = app.state.service
    app.state.service = replace(service, settings=service.settings.model_copy(update={"free_disk_bytes": 2**60}))
    ready = anonymous.get("/readyz")
    assert (ready.status_code, ready.json()["database"], ready.json()["disk"]) == (503, True, False)
    assert ready.json()["shortage"].startswith("The disk of the service has ")


def test_metrics_count_runs_workers_and_requests(
    client: httpx.Client, post: Callable[..., dict[str, Any]], database: Database
) -> None:
    post()
    worker = progress.add_worker(database)
    with database.transaction() as session:
        workers.beat(session, worker.id, trouble="The disk is full.")
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}
    assert samples["reslab_runs", "queued"] == 1
    assert samples["reslab_runs", "failed"] == 0
    assert (samples["reslab_workers_alive", "cpu"], samples["reslab_workers_alive", "gpu"]) == (1, 0)
    assert (samples["reslab_workers_unfit", "cpu"], samples["reslab_workers_unfit", "gpu"]) == (1, 0)
    assert samples["reslab_request_duration_seconds_count", "POST", "/api/v1/runs", "201"] == 1


@pytest.fixture
def away(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a database that isn't running and an object folder that is a file."""
    (tmp_path / "file").touch()
    url = "postgresql+psycopg://nobody:x@127.0.0.1:1/none"
    return settings.model_copy(update={"database_url": url})


def test_a_service_without_its_database_is_alive_but_not_ready(away: Settings, dist: Path) -> None:
    with served(create_app(away, dist)) as url, httpx.Client(base_url=url) as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        answer = client.get("/api/v1/runs", headers={"Authorization": "Bearer rsl_x"})
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert answer.headers["Retry-After"] == "2"
        assert "psycopg" not in answer.text


def test_a_missing_table_is_a_500_that_does_not_disclose_it(
    client: httpx.Client, post: Callable[..., dict[str, Any]], settings: Settings
) -> None:
    with psycopg.connect(libpq(settings.database_url), autocommit=True) as connection:
        connection.execute("ALTER TABLE evaluations RENAME TO gone")
    answer = client.get("/api/v1/curves", params={"run": post()["id"]})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "gone" not in answer.text
    assert 'route="/api/v1/curves",status="500"' in client.get("/metrics").text
