"""Retention rules, and what a rule would delete and archive."""

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
            ("RUNS ARE ARCHIVED AFTER", lambda rule: _days(rule.archive_days)),
            ("SET BY", lambda rule: rule.owner),
        ],
    )


def plan(plan: RetentionPlan) -> str:
    """The numbers of files and archived runs, and the first of these files."""
    archived = f" It archives {plan.archived:,} runs." if plan.archived else ""
    if plan.files == 0:
        return f"This rule deletes nothing now.{archived}"
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
    deleted = f"This rule deletes {plan.files:,} files of {plan.runs:,} runs now: {plan.size_bytes:,} bytes."
    return f"{files}{more}\n\n{deleted}{archived}"


def _days(days: int | None) -> str:
    return "never" if days is None else "1 day" if days == 1 else f"{days:,} days"
