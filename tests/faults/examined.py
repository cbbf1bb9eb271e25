"""The checker's rules for examinations: rows of `runs` that train nothing and end with a report (decision 22)."""

import hashlib
from collections.abc import Iterator

from store.runs.states import Status
from tests.faults import chain_trainer
from tests.faults.snapshot import Row, Snapshot


def is_examination(run: Row) -> bool:
    return bool(run.get("examination"))


def asked_once(taken: Snapshot, run: Row) -> Iterator[str]:
    """However often it is asked, and whoever dies meanwhile: the same question has one row that counts."""
    lost = (Status.failed, Status.cancelled)
    for other in taken.rows("runs"):
        is_same = is_examination(run) and other.get("examination") == run["examination"]
        if is_same and other["id"] < run["id"] and not {run["status"], other["status"]} & set(lost):
            yield f"it asks what examination {other['id']} asks"


def reported(taken: Snapshot, run: Row) -> Iterator[str]:
    """Once it has succeeded: one report, which says what the weights give, and one evaluation."""
    if not is_examination(run):
        return
    reports = [row["sha256"] for row in taken.rows("artifacts", run["id"]) if row["role"] == "report"]
    evaluations = taken.rows("evaluations", run["id"])
    if run["status"] == Status.succeeded and (len(reports), len(evaluations)) != (1, 1):
        yield f"it succeeded with {len(reports)} reports and {len(evaluations)} evaluations, not with one each"
    state = chain_trainer.state_at(run["spec"]["seed"], run["iterations"])
    right = hashlib.sha256(chain_trainer.report(chain_trainer.weights(state))).hexdigest()
    for sha256 in reports:
        if sha256 != right:
            yield f"its report has hash {sha256}, should be {right}"
