"""`make mutants`: puts defects that break the promise into a copy of the source, one at a time. Tests must catch them.

A mutant is a small change of a file's text. If the text is no longer there, `Unfit` is raised: a mutant that can't be
applied would never be missed. The named tests must pass on the copy without the mutant.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# pytest's exit codes. Any other code means that the tests didn't run.
_PASSED, _FAILED = 0, 1


class Unfit(Exception):
    """A mutant no longer fits the source, or its test fails without it."""


@dataclass(frozen=True)
class Mutant:
    """`old` occurs exactly once in `file`; the test `caught_by` fails once `new` replaces it."""

    name: str
    file: str
    old: str
    new: str
    caught_by: str

    def apply(self, source: str) -> str:
        """The file's text with the defect. Raises Unfit."""
        if (count := source.count(self.old)) != 1:
            raise Unfit(
                f"{self.name}: its text occurs {count} times in {self.file}, not once. Adapt the mutant to the source."
            )
        return source.replace(self.old, self.new)


MUTANTS = (
    Mutant(
        "no fence",
        "store/runs/attempts.py",
        "Run.id == run_id, Run.fence == attempt, Run.status",
        "Run.id == run_id, Run.status",
        "tests/store/runs/test_attempts.py::test_a_lost_lease_stops_every_write",
    ),
    Mutant(
        "FOR KEY SHARE for FOR SHARE",
        "store/runs/attempts.py",
        "query.with_for_update(read=True)",
        "query.with_for_update(read=True, key_share=True)",
        "tests/store/runs/test_attempts.py::test_a_write_that_began_before_the_takeover_makes_the_takeover_wait",
    ),
    Mutant(
        "an attempt on an unfit machine counts",
        "worker/ending.py",
        "most=most if is_fit else None",
        "most=most",
        "tests/worker/test_fitness.py::test_a_run_does_not_pay_for_a_machine_that_is_unfit",
    ),
    Mutant(
        "an unfit worker claims runs",
        "worker/claiming.py",
        "if not workbench.fitness.look():",
        "if workbench.fitness.look() is None:",
        "tests/worker/test_fitness.py::test_an_unfit_worker_claims_no_run",
    ),
    Mutant(
        "no re-ring",
        "store/runs/queue.py",
        "rung_at IS NULL OR rung_at <= now() - make_interval(secs => :ring_again_s)",
        "rung_at IS NULL",
        "tests/store/runs/test_bell.py::test_a_lost_message_is_rung_again",
    ),
    Mutant(
        "no pdeathsig",
        "trainer/process/supervision.py",
        "prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)",
        "prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)",
        "tests/trainer/process/test_supervision.py::test_a_silent_trainer_dies_with_its_supervisor",
    ),
    Mutant(
        "publish inside the request",
        "api/runs/routes.py",
        '        failpoints.reach("api.submitting")\n',
        "        from worker.app import RING, celery_app\n\n"
        '        celery_app(service.settings.broker_url).send_task(RING, [str(row.id)], queue="cpu")\n',
        "tests/api/runs/test_routes.py::test_accepting_a_run_never_touches_the_broker",
    ),
    Mutant(
        "reaper without warm-up",
        "worker/control.py",
        "self._reaps_from = time.monotonic() + self._settings.lease_s",
        "self._reaps_from = time.monotonic()",
        "tests/worker/test_control.py::test_a_lease_that_expired_during_an_outage_is_extended_once",
    ),
    Mutant(
        "end without fence",
        "store/runs/attempts.py",
        "    run = lock(session, run_id, attempt)\n    _leave(session, run, attempt, AttemptOutcome.failed)",
        "    run = verbs.lock(session, run_id)\n    _leave(session, run, attempt, AttemptOutcome.failed)",
        "tests/store/runs/test_attempts.py::test_a_lost_lease_stops_every_write",
    ),
    Mutant(
        "upload after commit",
        "worker/recorder.py",
        """\
        self._upload(artifacts.key(run_id, attempt, event.file), file, event.sha256)
        failpoints.reach("worker.uploaded")

        def commit(session: Session) -> list[str]:
            return artifacts.commit(session, attempts.lock(session, run_id, attempt), event)

        outdated = self.persist(commit)
""",
        """\
        def commit(session: Session) -> list[str]:
            return artifacts.commit(session, attempts.lock(session, run_id, attempt), event)

        outdated = self.persist(commit)
        self._upload(artifacts.key(run_id, attempt, event.file), file, event.sha256)
""",
        "tests/worker/test_supervise.py::test_a_file_that_cannot_be_uploaded_has_no_row",
    ),
    Mutant(
        "event cursor by a bigserial",
        "store/history.py",
        '"NOT pg_visible_in_snapshot(events.transaction::text::xid8, CAST(:start AS pg_snapshot))"',
        '"events.transaction::text::xid8 >= pg_snapshot_xmax(CAST(:start AS pg_snapshot))"',
        "tests/store/test_history.py::test_a_transaction_that_ends_late_is_reported_then_and_once",
    ),
    # There is no mutant "checkpoint without RNG", because draws are functions of (seed, purpose, number).
    Mutant(
        "checkpoint without momentum",
        "trainer/files/checkpoint.py",
        "return network | momentum",
        "return network",
        "tests/trainer/test_kills.py::"
        "test_killed_at_any_moment_and_started_again_a_run_ends_with_the_same_weights_and_curve",
    ),
    Mutant(
        "image order from a random stream instead of the epoch number",
        "trainer/data/order.py",
        'generator=generator(self._spec.seed, "order", epoch)',
        "generator=None",
        "tests/trainer/test_kills.py::"
        "test_killed_at_any_moment_and_started_again_a_run_ends_with_the_same_weights_and_curve",
    ),
    Mutant(
        "a new attempt keeps the points after its checkpoint",
        "store/runs/attempts.py",
        "    write.truncate(session, run.id, start)\n",
        "",
        "tests/store/runs/test_attempts.py::test_a_new_attempt_starts_at_the_last_checkpoint_and_the_rest_is_superseded",
    ),
    Mutant(
        "a batch sent again is written again",
        "store/runs/attempts.py",
        ".where(Attempt.last_batch == number - 1)",
        "",
        "tests/store/runs/test_attempts.py::test_the_same_batch_twice_is_written_once",
    ),
    Mutant(
        "a confirmed cancel is forgotten at the end",
        "store/runs/attempts.py",
        "    if run.stop_request == StopRequest.cancel:\n        return stop(session, run_id, attempt)\n",
        "",
        "tests/store/runs/test_attempts.py::test_a_run_whose_cancel_was_confirmed_does_not_succeed",
    ),
    Mutant(
        "a used idempotency key is used again",
        "store/runs/idempotency.py",
        "insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)",
        "insert(IdempotencyKey).values(row).on_conflict_do_update(\n"
        '        constraint="pk_idempotency_keys", set_={"run_id": request.run_id}\n'
        "    ).returning(IdempotencyKey.key)",
        "tests/api/runs/test_routes.py::test_fifty_posts_at_once_with_one_key_make_one_run",
    ),
    Mutant(
        "a trainer without Landlock",
        "trainer/box/landlock.py",
        "_call(_RESTRICT_SELF, rules, 0)",
        "pass",
        "tests/trainer/box/test_walls.py::test_a_trainer_does_not_get_out_of_its_box",
    ),
    Mutant(
        "a trainer keeps its capabilities",
        "trainer/box/privileges.py",
        "if _libc().capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())) != 0:",
        "if not header:",
        "tests/trainer/box/test_walls.py::test_a_trainer_does_not_get_out_of_its_box",
    ),
    Mutant(
        "notices by the order of transactions' numbers",
        "store/notices/outbox.py",
        '"NOT pg_visible_in_snapshot(events.transaction::text::xid8, CAST(:start AS pg_snapshot))"',
        '"events.transaction::text::xid8 >= pg_snapshot_xmax(CAST(:start AS pg_snapshot))"',
        "tests/store/notices/test_outbox.py::test_an_end_is_told_though_another_transaction_began_before_it",
    ),
    Mutant(
        "notices to the inner network",
        "worker/notices/addresses.py",
        "host not in inner_hosts and not",
        "host in inner_hosts and not",
        "tests/worker/notices/test_sender.py::test_an_address_of_the_inner_network_gets_nothing",
    ),
    Mutant(
        "a rule deletes the best weights",
        "store/retention/rules.py",
        "and_(Artifact.iteration != last, Artifact.iteration != best)",
        "Artifact.iteration != last",
        "tests/api/retention/test_rules.py::test_a_rule_is_planned_set_and_applied",
    ),
    Mutant(
        "a member changes what is anybody's",
        "store/people/rights.py",
        'return "member" if row.owner == caller.owner else "maintainer"',
        'return "member"',
        "tests/api/http/test_rights.py::test_every_route_for_every_kind_of_caller",
    ),
    Mutant(
        "a key's scopes don't limit its owner",
        "store/people/rights.py",
        "    if _SCOPE[verb] not in caller.scopes:\n        return False\n",
        "",
        "tests/api/http/test_rights.py::test_every_route_for_every_kind_of_caller",
    ),
    Mutant(
        "lists show private projects to all",
        "store/people/rights.py",
        "return true() if caller.is_administrator else project.in_([name for name, _ in caller.roles])",
        "return true()",
        "tests/api/http/test_rights.py::test_lists_show_what_their_caller_may_see",
    ),
    Mutant(
        "quotas are compared without a lock",
        "store/quotas/limits.py",
        "    if quotas:\n        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))\n",
        "",
        "tests/store/quotas/test_limits.py::test_two_simultaneous_submits_do_not_both_fit",
    ),
    Mutant(
        "runs of a full person are claimed",
        "store/runs/queue.py",
        "AND owners.owner <> ALL (CAST(:full_people AS text[]))",
        "",
        "tests/store/quotas/test_limits.py::test_a_person_who_trains_enough_waits_and_others_do_not",
    ),
    Mutant(
        "a sweep takes folders without the locks of their runs",
        "store/runs/attempts.py",
        "session.scalars(idle.with_for_update(key_share=True, skip_locked=True))",
        "session.scalars(idle)",
        "tests/worker/test_workdir.py::test_a_sweep_leaves_the_folder_of_a_run_that_is_being_claimed",
    ),
)


@contextmanager
def source_copy() -> Iterator[Path]:
    """A copy of the source: every file that git does not ignore. The working tree is never touched."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="reslab-mutants-") as folder:
        for name in listing.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, Path(folder) / name)
        yield Path(folder)


def passes(copy: Path, *tests: str) -> bool:
    """Runs the tests of the copy against the source of the copy. Raises Unfit if they can't be run."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if result.returncode not in (_PASSED, _FAILED) or " error" in result.stdout.splitlines()[-1]:
        raise Unfit(f"{' '.join(tests)} can't be run:\n{result.stdout[-3000:]}{result.stderr[-1000:]}")
    return result.returncode == _PASSED


def main() -> int:
    """Prints the table. Returns the exit code: 1 if a mutant survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutants")
    parser.add_argument("--only", default="", help="only mutants with this text in their name")
    mutants = [mutant for mutant in MUTANTS if parser.parse_args().only in mutant.name]
    survivors = 0
    with source_copy() as copy:
        try:
            _check_baseline(copy, mutants)
            for mutant in mutants:
                began = time.monotonic()
                survives = _survives(copy, mutant)
                survivors += survives
                seconds = f"{time.monotonic() - began:.0f}"
                print(f"| {mutant.name} | {'SURVIVES' if survives else mutant.caught_by} | {seconds} |", flush=True)
        except Unfit as error:
            sys.exit(str(error))
    print(f"{len(mutants) - survivors} of {len(mutants)} mutants caught")
    return int(bool(survivors))


def _check_baseline(copy: Path, mutants: list[Mutant]) -> None:
    """Checks that every mutant fits and that the tests pass without it; otherwise a failure would prove nothing."""
    for mutant in mutants:
        mutant.apply((copy / mutant.file).read_text())
    if not passes(copy, *sorted({mutant.caught_by for mutant in mutants})):
        raise Unfit("a named test fails without any mutant; fix that first")
    print("| mutant | caught by | seconds |\n|---|---|---:|", flush=True)


def _survives(copy: Path, mutant: Mutant) -> bool:
    file = copy / mutant.file
    original = file.read_text()
    file.write_text(mutant.apply(original))
    try:
        return passes(copy, mutant.caught_by)
    finally:
        file.write_text(original)


if __name__ == "__main__":
    sys.exit(main())
