"""Runs, their plans and their events."""

from collections.abc import Iterable

from reslab.client.schema import DetectionRunPlan, Event, Finding, Findings, Origin, Run, RunPlan, RunVerdict
from reslab.screen.text import duration, percent, printable, table


def runs(rows: Iterable[Run]) -> str:
    return table(
        rows,
        [
            ("ID", lambda run: run.id),
            ("NAME", _name),
            ("DATA SET", lambda run: run.spec.dataset),
            ("SEED", _seed),
            ("STATUS", lambda run: run.status),
            ("ITERATION", lambda run: f"{run.iteration}/{run.iterations}"),
            ("TRAIN", lambda run: percent(run.train_error)),
            ("LAST VAL", lambda run: percent(run.last.val_error)),
            ("LAST TEST", lambda run: percent(run.last.test_error)),
            ("LEFT", lambda run: duration(run.eta_s)),
        ],
    )


def run(run: Run) -> str:
    """A run on a few lines, with where its specification departs from the paper's."""
    return "\n".join([_facts(run), *findings(run.departures)])


def result(run: Run, check: Findings, verdict: RunVerdict) -> str:
    """A run that has succeeded: all findings, and the verdict on each number that the paper prints for its network."""
    verdicts = [
        f"  {cell.key}, printed {cell.theirs}: {cell.verdict.sentence}" for cell in verdict.cells if cell.verdict
    ]
    counted = [f"  {printable(verdict.seeds)}"] if verdict.seeds and verdicts else []
    return "\n".join([_facts(run), *findings(check.items), *verdicts, *counted])


def _facts(run: Run) -> str:
    unknown = set(run.origin.unknown) if run.origin else set()
    spec = run.spec.model_dump(mode="json", exclude_unset=True, exclude=unknown)
    facts = [
        ("id", run.id),
        ("imported from", run.origin and _source(run.origin)),
        ("status", " ".join(filter(None, (run.status, run.reason, run.message)))),
        ("advice", run.advice),
        ("waiting", run.waits_for),
        ("iteration", f"{run.iteration:,} of {run.iterations:,}"),
        ("starts in", run.starts_in_s is not None and duration(run.starts_in_s)),
        ("time left", run.eta_s is not None and duration(run.eta_s)),
        ("train error", percent(run.train_error)),
        ("val error", _errors(run.last.val_error, run.best.val_error, run.best.evaluations)),
        ("test error", _errors(run.last.test_error, run.best.test_error, run.best.evaluations)),
        ("val mAP", run.last.val_map is not None and percent(run.last.val_map)),
        ("test mAP", run.last.test_map is not None and percent(run.last.test_map)),
        ("parameters", f"{run.parameters:,}"),
        ("multiply-adds", f"{run.multiply_adds:,}"),
        ("spec", " ".join(f"{name}={value}" for name, value in spec.items())),
        ("not said", ", ".join(sorted(unknown))),
    ]
    return "\n".join([_name(run), *(f"  {name:14}{value}" for name, value in facts if value)])


def _name(run: Run) -> str:
    return f"{run.name} (imported)" if run.origin else run.name


def _seed(run: Run) -> str:
    """An import's seed may be unknown."""
    return "–" if run.origin and "seed" in run.origin.unknown else str(run.spec.seed)


def _source(origin: Origin) -> str:
    """Where an import is from, on one line."""
    return ", ".join(filter(None, (origin.lab, origin.source, f"{origin.file} ({origin.format})")))


def _errors(last: float | None, lowest: float | None, evaluations: int) -> str:
    """The last error is the result; the lowest of many evaluations is lower by chance alone."""
    if last is None or lowest is None:
        return percent(last)
    of = "1 evaluation" if evaluations == 1 else f"{evaluations:,} evaluations"
    return f"{percent(last)} (last), {percent(lowest)} (lowest of {of})"


def plan(plan: RunPlan | DetectionRunPlan) -> str:
    facts = [
        ("layers", str(plan.weighted_layers)),
        ("parameters", f"{plan.parameters:,}"),
        ("multiply-adds", f"{plan.multiply_adds:,}"),
        ("memory", f"{plan.memory_bytes / 1e6:,.0f} MB"),
        ("time", f"{duration(plan.predicted_s)} ({plan.predicted_from})"),
    ]
    return "\n".join([plan.name, *(f"  {name:14}{value}" for name, value in facts), *findings(plan.findings)])


def findings(rows: Iterable[Finding]) -> list[str]:
    return [f"  {finding.severity}: {finding.field}: {finding.message}" for finding in rows]


def event(event: Event) -> str:
    """An event on one line."""
    body = event.body
    if event.kind == "steps":
        last = body["first"] + (body["count"] - 1) * body["every"]
        error = f"train error {percent(body['error'])}, " if "error" in body else ""
        return f"iteration {last}: {error}loss {body['loss']:.3f}, lr {body['lr']:g}"
    if event.kind == "evaluated":
        measured = f"mAP {percent(body['map'])}" if "map" in body else f"error {percent(body['error'])}"
        return f"iteration {body['iteration']}: {body['split']} {measured} of {body['images']} images"
    if event.kind == "saved":
        return f"iteration {body['iteration']}: {body['role']} saved, sha256 {body['sha256'][:12]}…"
    details = (str(body[name]) for name in ("reason", "message", "device") if body.get(name))
    return " ".join([event.kind.replace("_", " "), *details])
