"""Checks a certificate on its own: its signature, every hash, and its judgement, repeated from its curves.

Needs neither the service nor a database.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paper.studies import DeletedMember, Judgement, judge
from store.curves import outcomes, points
from store.curves.outcomes import RunMeasurements, RunOutcome, TestEvaluation
from store.db.models import Run
from store.runs.states import Status
from studies import judging
from studies.certificate import bundle, consistency, curve_check, registered, weights
from studies.certificate.bundle import Bundle, InvalidCertificate
from studies.certificate.contents import CONTENTS, FORMAT, JUDGEMENT, CertifiedMember, CertifiedRun, Contents
from studies.certificate.curve import unpack
from studies.certificate.earlier import facts
from studies.registration import RegistrationOutcome

# Tolerance for floats computed by another machine's libraries.
ROUNDING = 1e-9
# The limit for certificate.json and for judgement.json. 2,000 runs of the paper's length take 20 MB; parsed JSON takes
# up to twenty times its size in memory.
MOST_BYTES = 64 * 1024 * 1024
# What reading a hostile file or another version's raises: RecursionError for JSON that is nested too deeply.
UNJUDGEABLE = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)


@dataclass(frozen=True)
class ValidCertificate:
    """A certificate that holds. Compare `fingerprint` with the service's own to know who signed it."""

    contents: Contents
    judgement: Judgement
    fingerprint: str
    registration: RegistrationOutcome | None = None


def check(path: Path) -> ValidCertificate:
    """Raises InvalidCertificate, which says what is wrong. Time and memory are at most in proportion to the file."""
    with bundle.opened(path) as archive, path.open("rb") as file:
        if CONTENTS not in archive.entries:
            raise InvalidCertificate(f"This is not a certificate: it has no {CONTENTS}.")
        try:
            contents = Contents.model_validate_json(archive.content(CONTENTS, MOST_BYTES))
        except ValidationError as error:
            raise InvalidCertificate(f"{CONTENTS} can't be read: {error.errors()[0]['msg']}.") from error
        bundle.check(file, contents.public_key)
        _check_files(archive, contents)
        try:
            consistency.check_study(contents)
            judgement = _repeat_judgement(archive, contents)
        except InvalidCertificate:
            raise
        except UNJUDGEABLE as error:  # from another version of the service, or made by hand
            raise InvalidCertificate(f"This version of reslab can't judge its contents: {error}.") from error
    return ValidCertificate(
        contents, judgement, bundle.fingerprint(contents.public_key), registered.outcome_of(contents)
    )


def _check_files(archive: Bundle, contents: Contents) -> None:
    names = archive.entries.keys() - {CONTENTS}
    if names != contents.files.keys():
        differing = ", ".join(sorted(names ^ contents.files.keys()))
        raise InvalidCertificate(f"Its files differ from those it lists: {differing}.")
    runs = [member.run for member in contents.members if member.run is not None]
    saved = [run.weights for run in runs if run.weights and run.weights.file]
    used = {JUDGEMENT, *(run.curve for run in runs if run.curve), *(row.file for row in saved)}
    if names != used:
        raise InvalidCertificate(f"No run has these files: {', '.join(sorted(map(str, names ^ used)))}.")
    for name, sha256 in contents.files.items():
        hashed = hashlib.sha256()
        for part in archive.parts(name):
            hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise InvalidCertificate(f"{name} is not the file that was certified.")
    for row in saved:
        if row.file and (contents.files[row.file], archive.entries[row.file].file_size) != (row.sha256, row.size_bytes):
            raise InvalidCertificate(f"{row.file} is not the weights file that its run saved.")


def _repeat_judgement(archive: Bundle, contents: Contents) -> Judgement:
    certified = json.loads(archive.content(JUDGEMENT, MOST_BYTES))
    judgement = judgement_of(archive, contents)
    repeated = json.loads(judgement.model_dump_json())
    if contents.format != FORMAT:
        certified, repeated = facts(certified), facts(repeated)
    difference = next(_differences(certified, repeated), None)
    if difference is not None:
        raise InvalidCertificate(f"Its judgement does not follow from its curves: {difference}.")
    return judgement


def judgement_of(archive: Bundle, contents: Contents) -> Judgement:
    """The judgement that follows from the certificate's runs and curves. Raises InvalidCertificate."""
    trained = [
        judging.member_result(member.label, row, outcome, tuple(member.tests))
        for member in contents.members
        if member.run is not None
        for row, outcome in [_read(archive, member, member.run)]
    ]
    runs = [member.run.id for member in contents.members if member.run is not None]
    deleted = [DeletedMember(label=member.label, seed=member.seed) for member in contents.members if member.run is None]
    members, ensembles = judging.with_examinations(runs, trained, contents.examinations)
    return judge(contents.question, members, ensembles, deleted)


def _read(archive: Bundle, member: CertifiedMember, run: CertifiedRun) -> tuple[Run, RunOutcome]:
    """A row outside any database, with the fields that a judgement reads."""
    spec, classes = consistency.check_run(member, run)
    weights.check(archive, run, spec, classes)
    columns = run.model_dump(exclude={"trainers", "tests", "curve", "weights", "status"})
    row = Run(status=Status(run.status), **columns)
    errors, rates = points.NONE, points.NONE
    if run.curve:
        loss, errors, rates = unpack(archive.content(run.curve))
        curve_check.check(run, spec, loss, errors, rates)
    tests = [TestEvaluation(test.iteration, test.error, test.images) for test in run.tests]
    return row, outcomes.of(row, RunMeasurements(run.trainers, errors, rates, tests)) if run.fence else RunOutcome([])


def _differences(certified: Any, repeated: Any, where: str = "") -> Iterator[str]:
    """Any: parsed JSON. Text that contains numbers must be equal, because the numbers in it are rounded."""
    if isinstance(certified, dict) and isinstance(repeated, dict):
        for name in certified.keys() | repeated.keys():
            yield from _differences(certified.get(name), repeated.get(name), f"{where}.{name}")
    elif isinstance(certified, list) and isinstance(repeated, list) and len(certified) == len(repeated):
        for index, (old, new) in enumerate(zip(certified, repeated, strict=True)):
            yield from _differences(old, new, f"{where}[{index}]")
    elif isinstance(certified, float) and isinstance(repeated, float):
        if not math.isclose(certified, repeated, rel_tol=ROUNDING, abs_tol=ROUNDING):
            yield f"{where.lstrip('.')} is {repeated}, not {certified}"
    elif certified != repeated:
        yield f"{where.lstrip('.')} is {repeated}, not {certified}"
