"""How runs, plans and events look in a terminal. Pure: JSON objects in, text out."""

from collections.abc import Callable, Iterable, Sequence

from reslab.client import Json


def table(rows: Iterable[Json], columns: Sequence[tuple[str, Callable[[Json], str]]]) -> str:
    """Columns as wide as their widest cell, numbers and words alike to the left."""
    lines = [[heading for heading, _ in columns], *([cell(row) for _, cell in columns] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def runs(found: Iterable[Json]) -> str:
    return table(
        found,
        [
            ("ID", lambda run: run["id"]),
            ("NAME", lambda run: run["name"]),
            ("DATA SET", lambda run: run["spec"]["dataset"]),
            ("STATUS", lambda run: run["status"]),
            ("ITERATION", lambda run: f"{run['iteration']}/{run['iterations']}"),
            ("TRAIN", lambda run: percent(run["train_error"])),
            ("VAL", lambda run: percent(run["last"]["val_error"])),
            ("TEST", lambda run: percent(run["last"]["test_error"])),
            ("LEFT", lambda run: duration(run["eta_s"])),
        ],
    )


def run(shown: Json) -> str:
    """A run's page in a few lines."""
    facts = [
        ("id", shown["id"]),
        ("status", " ".join(filter(None, (shown["status"], shown["reason"], shown["message"])))),
        ("advice", shown["advice"]),
        ("waits for", shown["waits_for"]),
        ("iteration", f"{shown['iteration']} of {shown['iterations']}"),
        ("starts in", shown["starts_in_s"] is not None and duration(shown["starts_in_s"])),
        ("left", duration(shown["eta_s"])),
        ("train error", percent(shown["train_error"])),
        ("val error", f"{percent(shown['last']['val_error'])}, best {percent(shown['best']['val_error'])}"),
        ("test error", f"{percent(shown['last']['test_error'])}, best {percent(shown['best']['test_error'])}"),
        ("parameters", f"{shown['parameters']:,}"),
        ("multiply-adds", f"{shown['multiply_adds']:,}"),
        ("spec", " ".join(f"{name}={value}" for name, value in shown["spec"].items())),
    ]
    return "\n".join(
        [shown["name"], *(f"  {name:14}{value}" for name, value in facts if value), *findings(shown["departures"])]
    )


def plan(planned: Json) -> str:
    facts = [
        ("layers", str(planned["weighted_layers"])),
        ("parameters", f"{planned['parameters']:,}"),
        ("multiply-adds", f"{planned['multiply_adds']:,}"),
        ("memory", f"{planned['memory_bytes'] / 1e6:,.0f} MB"),
        ("time", f"{duration(planned['predicted_s'])} ({planned['predicted_from']})"),
    ]
    return "\n".join(
        [planned["name"], *(f"  {name:14}{value}" for name, value in facts), *findings(planned["findings"])]
    )


def findings(found: Iterable[Json]) -> list[str]:
    return [f"  {finding['severity']}: {finding['field']}: {finding['message']}" for finding in found]


def datasets(found: Iterable[Json]) -> str:
    return table(
        found,
        [
            ("NAME", lambda data: data["name"]),
            ("KIND", lambda data: data["kind"]),
            ("CLASSES", lambda data: str(data["classes"])),
            ("TRAIN", lambda data: str(data["train_images"])),
            ("TEST", lambda data: str(data["test_images"])),
            ("ABOUT", lambda data: data["about"]),
        ],
    )


def queue(waiting: Iterable[Json]) -> str:
    return table(
        waiting,
        [
            ("ID", lambda entry: entry["run"]),
            ("NAME", lambda entry: entry["name"]),
            ("OWNER", lambda entry: entry["owner"]),
            ("PRIORITY", lambda entry: str(entry["priority"])),
            ("STARTS IN", lambda entry: duration(entry["starts_in_s"])),
            ("WAITS FOR", lambda entry: entry["waits_for"]),
        ],
    )


def workers(found: Iterable[Json]) -> str:
    return table(
        found,
        [
            ("NAME", lambda worker: worker["name"]),
            ("HOST", lambda worker: worker["host"]),
            ("QUEUE", lambda worker: worker["queue"]),
            ("DEVICE", lambda worker: worker["device"]),
            ("STATE", lambda worker: "lost" if not worker["alive"] else "drains" if worker["draining"] else "alive"),
            ("RUN", lambda worker: worker["run_id"] or "–"),
            ("SEEN", lambda worker: worker["seen_at"]),
        ],
    )


def event(happened: Json) -> str:
    """One line."""
    body, kind = happened["body"], happened["kind"]
    if kind == "steps":
        last = body["first"] + (body["count"] - 1) * body["every"]
        return f"iteration {last}: train error {percent(body['error'])}, loss {body['loss']:.3f}, lr {body['lr']:g}"
    if kind == "evaluated":
        return (
            f"iteration {body['iteration']}: {body['split']} error {percent(body['error'])} of {body['images']} images"
        )
    if kind == "saved":
        return f"iteration {body['iteration']}: {body['role']} saved, sha256 {body['sha256'][:12]}…"
    words = (str(body[name]) for name in ("reason", "message", "device") if body.get(name))
    return " ".join([kind.replace("_", " "), *words])


def percent(error: float | None) -> str:
    return "–" if error is None else f"{error:.2f} %"


def duration(seconds: float | None) -> str:
    """`2 h 05 min`, `4 min`, `50 s`; a dash where it is not known."""
    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min" if minutes >= 2 else f"{seconds:.0f} s"
