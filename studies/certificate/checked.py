"""A certificate checked by itself: its signature, every hash, and what is said of the study, said again from its
curves. Needs no service and no database."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paper.studies import Judgement, judge
from store.curves import outcomes, points
from store.curves.outcomes import RunMeasurements, RunOutcome, TestEvaluation
from store.db.models import Run
from store.runs.states import Status
from studies import judging
from studies.certificate import bundle
from studies.certificate.bundle import Forged
from studies.certificate.contents import CONTENTS, FORMAT, JUDGEMENT, CertifiedRun, Contents
from studies.certificate.curve import unpacked
from studies.certificate.earlier import facts
from trainer.spec import RunSpec

# Of a float that another machine's libraries computed.
ROUNDING = 1e-9
# Of certificate.json: a study of a thousand runs has about this.
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """What holds. `fingerprint` says whose it is, which only a comparison with the service's own can settle."""

    contents: Contents
    judgement: Judgement
    fingerprint: str


def check(path: Path) -> Checked:
    """Raises Forged with what is wrong."""
    entries = bundle.read(path)
    if CONTENTS not in entries or entries[CONTENTS].file_size > MOST_BYTES:
        raise Forged(f"this is no certificate: it has no {CONTENTS}")
    try:
        contents = Contents.model_validate_json(bundle.content(path, CONTENTS))
    except ValidationError as error:
        raise Forged(f"{CONTENTS} cannot be read: {error.errors()[0]['msg']}") from error
    with path.open("rb") as file:
        bundle.check(file, contents.public_key)
    _check_files(path, entries.keys() - {CONTENTS}, contents)
    try:
        judgement = _judged_again(path, contents)
    except Forged:
        raise
    except (KeyError, ValueError) as error:  # of another version of the service, or made by hand
        raise Forged(f"it holds what this version of reslab cannot judge: {error}") from error
    return Checked(contents, judgement, bundle.fingerprint(contents.public_key))


def _check_files(path: Path, there: set[str], contents: Contents) -> None:
    if there != contents.files.keys():
        raise Forged(f"its files are not those that it lists: {', '.join(sorted(there ^ contents.files.keys()))}")
    for name, sha256 in contents.files.items():
        hashed = hashlib.sha256()
        for part in bundle.parts(path, name):
            hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise Forged(f"{name} is not the file that was certified")


def _judged_again(path: Path, contents: Contents) -> Judgement:
    said = json.loads(bundle.content(path, JUDGEMENT))
    trained = [
        judging.member(member.label, row, outcome, tuple(member.tests))
        for member in contents.members
        if member.run is not None
        for row, outcome in [_read(path, member.run)]
    ]
    runs = [member.run.id for member in contents.members if member.run is not None]
    again = judge(contents.question, *judging.examined(runs, trained, contents.examinations))
    today = json.loads(again.model_dump_json())
    if contents.format != FORMAT:
        said, today = facts(said), facts(today)
    differ = next(_differences(said, today), None)
    if differ is not None:
        raise Forged(f"what it says does not follow from its curves: {differ}")
    return again


def _read(path: Path, run: CertifiedRun) -> tuple[Run, RunOutcome]:
    """A row of no database: the judges read the same fields of it."""
    if RunSpec.model_validate(run.spec).hash() != run.spec_hash:
        raise Forged(f"run {run.id} has another specification than its hash says")
    names = set(CertifiedRun.model_fields) - {"trainers", "tests", "curve", "weights", "status"}
    row = Run(status=Status(run.status), **{name: getattr(run, name) for name in names})
    errors, rates = unpacked(bundle.content(path, run.curve)) if run.curve else (points.NONE, points.NONE)
    tests = [TestEvaluation(test.iteration, test.error, test.images) for test in run.tests]
    last = next((test.error for test in reversed(tests)), None)
    if last != run.test_error:
        raise Forged(f"run {run.id} ended with {last} % on the test images, not with {run.test_error}")
    return row, outcomes.of(row, RunMeasurements(run.trainers, errors, rates, tests)) if run.fence else RunOutcome([])


def _differences(said: Any, again: Any, where: str = "") -> Iterator[str]:
    """Any: parsed JSON. Texts that quote a number are compared as they are: they are rounded."""
    if isinstance(said, dict) and isinstance(again, dict):
        for name in said.keys() | again.keys():
            yield from _differences(said.get(name), again.get(name), f"{where}.{name}")
    elif isinstance(said, list) and isinstance(again, list) and len(said) == len(again):
        for place, (one, other) in enumerate(zip(said, again, strict=True)):
            yield from _differences(one, other, f"{where}[{place}]")
    elif isinstance(said, float) and isinstance(again, float):
        if not math.isclose(said, again, rel_tol=ROUNDING, abs_tol=ROUNDING):
            yield f"{where.lstrip('.')} is {again}, not {said}"
    elif said != again:
        yield f"{where.lstrip('.')} is {again}, not {said}"
