"""What the commands about studies print."""

from collections.abc import Iterator
from typing import Any

from reslab import screen

Json = dict[str, Any]  # Any: parsed JSON, whose shape the API's schema describes


def line(study: Json) -> str:
    """A study in one line."""
    progress = study["progress"]
    states = ", ".join(f"{count} {status}" for status, count in progress["by_status"].items())
    share = progress["iteration"] / max(1, progress["iterations"])
    asked = f"scale {study['scale']:g} on {study['dataset']}"
    examined = (
        f", {progress['examinations_succeeded']} of {progress['examinations']} examined"
        if progress["examinations"]
        else ""
    )
    told = f"{states}; {share:.0%} of the iterations{examined}"
    return f"{study['id']}  {study['recipe']:16}{asked}  {study['status']}: {told}"


def plan(planned: Json) -> str:
    hours = planned["device_hours"]
    cost = "not known" if hours is None else f"{hours:.2f} device-hours"
    facts = [
        ("runs", f"{planned['runs']}, {planned['reusable']} of its runs are there already"),
        *([("examinations", str(planned["examinations"]))] if planned["examinations"] else []),
        ("time", f"{cost} ({planned['predicted_from']}), done in {screen.duration(planned['finishes_in_s'])}"),
        *((plan["network"], plan["sentence"]) for plan in planned["seed_plans"]),
    ]
    return "\n".join(
        [planned["title"], *(f"  {name:16}{value}" for name, value in facts), *screen.findings(planned["departures"])]
    )


def study(shown: Json) -> str:
    """The table that it fills, its verdicts, and the claims."""
    return "\n".join([f"{shown['name']} (sec. {shown['section']})", *_networks(shown), *_claims(shown)])


def _networks(shown: Json) -> Iterator[str]:
    cells: dict[str, list[Json]] = {}
    for cell in shown["cells"]:
        if cell["verdict"]:
            cells.setdefault(cell["network"], []).append(cell)
    yield f"  {'NETWORK':24}{'RUNS':6}{'TRAINING ERROR':24}{'TEST ERROR':24}PAPER"
    for network in shown["networks"]:
        start = f"  {network['label']:24}{network['ended']:<6}{network['train_error'] or '–':24}"
        if network["label"] not in cells:
            yield f"{start}{network['test_error'] or '–'}"
        for cell in cells.pop(network["label"], []):
            yield from _beside(start, cell)
    for together in cells.values():  # of an ensemble
        for cell in together:
            yield from _beside(f"  {cell['network']:24}{cell['runs']:<6}{'–':24}", cell)


def _beside(start: str, cell: Json) -> Iterator[str]:
    """An error measured as the paper's was, and what follows."""
    yield f"{start}{cell['ours'] or '–':24}{cell['theirs']}"
    yield f"    {cell['verdict']['sentence']}"


def _claims(shown: Json) -> Iterator[str]:
    for claim in shown["claims"]:
        yield f"  {claim['status']}: {claim['sentence']}"
        for missing in claim["missing"]:
            more = "more than a hundred" if missing["runs"] is None else missing["runs"]
            yield f"    missing: {more} of {missing['net']}"
    for pair in shown["depths"]:
        yield f"  {pair['shallow']} and {pair['deep']}, seed {pair['seed']}: {pair['comparison']['sentence']}"
