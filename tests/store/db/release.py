"""`python -m tests.store.db.release 0.2.0` keeps this version's tables with some rows, for upgrades to be tested from.

Run it once, at a release (CONTRIBUTING.md); test_released.py restores each file and migrates it. Never write one again.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

from reslab.stack.postgres import _binaries
from reslab.stack.servers import postgres_server
from store import artifacts, studies
from store.db import schema
from store.db.database import Database
from store.people import keys, projects
from store.people.rights import SCOPES
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.studies import NewMember, NewStudy
from tests.api import progress
from tests.store.conftest import submission
from trainer.events import Saved

FOLDER = Path(__file__).parent / "released"
ITERATIONS = 1500
WEIGHTS = Saved(
    iteration=ITERATIONS,
    role="weights",
    format="safetensors",
    file="weights.safetensors",
    sha256="0" * 64,
    size_bytes=1,
)


def main() -> None:
    (version,) = sys.argv[1:]
    file = FOLDER / f"{version}.sql.gz"
    if file.exists():
        sys.exit(f"{file} exists. A released schema doesn't change.")
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder)) as url:
        schema.upgrade(url)
        database = Database(url)
        sow(database)
        database.close()
        command = [str(_binaries() / "pg_dump"), "--no-owner", "--no-privileges", url.replace("+psycopg", "")]
        file.write_bytes(gzip.compress(subprocess.run(command, check=True, capture_output=True).stdout, mtime=0))
    print(f"{file}: {file.stat().st_size:,} bytes")


def sow(database: Database) -> None:
    """Rows as people have them: runs in every state, curves, events, a log, a key, a project, a study."""
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="a laptop", owner="ann", scopes=SCOPES)
        caller = keys.authenticate(session, token)
        assert caller is not None
        projects.create(session, caller, "residual", "the paper's networks")
    succeeded, _ = _begun(database, seed=0), _begun(database, seed=1)
    with database.transaction() as session:
        locked = attempts.lock(session, succeeded.run.id, succeeded.attempt)
        artifacts.commit(session, locked, WEIGHTS)
        attempts.succeed(session, succeeded.run.id, succeeded.attempt)
        verbs.cancel(session, verbs.create(session, submission(seed=7))[0].id, "ann")
        verbs.pause(session, verbs.create(session, submission(seed=8))[0].id, "ann")
        tests = ["table-6:ResNet-20:error"]
        members = [NewMember("plain-20", seed, 0, tests, submission(seed=seed)) for seed in (2, 3)]
        studies.create(session, NewStudy("Fig. 1", "ann", "figure-1", 2, 0.01, "synthetic"), members)


def _begun(database: Database, seed: int) -> Claim:
    """A run in training, with its curve."""
    with database.transaction() as session:
        verbs.create(session, submission(seed=seed, iterations=ITERATIONS))
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.started(), progress.steps(1, ITERATIONS), progress.evaluated(1000, 12.5))
    progress.log(database, claim, 2, "a line of the log\n")
    return claim


if __name__ == "__main__":
    main()
