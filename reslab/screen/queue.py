"""The queue and the workers."""

from collections.abc import Iterable

from reslab.client.schema import QueueEntry, Worker
from reslab.screen.text import duration, table


def queue(waiting: Iterable[QueueEntry]) -> str:
    return table(
        waiting,
        [
            ("ID", lambda entry: entry.run),
            ("NAME", lambda entry: entry.name),
            ("SEED", lambda entry: str(entry.seed)),
            ("OWNER", lambda entry: entry.owner),
            ("PRIORITY", lambda entry: str(entry.priority)),
            ("STARTS IN", lambda entry: duration(entry.starts_in_s)),
            ("WAITING", lambda entry: entry.waits_for),
        ],
    )


def workers(rows: Iterable[Worker]) -> str:
    return table(
        rows,
        [
            ("NAME", lambda worker: worker.name),
            ("HOST", lambda worker: worker.host),
            ("QUEUE", lambda worker: worker.queue),
            ("DEVICE", _device),
            ("STATE", _state),
            ("CHECK", _check),
            ("RUN", _run),
            ("LAST SEEN", lambda worker: f"{worker.seen_at:%Y-%m-%d %H:%M:%S} UTC"),
        ],
    )


def _device(worker: Worker) -> str:
    return worker.device if worker.slots == 1 else f"{worker.device}, slot {worker.slot} of {worker.slots}"


def _run(worker: Worker) -> str:
    kept = f"kept free for {worker.awaits}" if worker.awaits else "–"
    return worker.run_id or kept


def _check(worker: Worker) -> str:
    """What `trainer check` said of the worker's machine."""
    if worker.machine_check is None:
        return "–"
    failed = [line for line in worker.machine_check.measurements if line.verdict == "failed"]
    return f"failed: {failed[0].what}" if failed else "passed"


def _state(worker: Worker) -> str:
    if not worker.alive:
        return "lost"
    if worker.trouble:
        return f"unfit: {worker.trouble}"
    return "draining" if worker.draining else "alive"
