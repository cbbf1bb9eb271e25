"""A study that has ended is told of once, with its verdicts, and again when it has grown."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.service import Service
from store.db.database import Database
from store.db.models import Notice
from store.db.objects import Objects
from studies.telling import tell_next
from tests.api.injected import Injector

pytestmark = pytest.mark.usefixtures("warm")


def test_the_end_of_a_study_is_told_once(
    client: httpx.Client, app: FastAPI, database: Database, objects: Objects, tmp_path: Path
) -> None:
    service: Service = app.state.service
    injector = Injector(database, objects, tmp_path, test_error=lambda _: 40.0)
    body = {"recipe": "table-6", "networks": ["ResNet-20 A"], "seeds": 2, "scale": 0.0001, "dataset": "digits"}
    study = client.post("/api/v1/studies", json=body).raise_for_status().json()["id"]
    injector.end(1)
    assert not tell_next(service)  # one still trains
    injector.end(1)
    while tell_next(service):  # the service's own watch may have been faster
        pass
    with database.transaction() as session:
        (notice,) = session.scalars(select(Notice).where(Notice.kind == "study.ended"))
    assert (notice.key, notice.path) == (f"study:{study}:2", f"/studies/{study}")
    assert notice.sentence == "Verdicts: 1 not comparable."


def test_a_notice_says_how_many_seeds_its_verdicts_rest_on(
    client: httpx.Client, app: FastAPI, database: Database, objects: Objects, tmp_path: Path
) -> None:
    """Before, it said "Verdicts: 1 reproduced." of the seeds that their owner had left."""
    body = {"recipe": "table-6", "networks": ["ResNet-20 A"], "seeds": 2, "scale": 0.0001, "dataset": "digits"}
    study = client.post("/api/v1/studies", json=body).raise_for_status().json()["id"]
    Injector(database, objects, tmp_path, test_error=lambda _: 40.0).end(1)
    client.post(f"/api/v1/studies/{study}/cancel").raise_for_status()
    while tell_next(app.state.service):
        pass
    with database.transaction() as session:
        (notice,) = session.scalars(select(Notice).where(Notice.kind == "study.ended"))
    assert notice.sentence == "Verdicts: 1 not comparable. Seeds that count: ResNet-20 A 1 of 2."
    assert notice.body["lost_seeds"] == {"ResNet-20 A": 1}
