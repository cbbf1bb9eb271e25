"""How long a study's pages take: a plan of table-6, and its page with 60 runs of 64,000 points each.

`python -m benchmarks.studies` on a machine that does nothing else; see docs/experiments.md.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from api.app import create_app
from reslab.stack.servers import postgres_server
from store import keys, schema
from store.database import Database
from store.objects import Objects
from store.settings import Settings
from tests.api.conftest import bearer, served
from tests.api.injected import Injector

SEEDS = 10
STUDIES = "/api/v1/studies"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, postgres_server(Path(name)) as url:
        folder = Path(name)
        schema.upgrade(url)
        settings = Settings(
            database_url=url, storage_url=f"file://{folder}/objects", signing_key=folder / "key", lease_s=600
        )
        database, token = Database(settings.database_url), keys.new_token()
        with database.transaction() as session:
            keys.create(session, token, name="benchmark", owner="ann", scopes=keys.SCOPES)
        with (
            served(create_app(settings)) as at,
            httpx.Client(base_url=at, headers=bearer(token), timeout=600) as client,
        ):
            _measure(client, Injector(database, Objects(settings.storage_url), folder))
        # Another process of the service would have kept nothing: all of the curves are read again.
        with (
            served(create_app(settings)) as at,
            httpx.Client(base_url=at, headers=bearer(token), timeout=600) as client,
        ):
            study = client.get(STUDIES).json()["items"][0]["id"]
            print(f"page of 60 runs, nothing kept   {_ms(client, 'GET', f'{STUDIES}/{study}'):7.0f} ms")


def _client(url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers=bearer(token), timeout=600)


def _measure(client: httpx.Client, injector: Injector) -> None:
    body = {"recipe": "table-6", "seeds": SEEDS}
    print(f"plan of table-6, the first      {_ms(client, 'POST', f'{STUDIES}?dry_run=true', body):7.0f} ms")
    plans = [_ms(client, "POST", f"{STUDIES}?dry_run=true", body) for _ in range(20)]
    print(f"plan of table-6                 {median(plans):7.0f} ms, the worst of 20 {max(plans):.0f} ms")
    began = time.perf_counter()
    study = client.post(STUDIES, json=body).json()["id"]
    print(f"making 60 runs                  {(time.perf_counter() - began) * 1000:7.0f} ms")
    injector.end(6 * SEEDS)
    print(f"page of 60 runs, the first      {_ms(client, 'GET', f'{STUDIES}/{study}'):7.0f} ms")
    pages = [_ms(client, "GET", f"{STUDIES}/{study}") for _ in range(20)]
    print(f"page of 60 runs                 {median(pages):7.0f} ms, the worst of 20 {max(pages):.0f} ms")
    print(f"certificate                     {_ms(client, 'GET', f'{STUDIES}/{study}/certificate'):7.0f} ms")


def _ms(client: httpx.Client, method: str, path: str, body: dict[str, object] | None = None) -> float:
    began = time.perf_counter()
    answer = client.request(method, path, json=body)
    assert answer.is_success, answer.text
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
