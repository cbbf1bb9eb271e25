"""What the trainer is called with: to train, or to examine weights."""

import os
from pathlib import Path

from store.examinations import Asked
from store.runs.attempts import Claim
from worker import subjects
from worker.workbench import Workbench
from worker.workdir import Workdir


def argv(workbench: Workbench, claim: Claim, place: Workdir) -> list[str]:
    """The whole command line. Its relative paths are of the attempt's folder, in which the trainer starts."""
    threads = ("--threads", str(workbench.threads)) if workbench.threads else ()
    return [
        *workbench.trainer,
        *(_run(workbench, claim, place) if claim.run.examination is None else _examine(workbench, claim, place)),
        *("--workdir", str(place.folder)),
        *("--device", workbench.device.option, *threads, "--supervised", str(os.getpid())),
    ]


def _run(workbench: Workbench, claim: Claim, place: Workdir) -> list[str]:
    forked_at = claim.run.parent_iteration
    forked = ("--forked-at", str(forked_at)) if forked_at else ()
    return ["run", "--spec", str(place.spec), *_data(workbench, place), *forked]


def _examine(workbench: Workbench, claim: Claim, place: Workdir) -> list[str]:
    asked = Asked.model_validate(claim.run.examination)
    weights = ("--weights", *map(subjects.weights_file, asked.runs))
    match asked.kind:
        case "evaluate":
            recompute = ("--recompute-bn",) if asked.recompute_bn else ()
            views = ("--views", asked.views) if asked.views else ()
            return ["evaluate", *weights, *views, *recompute, *_data(workbench, place)]
        case "responses":
            return ["responses", *weights, *_data(workbench, place)]
        case "predict":
            return ["predict", subjects.PICTURE_FILE, *weights]


def _data(workbench: Workbench, place: Workdir) -> tuple[str, ...]:
    folder: Path | None = place.own_data
    own = ("--folder", str(folder)) if folder else ()
    return ("--data", str(workbench.settings.data.absolute()), *own)
