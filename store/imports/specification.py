"""The specification of a result made elsewhere: what is declared, what its file shows, and what nobody said."""

from typing import Any

from pydantic import ValidationError

from store.curves.points import NONE, Points
from store.db.errors import Refused
from store.imports import chunks
from store.imports.declaration import REQUIRED, Declaration
from store.imports.reading import ForeignCurve
from trainer.catalog import BUILT_IN
from trainer.spec import RunSpec


def specify(declaration: Declaration, curve: ForeignCurve) -> tuple[RunSpec, tuple[str, ...]]:
    """The specification, and the fields that nobody declared: there it has the paper's values.

    How far the curve goes and how dense it is are facts of the file. Raises Refused for a field that the
    specification refuses, and for a curve that doesn't reach the declared end.
    """
    declared = dict(declaration.spec)
    for name in REQUIRED:
        if declared.get(name) is None:
            raise Refused(f"spec.{name}", f"spec.{name} must be declared: it says which network and data this is.")
    observed = _observed(curve)
    # Fields that were neither declared nor observed are unknown; iterations count as observed only if declared.
    spec = _valid({**observed, **declared})
    known = {*declared, *observed} - ({"iterations"} - {*declared})
    if "family" not in declared and spec.dataset in BUILT_IN:
        known.add("family")
    _refuse_unfinished(spec, curve)
    return spec, tuple(name for name in RunSpec.model_fields if name not in known)


def main_errors(curve: ForeignCurve) -> Points:
    """The test errors; validation errors where there are none."""
    return curve.series.get("test_error") or curve.series.get("val_error") or NONE


def _observed(curve: ForeignCurve) -> dict[str, int]:
    series = curve.series
    training = series.get("train_error") or series.get("train_loss")
    logged, evaluated = training and chunks.spacing(training), chunks.spacing(main_errors(curve))
    return {
        "iterations": curve.iteration,
        **({"log_every": min(logged, 1000)} if logged else {}),
        **({"evaluate_every": evaluated} if evaluated else {}),
    }


def _valid(fields: dict[str, Any]) -> RunSpec:
    try:
        return RunSpec.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(["spec", *map(str, first["loc"])])
        raise Refused(name, f"{name}: {first['msg']}.") from error


def _refuse_unfinished(spec: RunSpec, curve: ForeignCurve) -> None:
    """A file may end less than one of its own steps before the end."""
    last, end = curve.iteration, spec.iterations
    gaps = [
        int(points.iteration[-1] - points.iteration[-2]) for points in curve.series.values() if len(points.value) > 1
    ]
    if last > end:
        raise Refused("spec.iterations", f"The file goes to iteration {last:,}, beyond the declared {end:,}.")
    if end - last >= max(gaps, default=1):
        raise Refused(
            "spec.iterations",
            f"The file ends at iteration {last:,} of the declared {end:,}. Only a result at the end of training can "
            "be imported: send the whole file, or declare the iterations that were trained.",
        )
