"""The trainer's command line: to train a run, or to examine weights."""

import os
from pathlib import Path

from store.examinations import ExaminationSpec
from store.runs.attempts import Claim
from worker import subjects
from worker.process import box_options
from worker.workbench import Workbench
from worker.workdir import Workdir

SHEET_FILE = "sheet.png"


def argv(workbench: Workbench, claim: Claim, workdir: Workdir, meeting: tuple[str, ...] = ()) -> list[str]:
    """The whole command line. Relative paths are relative to the attempt's folder, where the trainer starts.

    `meeting`: the options of a run on several machines.
    """
    threads = ("--threads", str(workbench.threads)) if workbench.threads else ()
    return [
        *workbench.trainer,
        *(_run(workbench, claim, workdir) if claim.run.examination is None else _examine(workbench, claim, workdir)),
        *("--workdir", str(workdir.folder)),
        *("--device", workbench.device.option, *threads, "--supervised", str(os.getpid())),
        *meeting,
        *box_options(workbench.settings.box),
    ]


def _run(workbench: Workbench, claim: Claim, workdir: Workdir) -> list[str]:
    forked_at = claim.run.parent_iteration
    forked = ("--forked-at", str(forked_at)) if forked_at else ()
    start = ("--start", str(workdir.start)) if workdir.start else ()
    sheet = ("--sheet", SHEET_FILE) if workdir.lacks_sheet else ()
    return ["run", "--spec", str(workdir.spec), *_data(workbench, workdir), *start, *sheet, *forked]


def _examine(workbench: Workbench, claim: Claim, workdir: Workdir) -> list[str]:
    question = ExaminationSpec.model_validate(claim.run.examination)
    weights = ("--weights", *map(subjects.weights_file, question.runs))
    match question.kind:
        case "evaluate":
            recompute = ("--recompute-bn",) if question.recompute_bn else ()
            views = ("--views", question.views) if question.views else ()
            return ["evaluate", *weights, *views, *recompute, *_data(workbench, workdir)]
        case "detect":
            refine = ("--refine",) if question.refine else ()
            vote = ("--vote",) if question.vote else ()
            sides = ("--sides", *map(str, question.sides)) if question.sides else ()
            return ["detect", *weights, *refine, *vote, *sides, *_data(workbench, workdir)]
        case "responses" | "statistics":
            return [question.kind, *weights, *_data(workbench, workdir)]
        case "predict":
            return ["predict", subjects.PICTURE_FILE, *weights]


def _data(workbench: Workbench, workdir: Workdir) -> tuple[str, ...]:
    folder: Path | None = workdir.own_data
    own = ("--folder", str(folder)) if folder else ()
    return ("--data", str(workbench.settings.data.absolute()), *own)
