"""Checks that what a certificate says agrees with itself, with the paper's recipe and with the networks' arithmetic.

A holder of the signing key can write anything. These rules refuse what no honest service would have written.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import Final

from paper import recipes
from paper.planner import LOOKS
from paper.recipes import RecipeOptions
from store.runs.states import TERMINAL, Status
from studies import detection
from studies.certificate import attempts, detectors
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CertifiedMember, CertifiedRun, Contents
from trainer.catalog import BUILT_IN
from trainer.events import Started
from trainer.plan import plan
from trainer.spec import RunSpec

# Of a number of images that was computed back from a percentage.
ROUNDING: Final = 1e-6


def check_study(contents: Contents) -> None:
    """Raises InvalidCertificate if the members are not the recipe's runs, each of them once and none left out."""
    _check_unique("seed", ((member.label, member.seed) for member in contents.members))
    runs = [member.run for member in contents.members if member.run is not None]
    _check_unique("run", (run.id for run in runs))
    _check_unique("curve", (contents.files[run.curve] for run in runs if run.curve in contents.files))
    _check_unique("weights file", (run.weights.sha256 for run in runs if run.weights))
    if contents.question.recipe in detection.RECIPES:
        detectors.check_recipe(contents)
    else:
        _check_recipe(contents)
    _check_looks(contents)
    _check_examinations(contents)


def check_run(member: CertifiedMember, run: CertifiedRun) -> tuple[RunSpec, int]:
    """The run's specification and its number of classes. Raises InvalidCertificate, naming the run."""
    spec = RunSpec.model_validate(run.spec)
    fault = next(_faults(member, run, spec), None)
    if fault is not None:
        raise InvalidCertificate(f"Run {run.id} {fault}.")
    return spec, _classes(run, spec)


def _check_unique(noun: str, values: Iterable[Hashable]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            shown = f"{value[0]}, seed {value[1]}," if isinstance(value, tuple) else value
            raise InvalidCertificate(f"The same {noun} is certified twice: {shown} is listed {count} times.")


def _check_recipe(contents: Contents) -> None:
    question = contents.question
    options = RecipeOptions(seeds=question.seeds, scale=question.scale, dataset=question.dataset)
    prescribed: dict[str, list[recipes.Member]] = {}
    for prescription in recipes.members(recipes.RECIPES[question.recipe], options):
        prescribed.setdefault(prescription.label, []).append(prescription)
    seeds: dict[str, set[int]] = {}
    for member in contents.members:
        if member.label not in prescribed:
            raise InvalidCertificate(f"{question.recipe} has no network {member.label}.")
        first = prescribed[member.label][0]
        seeds.setdefault(member.label, set()).add(member.seed)
        if sorted(member.tests) != sorted(first.tests):
            raise InvalidCertificate(f"{member.label} is compared with other values than {question.recipe} says.")
        if member.run is not None and member.run.spec_hash != _with_seed(first.spec, member.seed).hash():
            raise InvalidCertificate(f"Run {member.run.id} is not {member.label} as {question.recipe} prescribes it.")
    for label, own in seeds.items():
        required = {prescription.seed for prescription in prescribed[label]}
        # Seeds are added in order, so a gap is a seed that was left out.
        missing = (required | set(range(min(required), max(own)))) - own
        if missing:
            raise InvalidCertificate(f"{label} lacks seed {min(missing)}, which the study has or had.")


def _check_looks(contents: Contents) -> None:
    """A study that adds seeds after looking at its results shares the level of its verdicts among its looks."""
    question, seeds = contents.question, Counter(member.label for member in contents.members)
    has_grown = max(seeds.values(), default=0) > question.seeds
    if (has_grown or question.budget is not None) and question.looks < LOOKS:
        why = "seeds were added to it" if has_grown else f"it may have up to {question.budget} seeds per network"
        raise InvalidCertificate(
            f"Its verdicts share their level among {question.looks} looks, but {why}: that takes at least {LOOKS}."
        )


def _with_seed(spec: RunSpec, seed: int) -> RunSpec:
    return spec.model_copy(update={"seed": seed})


def _check_examinations(contents: Contents) -> None:
    _check_unique("examination", (examination.id for examination in contents.examinations))
    known = {member.run.id for member in contents.members if member.run is not None}
    for examination in contents.examinations:
        if not set(examination.runs) <= known or len(set(examination.runs)) != len(examination.runs):
            raise InvalidCertificate(f"Examination {examination.id} is not of this study's runs.")
        for error in (examination.error, examination.top5_error):
            if error is not None and not _is_whole(error, examination.images or 0):
                raise InvalidCertificate(
                    f"Examination {examination.id} has an error of {error} %, which no number of wrong images among "
                    f"{examination.images} gives."
                )


def _faults(member: CertifiedMember, run: CertifiedRun, spec: RunSpec) -> Iterator[str]:
    """What is wrong with the run, as the rest of a sentence."""
    if spec.hash() != run.spec_hash:
        yield "has a specification that does not match its hash"
    if spec.seed != member.seed:
        yield f"was trained with seed {spec.seed}, not {member.seed}"
    status = Status(run.status)
    if status not in TERMINAL:
        yield f"is {status}: only ended runs can be certified"
    yield from _count_faults(run, spec)
    if run.iterations != spec.iterations:
        yield f"has {run.iterations:,} iterations, but its specification says {spec.iterations:,}"
    if not 0 <= run.iteration <= run.iterations:
        yield f"ended after iteration {run.iteration:,} of {run.iterations:,}"
    if run.trainers and not run.fence:
        yield "has trainers, but no attempt"
    if status == Status.succeeded:
        yield from attempts.success_faults(run, "test error", run.test_error)
    yield from _trainer_faults(run, spec)
    yield from _test_faults(run, spec, is_complete=status == Status.succeeded)


def _count_faults(run: CertifiedRun, spec: RunSpec) -> Iterator[str]:
    network = plan(spec, _classes(run, spec))
    for name in ("parameters", "multiply_adds", "weighted_layers"):
        counted, certified = getattr(network, name), getattr(run, name)
        if counted != certified:
            yield f"has {certified:,} {name.replace('_', '-')}, but {spec.name} has {counted:,}"


def _classes(run: CertifiedRun, spec: RunSpec) -> int:
    """A built-in data set's number of classes; for your own, the number that its parameters imply."""
    if spec.dataset in BUILT_IN:
        return BUILT_IN[spec.dataset].classes
    two, three = plan(spec, 2).parameters, plan(spec, 3).parameters
    return max(2, 2 + (run.parameters - two) // (three - two))


def _trainer_faults(run: CertifiedRun, spec: RunSpec) -> Iterator[str]:
    yield from attempts.faults(run)
    data = BUILT_IN.get(spec.dataset)
    for start in (Started.model_validate(trainer) for trainer in run.trainers):
        if data and data.content_hash not in (None, start.data_hash):
            yield f"was trained on other images than {data.name}'s: their hash is {start.data_hash}"
        if data is None or data.family != "cifar":  # imagenet is a folder that the user provides
            continue
        counts = (start.train_images, start.val_images, start.test_images)
        train = spec.train_images or data.train_images
        expected = (train, data.train_images - train, data.test_images)
        if counts != expected:
            yield (
                f"used {counts[0]:,} training, {counts[1]:,} validation and {counts[2]:,} test images of {data.name}, "
                f"not {expected[0]:,}, {expected[1]:,} and {expected[2]:,}"
            )


def _test_faults(run: CertifiedRun, spec: RunSpec, *, is_complete: bool) -> Iterator[str]:
    tests, every = run.tests, spec.evaluate_every
    at = [test.iteration for test in tests]
    last = run.iteration if is_complete else max(at, default=0)
    start = run.parent_iteration or 0
    due = [*range((start // every + 1) * every, last + 1, every)]
    if last > start and last == run.iterations and last % every:
        due.append(last)
    if at != due:
        yield f"was tested {len(at):,} times, but an evaluation every {every:,} iterations gives {len(due):,}"
    if last > run.iteration:
        yield f"was tested at iteration {last:,}, after its last one"
    images = {start["test_images"] for start in run.trainers}
    for test in tests:
        if test.images not in images:
            yield f"was tested on {test.images:,} images, which its trainer did not have"
        if not _is_whole(test.error, test.images):
            yield f"has a test error of {test.error} %, which no number of wrong images among {test.images:,} gives"
    final = tests[-1].error if tests else None
    if final != run.test_error:
        yield f"ended with a test error of {final} %, not {run.test_error} %"
    if run.best_val_iteration is not None and run.best_val_iteration not in at:
        yield f"has its best validation error at iteration {run.best_val_iteration:,}, where it was not evaluated"


def _is_whole(error: float, images: int) -> bool:
    """Whether a whole number of `images` gives this error, percent."""
    wrong = error * images / 100
    return math.isfinite(wrong) and -ROUNDING <= wrong <= images + ROUNDING and abs(wrong - round(wrong)) <= ROUNDING
