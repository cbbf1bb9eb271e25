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
from studies.certificate import bundle, registered
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CONTENTS, FORMAT, JUDGEMENT, CertifiedRun, Contents
from studies.certificate.curve import unpack
from studies.certificate.earlier import facts
from studies.registration import RegistrationOutcome
from trainer.spec import RunSpec

# Tolerance for floats computed by another machine's libraries.
ROUNDING = 1e-9
# The limit for certificate.json; a study of a thousand runs takes about this much.
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class ValidCertificate:
    """A certificate that holds. Compare `fingerprint` with the service's own to know who signed it."""

    contents: Contents
    judgement: Judgement
    fingerprint: str
    registration: RegistrationOutcome | None = None


def check(path: Path) -> ValidCertificate:
    """Raises InvalidCertificate, which says what is wrong."""
    entries = bundle.read(path)
    if CONTENTS not in entries or entries[CONTENTS].file_size > MOST_BYTES:
        raise InvalidCertificate(f"This is not a certificate: it has no {CONTENTS}.")
    try:
        contents = Contents.model_validate_json(bundle.content(path, CONTENTS))
    except ValidationError as error:
        raise InvalidCertificate(f"{CONTENTS} can't be read: {error.errors()[0]['msg']}.") from error
    with path.open("rb") as file:
        bundle.check(file, contents.public_key)
    _check_files(path, entries.keys() - {CONTENTS}, contents)
    try:
        judgement = _repeat_judgement(path, contents)
    except InvalidCertificate:
        raise
    except (KeyError, ValueError) as error:  # from another version of the service, or made by hand
        raise InvalidCertificate(f"This version of reslab can't judge its contents: {error}.") from error
    return ValidCertificate(
        contents, judgement, bundle.fingerprint(contents.public_key), registered.outcome_of(contents)
    )


def _check_files(path: Path, names: set[str], contents: Contents) -> None:
    if names != contents.files.keys():
        differing = ", ".join(sorted(names ^ contents.files.keys()))
        raise InvalidCertificate(f"Its files differ from those it lists: {differing}.")
    for name, sha256 in contents.files.items():
        hashed = hashlib.sha256()
        for part in bundle.parts(path, name):
            hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise InvalidCertificate(f"{name} is not the file that was certified.")


def _repeat_judgement(path: Path, contents: Contents) -> Judgement:
    certified = json.loads(bundle.content(path, JUDGEMENT))
    trained = [
        judging.member_result(member.label, row, outcome, tuple(member.tests))
        for member in contents.members
        if member.run is not None
        for row, outcome in [_read(path, member.run)]
    ]
    runs = [member.run.id for member in contents.members if member.run is not None]
    deleted = [DeletedMember(label=member.label, seed=member.seed) for member in contents.members if member.run is None]
    members, ensembles = judging.with_examinations(runs, trained, contents.examinations)
    judgement = judge(contents.question, members, ensembles, deleted)
    repeated = json.loads(judgement.model_dump_json())
    if contents.format != FORMAT:
        certified, repeated = facts(certified), facts(repeated)
    difference = next(_differences(certified, repeated), None)
    if difference is not None:
        raise InvalidCertificate(f"Its judgement does not follow from its curves: {difference}.")
    return judgement


def _read(path: Path, run: CertifiedRun) -> tuple[Run, RunOutcome]:
    """A row outside any database, with the fields that a judgement reads."""
    if RunSpec.model_validate(run.spec).hash() != run.spec_hash:
        raise InvalidCertificate(f"The specification of run {run.id} does not match its hash.")
    columns = run.model_dump(exclude={"trainers", "tests", "curve", "weights", "status"})
    row = Run(status=Status(run.status), **columns)
    errors, rates = unpack(bundle.content(path, run.curve)) if run.curve else (points.NONE, points.NONE)
    tests = [TestEvaluation(test.iteration, test.error, test.images) for test in run.tests]
    last = next((test.error for test in reversed(tests)), None)
    if last != run.test_error:
        raise InvalidCertificate(f"Run {run.id} ended with a test error of {last} %, not {run.test_error} %.")
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
