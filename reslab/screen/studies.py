"""Studies: in one line, as a plan, and with their table, verdicts and claims."""

from collections.abc import Iterator

from reslab.client.schema import Attrition, Study, StudyCell, StudyPlan, StudySummary
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
    head = [f"{study.name} (sec. {study.section})", f"  {_setting(study)}"]
    departures = [f"  Departs from the paper. {finding.message}" for finding in study.departures]
    provenance = [f"  {sentence}" for sentence in study.provenance]
    return "\n".join([*head, *provenance, *departures, *_networks(study), *_registration(study), *_claims(study)])


def _setting(study: Study) -> str:
    share = "all" if study.scale == 1 else f"{study.scale:g}"
    return f"Trained on {study.dataset} with {share} of the paper's iterations."


def _networks(study: Study) -> Iterator[str]:
    cells: dict[str, list[StudyCell]] = {}
    for cell in study.cells:
        if cell.verdict:
            cells.setdefault(cell.network, []).append(cell)
    yield f"  {'NETWORK':24}{'SEEDS':10}{'TRAINING ERROR':24}{'TEST ERROR':24}PAPER"
    for network in study.networks:
        start = f"  {network.label:24}{_seeds(network.attrition):10}{network.train_error or '–':24}"
        if network.label not in cells:
            yield f"{start}{network.test_error or '–'}"
            yield from _missing(network.attrition)
        for cell in cells.pop(network.label, []):
            yield from _beside_paper(start, cell)
    for ensemble in cells.values():
        for cell in ensemble:
            yield from _beside_paper(f"  {cell.network:24}{_seeds(cell.attrition):10}{'–':24}", cell)
    for deleted in study.deleted_networks:
        yield f"  {deleted.label:24}{_seeds(deleted.attrition):10}{'–':24}–"
        yield from _missing(deleted.attrition)


def _beside_paper(start: str, cell: StudyCell) -> Iterator[str]:
    """An error measured as the paper measured it, the paper's own, and the verdict."""
    yield f"{start}{cell.ours or '–':24}{cell.theirs}"
    if cell.verdict:
        yield f"    {cell.verdict.sentence}"
        yield from _missing(cell.attrition)


def _seeds(attrition: Attrition | None) -> str:
    return f"{attrition.counted} of {attrition.planned}" if attrition else "–"


def _missing(attrition: Attrition | None) -> Iterator[str]:
    """What became of the other seeds, and the bound."""
    if attrition and attrition.missing:
        yield f"    {attrition.sentence}"


def _registration(study: Study) -> Iterator[str]:
    """What became of the registered runs, network by network, and the departures."""
    if study.registration is None:
        return
    yield f"  registered {study.registration.registered_at:%Y-%m-%d %H:%M} UTC, before the first run was created"
    yield from (f"    {network.network}: {network.sentence}" for network in study.registration.networks)
    yield from (f"    departure: {sentence}" for sentence in study.registration.departures)


def _claims(study: Study) -> Iterator[str]:
    seeds = {claim.id: claim for claim in study.claim_attrition}
    for claim in study.claims:
        own = seeds[claim.id]
        yield f"  {claim.status}{' (provisional)' if own.is_provisional else ''}: {claim.sentence}"
        if claim.reason:
            yield f"    {claim.reason}"
        if own.sentence:
            yield f"    {own.sentence}"
        yield from (f"    Departs from the paper. {departure}" for departure in claim.departures)
        for missing in claim.missing:
            number = "more than 100" if missing.runs is None else str(missing.runs)
            yield f"    needs {number} more {'run' if missing.runs == 1 else 'runs'} of {missing.net}"
    for pair in study.depths:
        yield f"  {pair.shallow} and {pair.deep}, seed {pair.seed}: {pair.comparison.sentence}"
