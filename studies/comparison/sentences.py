"""What a comparison says of itself: its data, scale and number of runs, how its errors are averaged, and its name."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from paper.presets import main_error, printed_figure
from store.db.models import Run
from store.imports.mark import is_unknown
from studies.comparison.cautions import cautions
from studies.comparison.curves import Item, View
from trainer import tasks
from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.charts import Chart

NAME_LENGTH = 120  # of a file, in characters


def sentences(rows: Sequence[Run], items: Sequence[Item], read: "Chart", view: View) -> Iterator[str]:
    """What the curves must be read with: data, scale, number of runs, and how they are averaged."""
    yield f"Data: {', '.join(dict.fromkeys(row.dataset for row in rows))}."
    if rows[0].task == "detection":
        yield from _of_detectors(rows)
        yield _runs(items)
        yield from cautions(rows, read, view.names)
        return
    printed = printed_figure(view.preset)
    if printed and printed.y and not view.height and not is_printed(rows, view):
        ends = f"{printed.y.low:g}–{printed.y.high:g} %"
        yield f"The error axis fits these curves; Fig. {printed.number}'s, {ends}, is for {printed.dataset}."
    yield _scale(rows)
    yield _runs(items)
    if view.training:
        yield f"Training error: mini-batches of {_images(rows)}, {_averaged(read, view)}."
    yield from cautions(rows, read, view.names)


# Each form of mAP, and where the paper uses it.
FORMS = {"voc07": "VOC 07's, over 11 recalls", "area": "VOC 2010's, the area", "coco": "COCO's, mAP@[.5,.95]"}


def _of_detectors(rows: Sequence[Run]) -> Iterator[str]:
    lengths = sorted({row.iterations for row in rows})
    yield f"Length: {', '.join(f'{length:,}' for length in lengths)} iterations."
    specs = [spec for row in rows if isinstance(spec := tasks.of(row.spec), DetectionSpec)]
    yield f"mAP: {'; '.join(dict.fromkeys(FORMS[spec.ap] for spec in specs))}."


def _scale(rows: Sequence[Run]) -> str:
    lengths = {(row.iterations, _published(RunSpec.model_validate(row.spec))) for row in rows}
    texts = [
        f"{own:,} iterations, {'as in the paper' if own == full else f'{own / full:.3g} of the paper’s {full:,}'}"
        for own, full in sorted(lengths)
    ]
    return f"Length: {'; '.join(texts)}."


def _published(spec: RunSpec) -> int:
    """The iterations that the paper trains such a network for."""
    return RunSpec(depth=spec.depth, shortcut=spec.shortcut, dataset=spec.dataset).iterations


def _runs(items: Sequence[Item]) -> str:
    counts = sorted({item.n for item in items})
    if counts == [1]:
        seeds = {None if is_unknown(item.run, "seed") else item.run.spec["seed"] for item in items}
        (seed,) = seeds if len(seeds) == 1 else (None,)
        named = "" if seed is None else f", seed {seed}"
        return f"Each curve is one run (n = 1{named})."
    counted = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"Each curve is the mean of n = {counted} runs, ± one standard deviation."


def _images(rows: Sequence[Run]) -> str:
    is_augmented = all(not is_unknown(row, "augment") and row.spec["augment"] != "none" for row in rows)
    return "augmented images" if is_augmented else "training images"


def _averaged(read: "Chart", view: View) -> str:
    means = f"each point the mean over {read.step} iterations" if read.step > 1 else "each of its iterations"
    return f"{means}, smoothed with weight {view.smoothing:g}" if view.smoothing else means


def is_printed(rows: Sequence[Run], view: View) -> bool:
    """Whether all runs are trained on the data of the figure whose form is copied."""
    printed = printed_figure(view.preset)
    return printed is not None and all(row.dataset == printed.dataset for row in rows)


def note(items: Sequence[Item], view: View) -> str:
    if items[0].is_detector:
        splits = dict.fromkeys("validation" if item.has_val else "test" for item in items)
        return ",\n".join(splits) + " mAP"
    printed = printed_figure(view.preset)
    training = printed.training if printed else "thin"
    parts = [f"{training}: training"] * view.training + [f"bold: {_splits(items, view)}"] * view.evaluation
    return "\n".join(parts)


def _splits(items: Sequence[Item], view: View) -> str:
    """The names of the bold errors: both, if only some runs have a validation split."""
    bold = {main_error(has_validation=item.has_val, preset=view.preset) for item in items}
    if bold == {"test_error"}:
        return "test"
    return "validation" if bold == {"val_error"} else "validation,\nor test where there is none"


def file_name(rows: Sequence[Run], view: View) -> str:
    """ "fig6-plain-20-vs-ResNet-20-A-on-cifar10": what the figure shows, without characters that a file can't have."""
    names = "-vs-".join(dict.fromkeys(tasks.of(row.spec).name for row in rows))
    data = "-".join(dict.fromkeys(row.dataset for row in rows))
    form = "map" if rows[0].task == "detection" else view.preset
    return re.sub(r"[^\w.-]+", "-", f"{form}-{names}"[:NAME_LENGTH] + f"-on-{data}")
