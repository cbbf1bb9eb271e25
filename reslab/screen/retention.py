"""Retention rules, and what a rule would delete."""

from collections.abc import Iterable

from reslab.client.schema import RetentionPlan, Rule
from reslab.screen.text import table


def rules(rows: Iterable[Rule]) -> str:
    return table(
        rows,
        [
            ("PROJECT", lambda rule: rule.project),
            ("CHECKPOINTS GO AFTER", lambda rule: _days(rule.checkpoints_days)),
            ("OTHER WEIGHTS GO AFTER", lambda rule: _days(rule.weights_days)),
            ("SET BY", lambda rule: rule.owner),
        ],
    )


def plan(plan: RetentionPlan) -> str:
    """The number of files, and the first of them."""
    if plan.files == 0:
        return "This rule deletes nothing now."
    files = table(
        plan.first,
        [
            ("RUN", lambda file: file.run),
            ("ID", lambda file: file.run_id),
            ("FILE", lambda file: file.role),
            ("ITERATION", lambda file: f"{file.iteration:,}"),
            ("BYTES", lambda file: f"{file.size_bytes:,}"),
        ],
    )
    rest = plan.files - len(plan.first)
    more = f"\n… and {rest:,} more" if rest else ""
    return (
        f"{files}{more}\n\nThis rule deletes {plan.files:,} files of {plan.runs:,} runs now: {plan.size_bytes:,} bytes."
    )


def _days(days: int | None) -> str:
    return "never" if days is None else "1 day" if days == 1 else f"{days:,} days"
