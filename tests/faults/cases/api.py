"""Faults of the API: it dies around the commit that accepts a run, and in the middle of a stream."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import BODY, Lab
from tests.faults.snapshot import Call
from tests.faults.stack import wait_until


@fault
def api_killed_before_a_submission_commits(lab: Lab) -> None:
    """The API dies after it inserted the run, before the commit; the client repeats the request with the same key."""
    _die_in_a_submission(lab, "api.submitting=kill")


@fault_in_short
def api_killed_after_a_submission_committed(lab: Lab) -> None:
    """The API dies after it accepted the run, before the answer; the client repeats the request with the same key."""
    run_id = _die_in_a_submission(lab, "api.submitted=kill")
    entries = lab.audit(f"runs/{run_id}")
    assert [entry["status"] for entry in entries] == [200, 200, 201], "the first was never answered"


def _die_in_a_submission(lab: Lab, failpoint: str) -> str:
    lab.stack.restart("api", failpoint)
    wait_until(lab.stack.is_ready, "the API is ready")
    key = str(uuid4())
    assert lab.post_once(key) is None
    lab.stack.wait_for_end("api")
    lab.stack.start("api")
    wait_until(lab.stack.is_ready, "the API is ready")
    assert lab.post_once(key) in (200, 201)
    run = lab.stack.client.submit(BODY, key)
    lab.calls.append(Call("submit", 200, run.id, key))
    return str(run.id)


@fault
def api_killed_in_the_middle_of_a_stream(lab: Lab) -> None:
    """The API dies while a client listens; the client continues after the last event it received."""
    run_id = lab.submit()
    seqs = []
    for event in lab.stack.client.events(str(run_id)):
        seqs.append(event.seq)
        if len(seqs) == 5:
            lab.stack.restart("api")
            wait_until(lab.stack.is_ready, "the API is ready")
    assert seqs == list(range(1, lab.run(run_id).last_seq + 1))


@fault
def fifty_submissions_with_one_key(lab: Lab) -> None:
    """Fifty clients send the same submission at once: there is one run."""
    key = str(uuid4())
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: lab.post_once(key), range(50)))
    assert sorted(status or 0 for status in statuses) == [200] * 49 + [201]
