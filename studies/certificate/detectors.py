"""Checks what a certificate says of a detector: with itself, with its recipe, and with what mAP is computed from.

As consistency.py does for classifiers.
"""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from paper.detection import recipes
from paper.detection.recipes import DetectionRecipe
from store.runs.states import TERMINAL, Status
from studies import detection
from studies.certificate import attempts
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CertifiedDetection, CertifiedMember, CertifiedRun, Contents
from studies.certificate.curve import Curve
from trainer.detection.catalog import LAB_DATA
from trainer.detection.plan import plan
from trainer.detection.spec import DetectionSpec
from trainer.schedule import Rate

# Of percentages, and of losses and rates that are stored as float32.
ROUNDING, FLOAT32_ROUNDING = 1e-6, 1e-4
LOSSES: Final = ("rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss")


def check_recipe(contents: Contents) -> None:
    """Raises InvalidCertificate if the members are not detectors of the study's recipe, each trained alike."""
    recipe = detection.RECIPES[contents.question.recipe]
    seeds: dict[str, set[int]] = {}
    alike: dict[str, str] = {}
    for member in contents.members:
        _check_tests(recipe, member)
        seeds.setdefault(member.label, set()).add(member.seed)
        if member.run is None:
            continue
        spec = DetectionSpec.model_validate(member.run.spec)
        if spec.dataset != contents.question.dataset:
            raise InvalidCertificate(f"Run {member.run.id} was trained on {spec.dataset}, not on the study's data.")
        if alike.setdefault(member.label, without_seed(spec)) != without_seed(spec):
            raise InvalidCertificate(
                f"Run {member.run.id} differs from other runs of {member.label} in more than seed."
            )
    for label, own in seeds.items():
        # Seeds are added in order, so a gap is a seed that was left out.
        if missing := set(range(max(contents.question.seeds, *own))) - own:
            raise InvalidCertificate(f"{label} lacks seed {min(missing)}, which the study has or had.")


def without_seed(spec: DetectionSpec) -> str:
    return spec.model_copy(update={"seed": 0}).hash()


def _check_tests(recipe: DetectionRecipe, member: CertifiedMember) -> None:
    """A label names a detector of the recipe, or another network in its place; its run must be that network."""
    detector = next(
        (own for own in recipe.detectors if member.label == own.label or member.label.endswith(f" for {own.label}")),
        None,
    )
    if detector is None:
        raise InvalidCertificate(f"{recipe.name} has no network {member.label}.")
    tests = [test.key for test in recipes.tests_of_detector(recipe, detector)]
    if sorted(tests) != sorted(member.tests):
        raise InvalidCertificate(f"{member.label} is compared with other values than {recipe.name} says.")
    if member.run is None:
        return
    spec = DetectionSpec.model_validate(member.run.spec)
    if not member.label.startswith(spec.name) or spec.context != detector.context:
        raise InvalidCertificate(f"Run {member.run.id} is not {member.label}: it trained {spec.name}.")


def check_run(member: CertifiedMember, run: CertifiedRun) -> DetectionSpec:
    """The run's specification. Raises InvalidCertificate, naming the run."""
    spec = DetectionSpec.model_validate(run.spec)
    fault = next(_faults(member, run, spec), None)
    if fault is not None:
        raise InvalidCertificate(f"Run {run.id} {fault}.")
    return spec


def _faults(member: CertifiedMember, run: CertifiedRun, spec: DetectionSpec) -> Iterator[str]:
    """What is wrong with the run, as the rest of a sentence."""
    if spec.hash() != run.spec_hash:
        yield "has a specification that does not match its hash"
    if spec.seed != member.seed:
        yield f"was trained with seed {spec.seed}, not {member.seed}"
    status = Status(run.status)
    if status not in TERMINAL:
        yield f"is {status}: only ended runs can be certified"
    if run.iterations != spec.iterations or not 0 <= run.iteration <= run.iterations:
        yield (
            f"ended after iteration {run.iteration:,} of {run.iterations:,}, where its specification has "
            f"{spec.iterations:,}"
        )
    if run.test_error is not None or run.tests:
        yield "is a detector, but has test errors"
    yield from _count_faults(run, spec)
    yield from attempts.faults(run)
    if run.trainers and not run.fence:
        yield "has trainers, but no attempt"
    if status == Status.succeeded:
        yield from attempts.success_faults(run, "mAP", run.test_map)
    yield from _test_faults(run, spec, is_complete=status == Status.succeeded)


def _count_faults(run: CertifiedRun, spec: DetectionSpec) -> Iterator[str]:
    """A class adds the same number of parameters as the next one, so its own data set's classes are counted by them."""
    one, two = plan(spec, 1), plan(spec, 2)
    known = LAB_DATA.get(spec.dataset)
    classes = (
        known.classes if known else 1 + round((run.parameters - one.parameters) / (two.parameters - one.parameters))
    )
    counted = plan(spec, max(1, classes))
    for name in ("parameters", "multiply_adds", "weighted_layers"):
        expected, certified = getattr(counted, name), getattr(run, name)
        if expected != certified:
            yield f"has {certified:,} {name.replace('_', '-')}, but {spec.name} has {expected:,}"
    if any(len(test.ap) != classes for test in run.detections):
        yield f"was tested on another number of classes than its {classes}"


def _test_faults(run: CertifiedRun, spec: DetectionSpec, *, is_complete: bool) -> Iterator[str]:
    tests, every, start = run.detections, spec.evaluate_every, run.parent_iteration or 0
    at = [test.iteration for test in tests]
    last = run.iteration if is_complete else max(at, default=0)
    due = [*range((start // every + 1) * every, last + 1, every)]
    if last > start and last == run.iterations and last % every:
        due.append(last)
    if at != due:
        yield f"was tested {len(at):,} times, but an evaluation every {every:,} iterations gives {len(due):,}"
    images = {trainer["test_images"] for trainer in run.trainers}
    for test in tests:
        if test.images not in images:
            yield f"was tested on {test.images:,} images, which its trainer did not have"
        yield from _map_faults(test, spec)
    final = tests[-1].map if tests else None
    if is_complete and final != run.test_map:
        yield f"ended with an mAP of {final}, not {run.test_map}"


def _map_faults(test: CertifiedDetection, spec: DetectionSpec) -> Iterator[str]:
    """mAP is the mean over the classes that have objects; two of the three are the same number."""
    values = [ap for ap in test.ap.values() if ap is not None]
    if not all(
        math.isfinite(value) and 0 <= value <= 100 for value in (*values, test.map, test.map_50, test.map_50_95)
    ):
        yield f"has a precision at iteration {test.iteration:,} that is not between 0 and 100 %"
    mean = sum(values) / len(values) if values else 0.0
    if abs(mean - test.map) > ROUNDING:
        yield f"has an mAP of {test.map} at iteration {test.iteration:,}, but its classes' mean is {mean}"
    same = test.map_50_95 if spec.ap == "coco" else test.map_50
    if abs(same - test.map) > ROUNDING:
        yield f"has an mAP of {test.map} at iteration {test.iteration:,}, but in the form {spec.ap} it would be {same}"


def check_curve(run: CertifiedRun, spec: DetectionSpec, curve: Curve) -> None:
    """Raises InvalidCertificate, naming the run."""
    fault = next(_curve_faults(run, spec, curve), None)
    if fault is not None:
        raise InvalidCertificate(f"The curve of run {run.id} {fault}.")


def _curve_faults(run: CertifiedRun, spec: DetectionSpec, curve: Curve) -> Iterator[str]:
    at, every, start = curve["iteration"], spec.log_every, run.parent_iteration or 0
    if not len(at):
        yield "has no points"
        return
    gaps = np.diff(at)
    if at[0] <= start or at[0] > start + every or at[-1] > run.iteration or (gaps <= 0).any() or (gaps > every).any():
        yield f"has points at the iterations {at[0]:,} to {at[-1]:,}, with gaps or out of order"
    if run.status == "succeeded" and at[-1] <= run.iterations - every:
        yield f"ends at iteration {at[-1]:,}, not at {run.iterations:,}"
    losses = np.stack([curve[name].astype(np.float64) for name in LOSSES])
    if not np.isfinite(losses).all() or (losses < 0).any():
        yield "has losses that are negative or not finite"
    if not np.allclose(losses.sum(axis=0), curve["loss"], rtol=FLOAT32_ROUNDING, atol=FLOAT32_ROUNDING):
        yield "has a loss that is not the sum of its four losses"
    if ((curve["foreground"] < 0) | (curve["foreground"] > 100)).any():
        yield "has a share of objects that is not between 0 and 100 %"
    rate = Rate(spec)
    planned = np.array([rate.at(int(iteration)) for iteration in at])
    if not np.allclose(curve["lr"], planned, rtol=FLOAT32_ROUNDING, atol=0):
        first = int(np.argmax(~np.isclose(curve["lr"], planned, rtol=FLOAT32_ROUNDING, atol=0)))
        yield (
            f"has a learning rate of {curve['lr'][first]:g} at iteration {at[first]:,}, where its schedule says "
            f"{planned[first]:g}"
        )
