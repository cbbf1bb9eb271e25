"""What was understood of a file that is to be imported. Names are from somebody else's file."""

from reslab.client.schema import ImportPlan
from reslab.screen import runs
from reslab.screen.text import printable, table


def plan(plan: ImportPlan) -> str:
    series = table(
        plan.series,
        [
            ("SERIES", lambda row: row.series),
            ("COLUMN", lambda row: printable(row.column)),
            ("POINTS", lambda row: f"{row.points:,}"),
            ("ITERATIONS", lambda row: f"{row.first_iteration:,} to {row.last_iteration:,}"),
            ("LAST", lambda row: f"{row.last:.4g}"),
            ("LOWEST", lambda row: f"{row.lowest:.4g}"),
        ],
    )
    facts = [f"A file of the kind {plan.format}, up to iteration {plan.iteration:,}.", "", series]
    if plan.others:
        facts += ["", f"Not used: {', '.join(printable(name, 60) for name in plan.others)}"]
    if plan.unknown:
        facts += ["", f"Not said: {', '.join(plan.unknown)}"]
    if plan.problem:
        facts += ["", f"This can't be imported yet: {plan.problem.message}"]
    return "\n".join([*facts, *runs.findings(plan.findings)])
