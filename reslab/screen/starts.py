"""Weights that a detector can start from."""

from collections.abc import Iterable

from reslab.client.schema import StartWeights
from reslab.screen.text import table


def starts(rows: Iterable[StartWeights]) -> str:
    return table(
        rows,
        [
            ("NAME", lambda start: start.name),
            ("FROM", lambda start: f"seed {start.seed} on {start.dataset}" if start.run else "a file"),
            ("STATISTICS", lambda start: start.statistics),
            ("MB", lambda start: f"{start.size_bytes / 1e6:,.0f}"),
            ("SHA-256", lambda start: start.sha256),
        ],
    )
