"""A study as a table to download: its networks with the paper's numbers, as CSV, Markdown or LaTeX."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from paper.studies.judgement import Judgement
from paper.verdicts import AS_MEAN, AS_RUN, Verdict, signed


class TableRow(NamedTuple):
    """One row. Errors are percent, in the paper's form: best (mean±std)."""

    network: str
    key: str
    runs: int
    train_error: str
    test_error: str
    paper: str
    verdict: str
    sentence: str
    conclusion: str = ""  # the verdict with the interval that decided it


HEADINGS = ("network", "runs", "training error", "test error", "paper", "verdict")


def table_rows(judgement: Judgement) -> Iterator[TableRow]:
    """A row for each error that the paper prints for a network, or a row without one.

    If the paper prints none for the study, the comparisons behind its claims come first.
    """
    cells: dict[str, list[TableRow]] = {}
    train = {network.label: network.train_error for network in judgement.networks}
    for cell in judgement.cells:
        if cell.verdict:
            shown = (cell.network, cell.key, cell.runs, train.get(cell.network, ""), cell.ours, cell.theirs)
            row = TableRow(*shown, cell.verdict.outcome, cell.verdict.sentence, _conclusion(cell.verdict))
            cells.setdefault(cell.network, []).append(row)
    if not cells:
        yield from _claim_rows(judgement)
    for network in judgement.networks:
        without_paper = TableRow(network.label, "", network.ended, network.train_error, network.test_error, "", "", "")
        yield from cells.pop(network.label, [without_paper])
    for ensemble_rows in cells.values():
        yield from ensemble_rows


def _conclusion(verdict: Verdict) -> str:
    """reproduced: +0.00 (−0.47 to +0.47, taking the paper's single run as the network's mean)."""
    if verdict.interval is None or verdict.difference is None:
        return verdict.outcome
    low, high = map(signed, verdict.interval)
    as_printed = AS_RUN if verdict.outcome in ("better", "worse") else AS_MEAN
    taken = f", {as_printed}" if verdict.assumption else ""
    return f"{verdict.outcome}: {signed(verdict.difference)} ({low} to {high}{taken})"


def _claim_rows(judgement: Judgement) -> Iterator[TableRow]:
    """For networks without a printed error: a row for each comparison behind the paper's claims about them."""
    for claim in judgement.claims:
        for part in claim.parts:
            runs = sum(observation.runs for observation in part.observations)
            yield TableRow(part.sentence, f"claim:{claim.id}", runs, "", "", claim.section, part.status, claim.sentence)


def as_csv(judgement: Judgement) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(TableRow._fields)
    writer.writerows(table_rows(judgement))
    return file.getvalue()


def as_markdown(judgement: Judgement) -> str:
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *map(_shown, table_rows(judgement))]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def as_latex(judgement: Judgement) -> str:
    """A `tabular` with booktabs rules, to be placed in your own `table`."""
    rows = [" & ".join(map(_escape, row)) + r" \\" for row in (HEADINGS, *map(_shown, table_rows(judgement)))]
    body = "\n".join([r"\toprule", rows[0], r"\midrule", *rows[1:], r"\bottomrule"])
    return f"\\begin{{tabular}}{{lrllll}}\n{body}\n\\end{{tabular}}\n"


def _shown(row: TableRow) -> tuple[str, ...]:
    return row.network, str(row.runs), row.train_error, row.test_error, row.paper, row.conclusion or row.verdict


def _escape(text: str) -> str:
    """Escapes the only special characters that can occur in names, numbers and verdicts."""
    return text.replace("%", r"\%").replace("&", r"\&").replace("_", r"\_").replace("±", r"$\pm$").replace("−", "$-$")
