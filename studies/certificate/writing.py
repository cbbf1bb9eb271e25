"""Writes the certificate of a study that has ended, from the service's rows and objects."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from typing import IO, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from paper.detection.judgement import judge as judge_detectors
from paper.studies import Judgement, judge
from store import studies
from store.curves import points
from store.curves.series import StepSeries
from store.db.errors import Conflict
from store.db.models import Artifact, Dataset, Evaluation, Event, Run, StepChunk, Study, StudyMember
from store.runs import conditions
from store.runs.states import TERMINAL, EventKind
from studies import detection, judging
from studies.certificate import bundle, crate, envelope, key
from studies.certificate.contents import (
    CONTENTS,
    CRATE,
    JUDGEMENT,
    CertifiedCheckpoint,
    CertifiedDetection,
    CertifiedEvaluation,
    CertifiedMember,
    CertifiedRun,
    CertifiedWeights,
    Contents,
)
from studies.certificate.curve import pack, pack_detection
from studies.certificate.envelope import ENVELOPE
from studies.examinations import NeededExamination, examination_results, needed_examinations
from studies.judging import ExaminationResult
from studies.registration.contents import signed
from studies.stores import Stores
from trainer.events import Saved
from trainer.tasks import Task

# The columns of a curve's file.
CURVES: Final[dict[Task, tuple[StepSeries, ...]]] = {
    "classification": ("train_loss", "train_error", "lr"),
    "detection": ("train_loss", "rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss", "foreground", "lr"),
}


@dataclass(frozen=True)
class Enclosures:
    """Which large files a certificate includes: the last weights, and the checkpoints from which an audit can start."""

    weights: bool = False
    checkpoints: bool = False


def write(stores: Stores, study_id: UUID, file: IO[bytes], enclosures: Enclosures) -> None:
    """Raises NotFound, and Conflict if a run or an examination of the study has not ended."""
    signing = key.private(stores.settings.signing_key)
    with stores.database.transaction() as session:
        study = studies.get(session, study_id)
        rows = studies.members(session, study_id)
        _check(run for _, run in rows)
        needed = needed_examinations(session, study, rows)
        _check_examinations(needed)
        conclude = _conclusion(session, stores, study, rows)
        facts = _RunFacts(session, [run for _, run in rows if run is not None])
        dataset = session.get(Dataset, study.dataset)
        registration = studies.registration(session, study_id)
    # Outside the transaction, because judging is slow.
    examinations = examination_results(stores.objects, needed)
    judgement = conclude(examinations).model_dump_json().encode()
    with_curve = [run for run in facts.runs if run.id in facts.with_curve]
    enclosed = facts.enclosed(enclosures)
    # Each curve is read twice, for its hash and for the file, because a large study's curves are gigabytes in total.
    hashes = {JUDGEMENT: hashlib.sha256(judgement).hexdigest()} | {
        _curve_file(run): hashlib.sha256(_curve(stores, run)).hexdigest() for run in with_curve
    }
    contents = Contents(
        reslab=version("reslab"),
        public_key=key.public(signing),
        id=study.id,
        name=study.name,
        owner=study.owner,
        created_at=study.created_at,
        question=judging.question(study),
        manifest_hash=dataset.manifest_hash if dataset else None,
        members=[_member(member, run, facts, enclosures) for member, run in rows],
        examinations=examinations,
        registration=signed(registration.content, registration.signature) if registration else None,
        files=hashes | {name: row.sha256 for name, row in enclosed.items()},
    )
    entries = chain(
        ((name, [content]) for name, content in _documents(contents, judgement, signing).items()),
        ((_curve_file(run), [_curve(stores, run)]) for run in with_curve),
        ((name, stores.objects.read(row.key)) for name, row in enclosed.items()),
    )
    bundle.write(file, entries, signing)


def _conclusion(
    session: Session, stores: Stores, study: Study, rows: judging.MemberRows
) -> Callable[[Sequence[ExaminationResult]], Judgement]:
    """Reads what the study's judgement rests on, but for its examinations. The result judges it."""
    question, deleted = judging.question(study), judging.deleted_members(rows)
    if study.recipe in detection.RECIPES:
        recipe, tests = detection.RECIPES[study.recipe], detection.last_tests(session, rows)
        return lambda examined: judge_detectors(question, detection.members(recipe, rows, tests, examined), deleted)
    trained = judging.member_results(session, stores.outcomes, rows)
    ids = [run.id for _, run in rows if run is not None]
    return lambda examined: judge(question, *judging.with_examinations(ids, trained, examined), deleted)


def _documents(contents: Contents, judgement: bytes, signing: Ed25519PrivateKey) -> dict[str, bytes]:
    """The small files by name. certificate.json has the other ones' hashes, but for the envelope, which contains it."""
    described = json.dumps(crate.metadata(contents), indent=1, ensure_ascii=False).encode()
    complete = contents.model_copy(update={"files": contents.files | {CRATE: hashlib.sha256(described).hexdigest()}})
    return {
        CONTENTS: complete.model_dump_json().encode(),
        ENVELOPE: envelope.seal(complete, signing),
        CRATE: described,
        JUDGEMENT: judgement,
    }


def _curve(stores: Stores, run: Run) -> bytes:
    """The curve's file. Raises Conflict if the run has just been deleted."""
    with stores.database.transaction() as session:
        series = points.read(session, [run.id], CURVES[run.task], 1, run.iterations)
    curve = [series[run.id, name] for name in CURVES[run.task]]
    if not len(curve[0].value):
        raise Conflict(f"Run {run.id} has just been deleted. Request the certificate again.")
    return pack(*curve) if run.task == "classification" else pack_detection(curve)


class _RunFacts:
    """What is certified about the runs beyond their rows, read at once."""

    def __init__(self, session: Session, runs: Sequence[Run]) -> None:
        self.runs = runs
        ids = [run.id for run in runs]
        self.trainers = conditions.trainers(session, ids)
        self.with_curve = set(session.scalars(select(StepChunk.run_id).where(StepChunk.run_id.in_(ids)).distinct()))
        tests = select(Evaluation).where(Evaluation.run_id.in_(ids), Evaluation.split == "test")
        self.tests: dict[UUID, list[CertifiedEvaluation]] = {run_id: [] for run_id in ids}
        self.detections: dict[UUID, list[CertifiedDetection]] = {run_id: [] for run_id in ids}
        for test in session.scalars(tests.order_by(Evaluation.iteration)):
            if test.map is None:
                self.tests[test.run_id].append(CertifiedEvaluation.model_validate(test, from_attributes=True))
            else:
                self.detections[test.run_id].append(CertifiedDetection.model_validate(test, from_attributes=True))
        tensors = select(Artifact).where(Artifact.run_id.in_(ids), Artifact.format == "safetensors")
        artifacts = list(session.scalars(tensors.order_by(Artifact.iteration)))
        # The last weights of each run: later ones overwrite earlier ones.
        self.weights = {row.run_id: row for row in artifacts if row.role == "weights"}
        self.saved = _saved_checkpoints(session, ids)
        # A fork starts with a copy of its parent's checkpoint, which it hasn't saved itself.
        kept = (row for row in artifacts if row.role == "checkpoint" and row.iteration in self.saved[row.run_id])
        self.kept = {_checkpoint_file(row.run_id, row.iteration): row for row in kept}

    def enclosed(self, enclosures: Enclosures) -> dict[str, Artifact]:
        """The objects that are included, by the name of the file."""
        weights = {_weights_file(run): self.weights[run.id] for run in self.runs if run.id in self.weights}
        return (weights if enclosures.weights else {}) | (self.kept if enclosures.checkpoints else {})

    def checkpoints(self, run: Run, enclosures: Enclosures) -> list[CertifiedCheckpoint]:
        """Every checkpoint that the run has saved, also those that are no longer kept."""
        included = self.kept if enclosures.checkpoints else {}
        return [
            CertifiedCheckpoint(
                iteration=saved.iteration,
                sha256=saved.sha256,
                size_bytes=saved.size_bytes,
                file=file if (file := _checkpoint_file(run.id, saved.iteration)) in included else None,
            )
            for _, saved in sorted(self.saved[run.id].items())
        ]


def _saved_checkpoints(session: Session, run_ids: Sequence[UUID]) -> dict[UUID, dict[int, Saved]]:
    """By run and iteration, from the runs' histories: those that are no longer kept too.

    What a later attempt saved again replaces what an earlier one saved.
    """
    history = select(Event).where(Event.run_id.in_(run_ids), Event.kind == EventKind.saved)
    saved: dict[UUID, dict[int, Saved]] = {run_id: {} for run_id in run_ids}
    for event in session.scalars(history.order_by(Event.run_id, Event.seq)):
        if event.body["role"] == "checkpoint":
            checkpoint = Saved.model_validate(event.body | {"file": ""})
            saved[event.run_id][checkpoint.iteration] = checkpoint
    return saved


def _check(runs: Iterable[Run | None]) -> None:
    unfinished = sum(run is not None and run.status not in TERMINAL for run in runs)
    if unfinished:
        raise Conflict(_too_early(unfinished, "run"))


def _check_examinations(needed: Iterable[NeededExamination]) -> None:
    statuses = [examination.status for examination in needed]
    unfinished = sum(status is None or status not in TERMINAL for status in statuses)
    if unfinished:
        raise Conflict(_too_early(unfinished, "examination"))


def _too_early(count: int, noun: str) -> str:
    have = f"{count} {noun} of this study has" if count == 1 else f"{count} {noun}s of this study have"
    return f"{have} not ended. A certificate can be made once all have ended."


def _member(member: StudyMember, run: Run | None, facts: _RunFacts, enclosures: Enclosures) -> CertifiedMember:
    return CertifiedMember(
        label=member.label,
        seed=member.seed,
        tests=member.tests,
        reused=member.reused,
        run=None if run is None else _run(run, facts, enclosures),
    )


def _run(run: Run, facts: _RunFacts, enclosures: Enclosures) -> CertifiedRun:
    return CertifiedRun(
        id=run.id,
        status=run.status,
        reason=run.reason,
        created_at=run.created_at,
        spec=run.spec,
        spec_hash=run.spec_hash,
        fence=run.fence,
        iteration=run.iteration,
        iterations=run.iterations,
        parent_iteration=run.parent_iteration,
        parameters=run.parameters,
        multiply_adds=run.multiply_adds,
        weighted_layers=run.weighted_layers,
        test_error=run.test_error,
        best_val_iteration=run.best_val_iteration,
        trainers=facts.trainers[run.id],
        test_map=run.test_map,
        tests=facts.tests[run.id],
        detections=facts.detections[run.id],
        curve=_curve_file(run) if run.id in facts.with_curve else None,
        weights=_weights(run, facts.weights.get(run.id), enclosures),
        checkpoints=facts.checkpoints(run, enclosures),
    )


def _weights(run: Run, weights: Artifact | None, enclosures: Enclosures) -> CertifiedWeights | None:
    if weights is None:
        return None
    return CertifiedWeights(
        iteration=weights.iteration,
        sha256=weights.sha256,
        size_bytes=weights.size_bytes,
        file=_weights_file(run) if enclosures.weights else None,
    )


def _curve_file(run: Run) -> str:
    return f"curves/{run.id}.npy"


def _weights_file(run: Run) -> str:
    return f"weights/{run.id}.safetensors"


def _checkpoint_file(run_id: UUID, iteration: int) -> str:
    return f"checkpoints/{run_id}-{iteration}.safetensors"
