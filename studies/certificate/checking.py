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

from paper.detection.judgement import judge as judge_detectors
from paper.studies import DeletedMember, Judgement, judge
from store.curves import outcomes, points
from store.curves.outcomes import RunMeasurements, RunOutcome, TestEvaluation
from store.db.models import Run
from store.runs.states import Status
from studies import detection, judging
from studies.certificate import bundle, consistency, crate, curve_check, detectors, envelope, registered, weights
from studies.certificate.bundle import Bundle, InvalidCertificate
from studies.certificate.contents import (
    CONTENTS,
    CRATE,
    FORMAT,
    JUDGEMENT,
    CertifiedCheckpoint,
    CertifiedMember,
    CertifiedRun,
    CertifiedWeights,
    Contents,
)
from studies.certificate.curve import DETECTION_POINT, records, unpack
from studies.certificate.earlier import facts
from studies.certificate.envelope import ENVELOPE
from studies.certificate.opening import Files, opened
from studies.fingerprints import fingerprint
from studies.registration import RegistrationOutcome

# Tolerance for floats computed by another machine's libraries.
ROUNDING = 1e-9
# The limit for certificate.json and for judgement.json. 2,000 runs of the paper's length take 20 MB; parsed JSON takes
# up to twenty times its size in memory.
MOST_BYTES = 64 * 1024 * 1024
# It contains certificate.json in base64.
MOST_ENVELOPE_BYTES = MOST_BYTES * 3 // 2
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
    with opened(path) as files:
        contents = _contents(path, files)
        _check_files(files, contents)
        try:
            consistency.check_study(contents)
            judgement = _repeat_judgement(files, contents)
            _check_crate(files, contents)
        except InvalidCertificate:
            raise
        except UNJUDGEABLE as error:  # from another version of the service, or made by hand
            raise InvalidCertificate(f"This version of reslab can't judge its contents: {error}.") from error
    return ValidCertificate(contents, judgement, fingerprint(contents.public_key), registered.outcome_of(contents))


def _contents(path: Path, files: Files) -> Contents:
    """What the file says. Raises InvalidCertificate if it is not signed by the key that it names."""
    if isinstance(files, Bundle):
        return _certificate(path, files)
    return envelope.open_sealed(files.content(path.name, MOST_ENVELOPE_BYTES))


def _certificate(path: Path, files: Bundle) -> Contents:
    """What the signed zip says. Raises InvalidCertificate if its signature, its form or its envelope is wrong."""
    if CONTENTS not in files.entries:
        raise InvalidCertificate(f"This is not a certificate: it has no {CONTENTS}.")
    try:
        contents = Contents.model_validate_json(files.content(CONTENTS, MOST_BYTES))
    except ValidationError as error:
        raise InvalidCertificate(f"{CONTENTS} can't be read: {error.errors()[0]['msg']}.") from error
    with path.open("rb") as file:
        bundle.check(file, contents.public_key)
    names = files.entries.keys() - {CONTENTS, ENVELOPE}
    if names != contents.files.keys():
        differing = ", ".join(sorted(names ^ contents.files.keys()))
        raise InvalidCertificate(f"Its files differ from those it lists: {differing}.")
    if ENVELOPE in files.entries and envelope.open_sealed(files.content(ENVELOPE, MOST_ENVELOPE_BYTES)) != contents:
        raise InvalidCertificate(f"{ENVELOPE} says something else than {CONTENTS}.")
    return contents


def _check_files(files: Files, contents: Contents) -> None:
    runs = [member.run for member in contents.members if member.run is not None]
    saved: list[CertifiedWeights | CertifiedCheckpoint] = [run.weights for run in runs if run.weights]
    saved += [checkpoint for run in runs for checkpoint in run.checkpoints]
    used = {JUDGEMENT, *(run.curve for run in runs if run.curve), *(row.file for row in saved if row.file)}
    unused = (contents.files.keys() - {CRATE}) ^ used
    if unused:
        raise InvalidCertificate(f"No run has these files: {', '.join(sorted(unused))}.")
    for name, sha256 in contents.files.items():
        hashed = hashlib.sha256()
        for part in files.parts(name):
            hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise InvalidCertificate(f"{name} is not the file that was certified.")
    for row in saved:
        if row.file and (contents.files[row.file], files.size(row.file)) != (row.sha256, row.size_bytes):
            raise InvalidCertificate(f"{row.file} is not the weights file that its run saved.")


def _check_crate(files: Files, contents: Contents) -> None:
    if CRATE in contents.files and json.loads(files.content(CRATE, MOST_BYTES)) != crate.metadata(contents):
        raise InvalidCertificate(f"{CRATE} says something else than {CONTENTS}.")


def _repeat_judgement(files: Files, contents: Contents) -> Judgement:
    certified = json.loads(files.content(JUDGEMENT, MOST_BYTES))
    judgement = judgement_of(files, contents)
    repeated = json.loads(judgement.model_dump_json())
    if contents.format != FORMAT:
        certified, repeated = facts(certified), facts(repeated)
    difference = next(_differences(certified, repeated), None)
    if difference is not None:
        raise InvalidCertificate(f"Its judgement does not follow from its curves: {difference}.")
    return judgement


def judgement_of(files: Files, contents: Contents) -> Judgement:
    """The judgement that follows from the certificate's runs and curves. Raises InvalidCertificate."""
    if contents.question.recipe in detection.RECIPES:
        return _judgement_of_detectors(files, contents)
    trained = [
        judging.member_result(member.label, row, outcome, tuple(member.tests))
        for member in contents.members
        if member.run is not None
        for row, outcome in [_read(files, member, member.run)]
    ]
    runs = [member.run.id for member in contents.members if member.run is not None]
    deleted = [DeletedMember(label=member.label, seed=member.seed) for member in contents.members if member.run is None]
    members, ensembles = judging.with_examinations(runs, trained, contents.examinations)
    return judge(contents.question, members, ensembles, deleted)


def _judgement_of_detectors(files: Files, contents: Contents) -> Judgement:
    recipe = detection.RECIPES[contents.question.recipe]
    members = []
    for member in contents.members:
        if member.run is None:
            continue
        run, spec = member.run, detectors.check_run(member, member.run)
        weights.check_detector(files, run)
        if run.curve:
            detectors.check_curve(run, spec, records(files.content(run.curve), DETECTION_POINT))
        own = [each for each in contents.examinations if each.runs == (run.id,)]
        last = run.detections[-1] if run.detections else None
        members.append(detection.member(recipe, member, run, last, own))
    deleted = [DeletedMember(label=member.label, seed=member.seed) for member in contents.members if member.run is None]
    return judge_detectors(contents.question, members, deleted)


def _read(files: Files, member: CertifiedMember, run: CertifiedRun) -> tuple[Run, RunOutcome]:
    """A row outside any database, with the fields that a judgement reads."""
    spec, classes = consistency.check_run(member, run)
    weights.check(files, run, spec, classes)
    columns = run.model_dump(exclude={"trainers", "tests", "detections", "curve", "weights", "checkpoints", "status"})
    row = Run(status=Status(run.status), **columns)
    errors, rates = points.NONE, points.NONE
    if run.curve:
        loss, errors, rates = unpack(files.content(run.curve))
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
