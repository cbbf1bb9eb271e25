"""How long a study's pages take: a plan of table-6, its page with 60 runs of 64,000 points, the claims of 20 studies.

`python -m benchmarks.studies` on an idle machine; see docs/experiments.md.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from api.app import create_app
from api.service import Service
from reslab.stack.servers import postgres_server
from store import studies
from store.db import schema
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES
from studies import watch
from studies.watch import STUDIES as MANY
from tests.api.conftest import bearer, served, until
from tests.api.injected import Injector

SEEDS = 10
STUDIES = "/api/v1/studies"
TABLE_6 = {"recipe": "table-6", "seeds": SEEDS}


def main() -> None:
    with tempfile.TemporaryDirectory() as name, postgres_server(Path(name)) as url:
        folder = Path(name)
        schema.upgrade(url)
        settings = Settings(
            database_url=url, storage_url=f"file://{folder}/objects", signing_key=folder / "key", lease_s=600
        )
        database, token = Database(settings.database_url), keys.new_token()
        with database.transaction() as session:
            keys.create(session, token, name="benchmark", owner="ann", scopes=SCOPES)
        with _process(settings, token) as (client, service):
            watch.rehearse(service)  # as every process does at its start
            client.get("/healthz").raise_for_status()  # as a supervisor does until the process answers
            _plan(client)
            _page(client, Injector(database, Objects(settings.storage_url), folder))
            for _ in range(MANY - 1):
                client.post(STUDIES, json=TABLE_6 | {"reuse": True}).raise_for_status()
            _print_times(f"claims of {MANY} studies", client, "/api/v1/claims")
        # A new process has an empty cache: it reads all curves again, unless a request comes first.
        with _process(settings, token) as (client, _):
            print(f"claims, requested immediately    {_ms(client, 'GET', '/api/v1/claims'):7.0f} ms")
        with _process(settings, token) as (client, service):
            began = time.perf_counter()
            until(lambda: not _has_unread_curves(service))
            print(f"reading {6 * SEEDS} curves beforehand     {(time.perf_counter() - began) * 1000:7.0f} ms")
            study = client.get(STUDIES).json()["items"][-1]["id"]
            print(f"claims, first request            {_ms(client, 'GET', '/api/v1/claims'):7.0f} ms")
            print(f"page of 60 runs, first request   {_ms(client, 'GET', f'{STUDIES}/{study}'):7.0f} ms")


@contextmanager
def _process(settings: Settings, token: str) -> Iterator[tuple[httpx.Client, Service]]:
    app = create_app(settings)
    with served(app) as at, httpx.Client(base_url=at, headers=bearer(token), timeout=600) as client:
        yield client, app.state.service


def _has_unread_curves(service: Service) -> bool:
    with service.database.transaction() as session:
        return bool(service.outcomes.uncached(studies.ended_runs(session, MANY, 1000)))


def _plan(client: httpx.Client) -> None:
    print(f"plan of table-6, first request   {_ms(client, 'POST', f'{STUDIES}?dry_run=true', TABLE_6):7.0f} ms")
    _print_times("plan of table-6", client, f"{STUDIES}?dry_run=true", TABLE_6)


def _page(client: httpx.Client, injector: Injector) -> None:
    began = time.perf_counter()
    study = client.post(STUDIES, json=TABLE_6).json()["id"]
    print(f"creating 60 runs                 {(time.perf_counter() - began) * 1000:7.0f} ms")
    injector.end(6 * SEEDS)
    _print_times("page of 60 runs", client, f"{STUDIES}/{study}")
    print(f"certificate                      {_ms(client, 'GET', f'{STUDIES}/{study}/certificate'):7.0f} ms")


def _print_times(title: str, client: httpx.Client, path: str, body: dict[str, object] | None = None) -> None:
    times = [_ms(client, "POST" if body else "GET", path, body) for _ in range(20)]
    print(f"{title:33}{median(times):7.0f} ms, worst of 20 {max(times):.0f} ms")


def _ms(client: httpx.Client, method: str, path: str, body: dict[str, object] | None = None) -> float:
    began = time.perf_counter()
    response = client.request(method, path, json=body)
    assert response.is_success, response.text
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
