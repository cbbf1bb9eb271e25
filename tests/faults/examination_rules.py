"""The checker's rules for examinations: rows of `runs` that train nothing and end with a report (decision 22)."""

import hashlib
from collections.abc import Iterator

from store.runs.states import Status
from tests.faults import chain_trainer
from tests.faults.snapshot import Row, Snapshot


def is_examination(run: Row) -> bool:
    return bool(run.get("examination"))


def one_per_question(history: Snapshot, run: Row) -> Iterator[str]:
    """The same question has one examination, besides those that failed or were cancelled."""
    without_result = {Status.failed, Status.cancelled}
    for other in history.rows("runs"):
        is_same = is_examination(run) and other.get("examination") == run["examination"]
        if is_same and other["id"] < run["id"] and not {run["status"], other["status"]} & without_result:
            yield f"it is the same question as examination {other['id']}"


def one_report(history: Snapshot, run: Row) -> Iterator[str]:
    """An examination that has succeeded has one evaluation and one report, with the right results."""
    if not is_examination(run):
        return
    reports = [row["sha256"] for row in history.rows("artifacts", run["id"]) if row["role"] == "report"]
    evaluations = history.rows("evaluations", run["id"])
    if run["status"] == Status.succeeded and (len(reports), len(evaluations)) != (1, 1):
        yield f"it succeeded with {len(reports)} reports and {len(evaluations)} evaluations, instead of one each"
    state = chain_trainer.state_at(run["spec"]["seed"], run["iterations"])
    right_sha256 = hashlib.sha256(chain_trainer.report(chain_trainer.weights(state))).hexdigest()
    for sha256 in reports:
        if sha256 != right_sha256:
            yield f"its report has hash {sha256}, should be {right_sha256}"
