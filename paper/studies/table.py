"""A study as a table to download: its networks with the paper's numbers, as CSV, Markdown or LaTeX.

Every row says how many of its seeds count. What the numbers must be read with goes along: data, scale, departures, what
became of the other seeds, and the bound of each verdict. In CSV these are columns, otherwise notes below the table.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from paper.studies.attrition import Attrition
from paper.studies.claim_seeds import ClaimAttrition
from paper.studies.judgement import Judgement, NetworkJudgement
from paper.verdicts import AS_MEAN, AS_RUN, Verdict, signed

PROVISIONAL = "provisional"


class TableRow(NamedTuple):
    """One row. Errors are percent, in the paper's form: best (mean±std)."""

    network: str
    key: str
    seeds: str  # 3 of 6; for a claim, network by network
    train_error: str
    test_error: str
    paper: str
    verdict: str
    sentence: str
    conclusion: str  # the verdict with the interval that decided it
    attrition: str  # what became of the other seeds, and the bound, in words
    is_provisional: bool
    bound: str  # the verdict if the missing seeds had been the worst; empty if none is missing
    departures: str  # all of this row's, from the paper's protocol

    @property
    def marked_verdict(self) -> str:
        """The verdict with its interval, and the word for one that may still change."""
        conclusion = self.conclusion or self.verdict
        return f"{conclusion} ({PROVISIONAL})" if conclusion and self.is_provisional else conclusion


HEADINGS = ("network", "seeds", "training error", "test error", "paper", "verdict")
COLUMNS = (
    *("network", "key", "seeds", "train_error", "test_error", "paper", "verdict", "sentence", "conclusion"),
    *("attrition", "provisional", "bound", "dataset", "scale", "departures", "study"),
)


def table_rows(judgement: Judgement) -> Iterator[TableRow]:
    """A row for each error that the paper prints for a network, or a row without one.

    If the paper prints none for the study, the comparisons behind its claims come first. Networks of which every run
    was deleted come last.
    """
    cells: dict[str, list[TableRow]] = {}
    networks = {network.label: network for network in judgement.networks}
    for cell in judgement.cells:
        if cell.verdict and cell.attrition:
            network = networks.get(cell.network)
            row = _row(cell.network, cell.attrition, _departures(judgement, network))._replace(
                key=cell.key,
                train_error=network.train_error if network else "",
                test_error=cell.ours,
                paper=cell.theirs,
                verdict=cell.verdict.outcome,
                sentence=cell.verdict.sentence,
                conclusion=_conclusion(cell.verdict),
            )
            cells.setdefault(cell.network, []).append(row)
    if not cells:
        yield from _claim_rows(judgement)
    for label, network in networks.items():
        without_paper = _row(label, network.attrition, _departures(judgement, network))._replace(
            train_error=network.train_error, test_error=network.test_error
        )
        yield from cells.pop(label, [without_paper])
    for ensemble_rows in cells.values():
        yield from ensemble_rows
    for deleted in judgement.deleted_networks:
        yield _row(deleted.label, deleted.attrition, _departures(judgement, None))


def _conclusion(verdict: Verdict) -> str:
    """reproduced: +0.00 (−0.47 to +0.47, taking the paper's single run as the network's mean)."""
    if verdict.interval is None or verdict.difference is None:
        return verdict.outcome
    low, high = map(signed, verdict.interval)
    as_printed = AS_RUN if verdict.outcome in ("better", "worse") else AS_MEAN
    taken = f", {as_printed}" if verdict.assumption else ""
    return f"{verdict.outcome}: {signed(verdict.difference)} ({low} to {high}{taken})"


def _row(network: str, attrition: Attrition, departures: str) -> TableRow:
    return TableRow(
        network=network,
        key="",
        seeds=f"{attrition.counted} of {attrition.planned}",
        train_error="",
        test_error="",
        paper="",
        verdict="",
        sentence="",
        conclusion="",
        attrition=attrition.sentence,
        is_provisional=attrition.is_provisional,
        bound=attrition.bound or "",
        departures=departures,
    )


def _departures(judgement: Judgement, network: NetworkJudgement | None) -> str:
    """The study's departures and the network's own, each once."""
    findings = [*judgement.setting.departures, *(network.findings if network else ())]
    return " ".join(dict.fromkeys(finding.sentence for finding in findings if finding.forbids_comparison))


def _claim_rows(judgement: Judgement) -> Iterator[TableRow]:
    """For networks without a printed error: a row for each comparison behind the paper's claims about them."""
    seeds = {claim.id: claim for claim in judgement.claim_attrition}
    common = [finding.sentence for finding in judgement.setting.departures]
    for claim in judgement.claims:
        own = seeds[claim.id]
        for part in claim.parts:
            yield TableRow(
                network=part.sentence,
                key=f"claim:{claim.id}",
                seeds=_claim_seeds(own),
                train_error="",
                test_error="",
                paper=claim.section,
                verdict=part.status,
                sentence=claim.sentence,
                conclusion="",
                attrition=own.sentence,
                is_provisional=own.is_provisional,
                bound=own.bound or "",
                departures=" ".join(dict.fromkeys([*common, *claim.departures])),
            )


def _claim_seeds(claim: ClaimAttrition) -> str:
    return ", ".join(f"{network.network}: {network.counted} of {network.planned}" for network in claim.networks)


def as_csv(judgement: Judgement, provenance: Sequence[str] = ()) -> str:
    """`provenance` are sentences on the study itself; here and below they go along with every number."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in table_rows(judgement):
        provisional = "yes" if row.is_provisional else "no"
        setting = (judgement.setting.dataset, f"{judgement.setting.scale:g}")
        writer.writerow((*row[:10], provisional, row.bound, *setting, row.departures, " ".join(provenance)))
    return file.getvalue()


def as_markdown(judgement: Judgement, provenance: Sequence[str] = ()) -> str:
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *map(_shown, table_rows(judgement))]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return table + "\n" + "".join(f"- {note}\n" for note in notes(judgement, provenance))


def as_latex(judgement: Judgement, provenance: Sequence[str] = ()) -> str:
    """A `tabular` with booktabs rules, to be placed in your own `table`. The notes are its last rows."""
    rows = [" & ".join(map(_escape, row)) + r" \\" for row in (HEADINGS, *map(_shown, table_rows(judgement)))]
    below = [
        rf"\multicolumn{{{len(HEADINGS)}}}{{p{{0.9\linewidth}}}}{{\footnotesize {_escape(note)}}} \\"
        for note in notes(judgement, provenance)
    ]
    body = "\n".join([r"\toprule", rows[0], r"\midrule", *rows[1:], r"\midrule", *below, r"\bottomrule"])
    return f"\\begin{{tabular}}{{lrllll}}\n{body}\n\\end{{tabular}}\n"


def notes(judgement: Judgement, provenance: Sequence[str] = ()) -> list[str]:
    """What the numbers must be read with, a sentence or two each: setting, departures, and seeds that are missing."""
    common = [finding.sentence for finding in judgement.setting.departures]
    shared = [f"Departures from the paper: {' '.join(common)}"] if common else []
    own = [f"{', '.join(labels)}: {text}" for text, labels in _own_departures(judgement, set(common)).items()]
    return [judgement.setting.sentence, *provenance, *shared, *own, *dict.fromkeys(_missing_seeds(judgement))]


def _own_departures(judgement: Judgement, common: set[str]) -> dict[str, list[str]]:
    """The departures that only some of the networks have, with their labels."""
    departures: dict[str, list[str]] = {}
    for network in judgement.networks:
        for finding in network.findings:
            if finding.forbids_comparison and finding.sentence not in common:
                departures.setdefault(finding.sentence, []).append(network.label)
    return departures


def _missing_seeds(judgement: Judgement) -> Iterator[str]:
    """A sentence for every network, verdict and claim with a missing seed."""
    cells = [cell for cell in judgement.cells if cell.verdict and cell.attrition]
    judged = {cell.network for cell in cells}
    for cell in cells:
        if cell.attrition and cell.attrition.missing:
            yield f"{cell.network}: {cell.attrition.sentence}"
    seeds_by_label = {network.label: network.attrition for network in judgement.networks}
    seeds_by_label |= {network.label: network.attrition for network in judgement.deleted_networks}
    for label, attrition in seeds_by_label.items():
        if label not in judged and attrition.missing:
            yield f"{label}: {attrition.sentence}"
    for claim, seeds in zip(judgement.claims, judgement.claim_attrition, strict=True):
        if seeds.bound is not None:
            yield f"{claim.status.capitalize()}, “{claim.sentence}” {seeds.sentence}"


def _shown(row: TableRow) -> tuple[str, ...]:
    return row.network, row.seeds, row.train_error, row.test_error, row.paper, row.marked_verdict


def _escape(text: str) -> str:
    """Escapes the special characters that can occur in names, numbers and sentences."""
    for character in "%&_#$":
        text = text.replace(character, f"\\{character}")
    return text.replace("±", r"$\pm$").replace("−", "$-$").replace("×", r"$\times$")
