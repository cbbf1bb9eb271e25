"""Studies: in one line, as a plan, and with their table, verdicts and claims."""

from collections.abc import Iterator

from reslab.client.schema import Study, StudyCell, StudyPlan, StudySummary
from reslab.screen.runs import findings
from reslab.screen.text import duration


def line(study: StudySummary | Study) -> str:
    """A study on one line."""
    progress = study.progress
    states = ", ".join(f"{count} {status}" for status, count in progress.by_status.items())
    share = progress.iteration / max(1, progress.iterations)
    done = f"{states}; {share:.0%} of the iterations"
    if progress.examinations:
        done += f", {progress.examinations_succeeded} of {progress.examinations} examinations"
    return f"{study.id}  {study.recipe:16}scale {study.scale:g} on {study.dataset}  {study.status}: {done}"


def plan(plan: StudyPlan) -> str:
    cost = "unknown" if plan.device_hours is None else f"{plan.device_hours:.2f} device-hours"
    equal = "1 equal run has" if plan.reusable == 1 else f"{plan.reusable} equal runs have"
    facts = [
        ("runs", f"{plan.runs} to train" + (f"; {equal} already succeeded" if plan.reusable else "")),
        *([("examinations", str(plan.examinations))] if plan.examinations else []),
        ("time", f"{cost} ({plan.predicted_from}), done in {duration(plan.finishes_in_s)}"),
        *((seeds.network, seeds.sentence) for seeds in plan.seed_plans),
    ]
    return "\n".join([plan.title, *(f"  {name:16}{value}" for name, value in facts), *findings(plan.departures)])


def study(study: Study) -> str:
    """The table that a study fills, its verdicts and its claims."""
    return "\n".join([f"{study.name} (sec. {study.section})", *_networks(study), *_claims(study)])


def _networks(study: Study) -> Iterator[str]:
    cells: dict[str, list[StudyCell]] = {}
    for cell in study.cells:
        if cell.verdict:
            cells.setdefault(cell.network, []).append(cell)
    yield f"  {'NETWORK':24}{'RUNS':6}{'TRAINING ERROR':24}{'TEST ERROR':24}PAPER"
    for network in study.networks:
        start = f"  {network.label:24}{network.ended:<6}{network.train_error or '–':24}"
        if network.label not in cells:
            yield f"{start}{network.test_error or '–'}"
        for cell in cells.pop(network.label, []):
            yield from _beside_paper(start, cell)
    for ensemble in cells.values():
        for cell in ensemble:
            yield from _beside_paper(f"  {cell.network:24}{cell.runs:<6}{'–':24}", cell)


def _beside_paper(start: str, cell: StudyCell) -> Iterator[str]:
    """An error measured as the paper measured it, the paper's own, and the verdict."""
    yield f"{start}{cell.ours or '–':24}{cell.theirs}"
    if cell.verdict:
        yield f"    {cell.verdict.sentence}"


def _claims(study: Study) -> Iterator[str]:
    for claim in study.claims:
        yield f"  {claim.status}: {claim.sentence}"
        for missing in claim.missing:
            number = "more than 100" if missing.runs is None else str(missing.runs)
            yield f"    needs {number} more {'run' if missing.runs == 1 else 'runs'} of {missing.net}"
    for pair in study.depths:
        yield f"  {pair.shallow} and {pair.deep}, seed {pair.seed}: {pair.comparison.sentence}"
