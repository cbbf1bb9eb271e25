"""What may be pooled: one network, one protocol, one data set. Everything else is refused with the reason."""

from collections.abc import Iterator, Sequence
from typing import Final

from paper import lint
from paper.lint import Result
from paper.lint.facts import ForeignResult
from paper.lint.unknown import is_decisive
from studies.pooling.entries import PoolEntry, networks
from trainer.spec import RunSpec

# Fields that the paper leaves open: they change the experiment, so they must be equal where both are known.
OPEN: Final = frozenset({"init", "decay_batch_norm"})
# Fields that change no expected result: where they differ, it is noted.
NOTED: Final = ("devices", "deterministic")
# Nothing but its protocol is asked of a pooled result here.
DECLARED: Final = ForeignResult(unknown=frozenset(), has_rates=False, tested_at=None)


class NotPoolable(Exception):
    """These results are not of one experiment. The text names the first difference."""


def check(entries: Sequence[PoolEntry]) -> None:
    """Raises NotPoolable."""
    several = networks(entries)
    if len(several) > 1:
        raise NotPoolable(f"These are results of several networks: {', '.join(several)}. Choose one of them.")
    for entry in entries:
        _check_known(entry)
    first = entries[0]
    for entry in entries[1:]:
        _check_alike(first, entry)


def notes(entries: Sequence[PoolEntry]) -> Iterator[str]:
    """What may differ without harm, and what nobody checked or said."""
    for field in NOTED:
        values = {getattr(entry.spec, field) for entry in entries if field not in entry.unknown}
        if len(values) > 1:
            yield f"The runs differ in {field}: {', '.join(sorted(map(str, values)))}."
    for field in (*sorted(OPEN), *NOTED):
        labs = dict.fromkeys(str(entry.lab) for entry in entries if field in entry.unknown)
        if labs:
            yield f"Nobody said {field} for {', '.join(labs)}."
    unchecked = dict.fromkeys(str(entry.lab) for entry in entries if entry.data_hash is None)
    if unchecked:
        yield f"The images of {', '.join(unchecked)} were not checked: the data set is what was declared."
    yield from _of_imports(entries)
    if departures := _departures(entries[0]):
        yield f"Departures from the paper, of all runs: {' '.join(departures)}"


def _of_imports(entries: Sequence[PoolEntry]) -> Iterator[str]:
    imported = dict.fromkeys(str(entry.lab) for entry in entries if entry.file_sha256 is not None)
    if imported:
        yield (
            f"Results of {', '.join(imported)} were imported: the protocol is declared, not checked, and "
            "seeds that were left out would not show."
        )


def _departures(entry: PoolEntry) -> list[str]:
    """What keeps the common mean from standing beside the paper's number. All entries are alike in it."""
    result = Result(entry.spec, entry.spec.iterations, entry.error, entry.test_images, foreign=DECLARED)
    return [finding.sentence for finding in lint.of_result(result) if finding.forbids_comparison]


def _check_known(entry: PoolEntry) -> None:
    if entry.lab is None:
        raise NotPoolable(f"Nobody said which lab made {entry.where}, so its runs can't be told from another lab's.")
    unknown = sorted(field for field in entry.unknown if is_decisive(field, entry.spec))
    if unknown:
        raise NotPoolable(
            f"Nobody said {unknown[0]} for {entry.where} ({entry.lab}), so its protocol may be another one."
        )
    if entry.forked_at is not None:
        raise NotPoolable(
            f"{entry.where} started from another run's checkpoint at iteration {entry.forked_at:,}, so its "
            "specification is not what trained it."
        )
    if entry.tested_at is not None and entry.tested_at < entry.spec.iterations:
        raise NotPoolable(
            f"The last test error of {entry.where} is of iteration {entry.tested_at:,}, before the end of training."
        )
    if entry.test_images is None:
        raise NotPoolable(f"Nobody said on how many images the test error of {entry.where} was measured.")


def _check_alike(first: PoolEntry, other: PoolEntry) -> None:
    for field in RunSpec.model_fields:
        is_compared = is_decisive(field, first.spec) or field in OPEN
        mine, theirs = getattr(first.spec, field), getattr(other.spec, field)
        if is_compared and field not in first.unknown | other.unknown and mine != theirs:
            raise NotPoolable(
                f"The protocols differ: {field} is {mine} in {first.where} ({first.lab}) and {theirs} in "
                f"{other.where} ({other.lab})."
            )
    if first.test_images != other.test_images:
        raise NotPoolable(
            f"The test errors were measured on {first.test_images:,} images in {first.where} and on "
            f"{other.test_images:,} in {other.where}."
        )
    if first.data_hash and other.data_hash and first.data_hash != other.data_hash:
        raise NotPoolable(
            f"{first.where} and {other.where} were trained on different images, although both name "
            f"{first.spec.dataset}."
        )
