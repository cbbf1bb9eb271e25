"""A certificate of a study that has ended, from the rows and the objects of this stores."""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import chain
from typing import IO, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from paper.studies import judge
from store import studies
from store.curves import points
from store.curves.series import StepSeries
from store.db.errors import Conflict
from store.db.models import Artifact, Dataset, Evaluation, Run, StepChunk, StudyMember
from store.runs import conditions
from store.runs.states import TERMINAL
from studies import examining as examined
from studies import judging
from studies.certificate import bundle, key
from studies.certificate.contents import (
    CONTENTS,
    JUDGEMENT,
    CertifiedMember,
    CertifiedRun,
    Contents,
    Evaluated,
    Weights,
)
from studies.certificate.curve import packed
from studies.examining import Standing
from studies.stores import Stores

# The columns of a curve's file.
CURVE: Final[tuple[StepSeries, ...]] = ("train_loss", "train_error", "lr")


def write(stores: Stores, study_id: UUID, file: IO[bytes], *, with_weights: bool) -> None:
    """Raises NotFound, and Conflict while a run of the study has not ended."""
    signing = key.private(stores.settings.signing_key)
    with stores.database.transaction() as session:
        study = studies.get(session, study_id)
        rows = studies.members(session, study_id)
        _check(run for _, run in rows)
        trained = judging.trained(session, stores.outcomes, rows)
        standing = examined.standings(session, study, rows)
        _check_examined(standing)
        found = _Rows(session, [run for _, run in rows if run is not None])
        dataset = session.get(Dataset, study.dataset)
    examinations = examined.found(stores.objects, standing)
    trained, ensembles = judging.examined([run.id for run in found.runs], trained, examinations)
    judgement = judge(judging.question(study), trained, ensembles).model_dump_json().encode()
    with_curve = [run for run in found.runs if run.id in found.with_curve]
    weights = {_weights_file(run): found.weights[run.id] for run in found.runs if run.id in found.weights}
    # Each curve is read twice, to be hashed and to be written: those of a large study are gigabytes together.
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
        members=[_member(member, run, found, with_weights=with_weights) for member, run in rows],
        examinations=examinations,
        files=hashes | {name: row.sha256 for name, row in weights.items() if with_weights},
    )
    entries = chain(
        [(CONTENTS, [contents.model_dump_json().encode()]), (JUDGEMENT, [judgement])],
        ((_curve_file(run), [_curve(stores, run)]) for run in with_curve),
        ((name, stores.objects.read(row.key)) for name, row in weights.items() if with_weights),
    )
    bundle.write(file, entries, signing)


def _curve(stores: Stores, run: Run) -> bytes:
    """Its file. Raises Conflict where it has just been deleted."""
    with stores.database.transaction() as session:
        found = points.read(session, [run.id], CURVE, 1, run.iterations)
    curve = [found[run.id, name] for name in CURVE]
    if not len(curve[0].value):
        raise Conflict(f"run {run.id} has just been deleted: ask again")
    return packed(*curve)


class _Rows:
    """What there is of the runs beyond their rows, read at once."""

    def __init__(self, session: Session, runs: Sequence[Run]) -> None:
        self.runs = runs
        ids = [run.id for run in runs]
        self.trainers = conditions.trainers(session, ids)
        self.with_curve = set(session.scalars(select(StepChunk.run_id).where(StepChunk.run_id.in_(ids)).distinct()))
        tests = select(Evaluation).where(Evaluation.run_id.in_(ids), Evaluation.split == "test")
        self.tests: dict[UUID, list[Evaluated]] = {run_id: [] for run_id in ids}
        for test in session.scalars(tests.order_by(Evaluation.iteration)):
            told = Evaluated(iteration=test.iteration, error=test.error, images=test.images)
            self.tests[test.run_id].append(told)
        final = select(Artifact).where(
            Artifact.run_id.in_(ids), Artifact.role == "weights", Artifact.format == "safetensors"
        )
        # The last of each: the newest overwrites.
        self.weights = {row.run_id: row for row in session.scalars(final.order_by(Artifact.iteration))}


def _check(runs: Iterable[Run | None]) -> None:
    left = sum(run is not None and run.status not in TERMINAL for run in runs)
    if left:
        raise Conflict(f"{left} runs of this study have not ended: a certificate is of what has")


def _check_examined(standing: Iterable[Standing]) -> None:
    left = sum(each.status is None or each.status not in TERMINAL for each in standing)
    if left:
        raise Conflict(f"{left} examinations of this study have not ended: a certificate is of what has")


def _member(member: StudyMember, run: Run | None, found: _Rows, *, with_weights: bool) -> CertifiedMember:
    return CertifiedMember(
        label=member.label,
        seed=member.seed,
        tests=member.tests,
        reused=member.reused,
        run=None if run is None else _run(run, found, with_weights=with_weights),
    )


ROW = ("id", "status", "reason", "spec", "spec_hash", "fence", "iteration", "iterations", "parent_iteration",
       "parameters", "multiply_adds", "weighted_layers", "test_error", "best_val_iteration")  # fmt: skip


def _run(run: Run, found: _Rows, *, with_weights: bool) -> CertifiedRun:
    weights = found.weights.get(run.id)
    return CertifiedRun.model_validate(
        {
            **{name: getattr(run, name) for name in ROW},
            "trainers": found.trainers[run.id],
            "tests": found.tests[run.id],
            "curve": _curve_file(run) if run.id in found.with_curve else None,
            "weights": weights
            and Weights(
                iteration=weights.iteration,
                sha256=weights.sha256,
                size_bytes=weights.size_bytes,
                file=_weights_file(run) if with_weights else None,
            ),
        }
    )


def _curve_file(run: Run) -> str:
    return f"curves/{run.id}.npy"


def _weights_file(run: Run) -> str:
    return f"weights/{run.id}.safetensors"
