"""A run's evaluations: written once, and the best of them by the validation images."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store import history
from store.db.models import Evaluation, Run
from store.runs.states import EventKind
from trainer.events import Scores


def record(session: Session, run: Run, event: Scores) -> None:
    """Writes an evaluation of the running attempt, whose run is locked, as a row and as an event."""
    # A stop during an evaluation leaves a checkpoint of the same iteration, sometimes with one split already stored.
    # The next attempt evaluates again, with the same result bit for bit.
    if session.get(Evaluation, (run.id, event.split, event.iteration)):
        return
    values = event.model_dump(mode="json", exclude={"kind", "images_per_s"})
    run.iteration = max(run.iteration, event.iteration)  # the last iteration may lie between two logged ones
    evaluation = Evaluation(run_id=run.id, attempt=run.fence, **values)
    session.add(evaluation)
    _rank(run, evaluation)
    history.record(session, run, EventKind.evaluated, **values)


def truncate(session: Session, run: Run, start: int) -> None:
    """Deletes those after iteration `start`, and ranks the others again."""
    session.execute(delete(Evaluation).where(Evaluation.run_id == run.id, Evaluation.iteration > start))
    run.val_error = run.best_val_error = run.best_val_iteration = run.test_error = run.best_test_error = None
    run.val_map = run.best_val_map = run.test_map = run.best_test_map = None
    remaining = select(Evaluation).where(Evaluation.run_id == run.id).order_by(Evaluation.iteration)
    for evaluation in session.scalars(remaining):
        _rank(run, evaluation)


def _rank(run: Run, evaluation: Evaluation) -> None:
    """Only the validation images choose the best weights; the best on test is reported and chooses nothing."""
    if evaluation.error is not None:
        _rank_error(run, evaluation.split, evaluation.iteration, evaluation.error)
    if evaluation.map is not None:
        _rank_map(run, evaluation.split, evaluation.iteration, evaluation.map)


def _rank_error(run: Run, split: str, iteration: int, error: float) -> None:
    if split == "val":
        run.val_error = error
        if run.best_val_error is None or error < run.best_val_error:
            run.best_val_error, run.best_val_iteration = error, iteration
    else:
        run.test_error = error
        run.best_test_error = min(error, run.best_test_error if run.best_test_error is not None else error)


def _rank_map(run: Run, split: str, iteration: int, precision: float) -> None:
    if split == "val":
        run.val_map = precision
        if run.best_val_map is None or precision > run.best_val_map:
            run.best_val_map, run.best_val_iteration = precision, iteration
    else:
        run.test_map = precision
        run.best_test_map = max(precision, run.best_test_map if run.best_test_map is not None else precision)
