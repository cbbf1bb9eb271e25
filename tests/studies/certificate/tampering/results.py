"""With the signer's key: verdicts, errors and curves."""

import io
import json
from typing import Any

import numpy as np

from studies.certificate.contents import JUDGEMENT
from studies.certificate.curve import POINT
from tests.studies.certificate.conftest import Forgery
from tests.studies.certificate.tampering.cases import Cases

CASES = Cases()
tampering, rewrite = CASES.tampering, CASES.rewrite


# With the signer's key: verdicts and errors.
@rewrite("A number of the judgement is changed", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    judgement = json.loads(forgery.files[JUDGEMENT])
    judgement["networks"][0]["test_error"] = "1.00"
    return forgery.with_files(**{JUDGEMENT: json.dumps(judgement).encode()})


@rewrite("A verdict's sentence is changed", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    judgement = json.loads(forgery.files[JUDGEMENT])
    next(cell for cell in judgement["cells"] if cell["verdict"])["verdict"]["sentence"] = "reproduced"
    return forgery.with_files(**{JUDGEMENT: json.dumps(judgement).encode()})


@rewrite("A claim is said to hold", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    judgement = json.loads(forgery.files[JUDGEMENT])
    judgement["claims"][0]["status"] = "holds"
    judgement["claims"][0]["sentence"] = "It holds."
    return forgery.with_files(**{JUDGEMENT: json.dumps(judgement).encode()})


@rewrite("A run's error is lowered, its evaluations left", "the run's facts", "ended with a test error of")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["test_error"] = 8.75


@rewrite("A run's error and last evaluation are lowered to the paper's", "the run's facts", "no number of wrong images")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["test_error"] = run["tests"][-1]["error"] = 8.75


@rewrite("They are lowered to an error that 360 images can give", "the weights", "they say test_error 36.6")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["test_error"] = run["tests"][-1]["error"] = 100 * 32 / 360


@rewrite("The same without weights in the file", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    run = forgery.runs()[0]
    run["test_error"] = run["tests"][-1]["error"] = 100 * 32 / 360
    files = {name: content for name, content in forgery.files.items() if name != run["weights"]["file"]}
    run["weights"]["file"] = None
    return Forgery(forgery.contents, files)


@rewrite("Evaluations with high errors are left out", "the run's facts", "was tested 6 times")
def _(forgery: Forgery) -> None:
    del forgery.runs()[0]["tests"][1:3]


@rewrite("An evaluation after the last iteration is added", "the run's facts", "was tested 9 times")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["tests"].append({"iteration": 36, "error": 0.0, "images": 360})


@rewrite("An error was measured on the easiest 100 images", "the run's facts", "which its trainer did not have")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["tests"][-1] = {"iteration": 32, "error": 3.0, "images": 100}
    run["test_error"] = 3.0


# With the signer's key: curves.
def curve_of(forgery: Forgery, index: int = 0) -> Any:
    return np.load(io.BytesIO(forgery.files[forgery.runs()[index]["curve"]]))


def with_curve(forgery: Forgery, points: Any) -> Forgery:
    file = io.BytesIO()
    np.save(file, points)
    return forgery.with_files(**{forgery.runs()[0]["curve"]: file.getvalue()})


@rewrite("A curve is cut short", "the curve", "ends at iteration 24, not at 32")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, curve_of(forgery)[:24])


@rewrite("A point is taken out of a curve", "the curve", "has gaps")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, np.delete(curve_of(forgery), 10))


@rewrite("A curve's points are put in another order", "the curve", "do not ascend")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, curve_of(forgery)[::-1])


@rewrite("A curve has an error below 0 %", "the curve", "between 0 and 100 %")
def _(forgery: Forgery) -> Forgery:
    curve = curve_of(forgery)
    curve["error"][20:] -= 60
    return with_curve(forgery, curve)


@rewrite("A curve has a loss that is not a number", "the curve", "not finite")
def _(forgery: Forgery) -> Forgery:
    curve = curve_of(forgery)
    curve["loss"][5] = np.nan
    return with_curve(forgery, curve)


@rewrite("A curve was trained with another schedule", "the curve", "where its schedule says")
def _(forgery: Forgery) -> Forgery:
    curve = curve_of(forgery)
    curve["lr"][16:24] = 0.05
    return with_curve(forgery, curve)


@rewrite("A curve's header claims 10¹² points", "the curve", "can't judge its contents: a curve of the shape")
def _(forgery: Forgery) -> Forgery:
    file = io.BytesIO()
    header = {"descr": np.lib.format.dtype_to_descr(POINT), "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(file, header)
    return forgery.with_files(**{forgery.runs()[0]["curve"]: file.getvalue()})


@rewrite("One run's curve is used for two seeds", "the run's facts", "The same curve is certified twice")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, curve_of(forgery, 1))
