"""A study as a table to take away: its networks beside the paper's numbers, as CSV, Markdown or LaTeX."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from paper.studies.judged import Judgement


class Line(NamedTuple):
    """Errors are percent, in the paper's form: best (mean±std)."""

    network: str
    key: str
    runs: int
    train_error: str
    test_error: str
    paper: str
    verdict: str
    sentence: str


HEADINGS = ("network", "runs", "training error", "test error", "paper", "verdict")


def lines(judgement: Judgement) -> Iterator[Line]:
    """A line for each error that the paper prints of a network; one without where it prints none.

    Where it prints none at all, the comparisons that its claims come down to stand first.
    """
    cells: dict[str, list[Line]] = {}
    train = {network.label: network.train_error for network in judgement.networks}
    for cell in judgement.cells:
        if cell.verdict:
            shown = (cell.network, cell.key, cell.runs, train.get(cell.network, ""), cell.ours, cell.theirs)
            line = Line(*shown, cell.verdict.outcome, cell.verdict.sentence)
            cells.setdefault(cell.network, []).append(line)
    if not cells:
        yield from _claimed(judgement)
    for network in judgement.networks:
        alone = Line(network.label, "", network.ended, network.train_error, network.test_error, "", "", "")
        yield from cells.pop(network.label, [alone])
    for together in cells.values():  # of an ensemble
        yield from together


def _claimed(judgement: Judgement) -> Iterator[Line]:
    """Where the paper prints no error of these networks, what it says of them: a line a comparison."""
    for claim in judgement.claims:
        for part in claim.parts:
            runs = sum(observation.runs for observation in part.observations)
            yield Line(part.sentence, f"claim:{claim.id}", runs, "", "", claim.section, part.status, claim.sentence)


def as_csv(judgement: Judgement) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(Line._fields)
    writer.writerows(lines(judgement))
    return file.getvalue()


def as_markdown(judgement: Judgement) -> str:
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *map(_shown, lines(judgement))]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def as_latex(judgement: Judgement) -> str:
    """A `tabular` between booktabs' rules, to be put into a `table` of one's own."""
    rows = [" & ".join(map(_escaped, row)) + r" \\" for row in (HEADINGS, *map(_shown, lines(judgement)))]
    body = "\n".join([r"\toprule", rows[0], r"\midrule", *rows[1:], r"\bottomrule"])
    return f"\\begin{{tabular}}{{lrllll}}\n{body}\n\\end{{tabular}}\n"


def _shown(line: Line) -> tuple[str, ...]:
    return line.network, str(line.runs), line.train_error, line.test_error, line.paper, line.verdict


def _escaped(text: str) -> str:
    """Networks' names and numbers: of LaTeX's signs only these can be in them."""
    return text.replace("%", r"\%").replace("&", r"\&").replace("_", r"\_").replace("±", r"$\pm$")
