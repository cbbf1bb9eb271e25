"""The backup of a local home: its rows and objects, and the two files that are in neither."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from reslab.stack.home import Home, HomeSettings, HomeTakenError
from reslab.stack.postgres import Postgres
from reslab.stack.servers import running
from store.db import backup
from store.db.backup import Manifest
from store.db.objects import Objects

# The keys of people and of the database, and the key that signs certificates.
KEPT = ("secrets.json", "signing.key")


def save(root: Path, folder: Path) -> Manifest:
    """While the service runs, or not. Raises RuntimeError without a service, StoreError and OSError."""
    if not (root / KEPT[0]).exists():
        raise RuntimeError(f"{root} has no service. Name its folder with --home.")
    home = Home(root)
    with _database(home) as url:
        taken = backup.back_up(url, _objects(home), folder)
    _copy(home.root, folder / "home")
    return taken


def bring_back(folder: Path, root: Path) -> Manifest:
    """Into a home that doesn't exist yet. Raises HomeTakenError, RuntimeError, StoreError and OSError."""
    if root.exists() and any(root.iterdir()):
        raise RuntimeError(f"{root} isn't empty. Restore into another --home.")
    backup.check(folder)
    home = Home(root)
    _copy(folder / "home", home.root)
    with home.locked(), _served(home, home.settings()) as url:
        return backup.fill(url, _objects(home), folder)


@contextmanager
def _database(home: Home) -> Iterator[str]:
    """Of the service that runs, or of a server that is started for this."""
    if own := os.environ.get("RESLAB_DATABASE_URL"):
        yield own
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(home.locked())
        except HomeTakenError:
            stored = json.loads((home.root / KEPT[0]).read_text())
            yield _postgres(home, stored["ports"]["postgres"], stored["postgres_password"]).url
        else:
            yield stack.enter_context(_served(home, home.settings()))


@contextmanager
def _served(home: Home, settings: HomeSettings) -> Iterator[str]:
    if own := os.environ.get("RESLAB_DATABASE_URL"):
        yield own
        return
    server = _postgres(home, settings.ports.postgres, settings.postgres_password)
    server.prepare()
    with running(server.service()):
        yield server.url


def _postgres(home: Home, port: int, password: str) -> Postgres:
    return Postgres(home.postgres, home.logs / "backup.log", port, password)


def _objects(home: Home) -> Objects:
    return Objects(os.environ.get("RESLAB_STORAGE_URL", home.objects.as_uri()))


def _copy(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    for name in KEPT:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
            (target / name).chmod(0o600)
