"""Reads the header of a weights file, and says where it differs from the run that it is said to come from.

Loads no torch: the tensors' names and shapes follow from the specification (trainer/state.py).
"""

import json
from typing import Any, Final

from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CertifiedRun
from studies.certificate.opening import Files
from trainer.spec import RunSpec
from trainer.state import Shape, tensor_shapes

LENGTH_BYTES: Final = 8
# ResNet-1202's header has 1.1 MB.
MOST_HEADER_BYTES: Final = 16 * 1024 * 1024


def check(files: Files, run: CertifiedRun, spec: RunSpec, classes: int) -> None:
    """Raises InvalidCertificate if the run's weights file is not the last weights of this run's network."""
    if run.weights is None or run.weights.file is None:
        return
    header = _header(files, run.weights.file)
    metadata = header.pop("__metadata__", {})
    shapes: dict[str, Shape] = {name: tuple(tensor["shape"]) for name, tensor in header.items()}
    expected = tensor_shapes(spec, classes)
    if shapes != expected:
        name = min(name for name in shapes.keys() | expected.keys() if shapes.get(name) != expected.get(name))
        raise InvalidCertificate(
            f"The weights of run {run.id} are not {spec.name}'s: {name} has the shape {shapes.get(name)}, not "
            f"{expected.get(name)}."
        )
    _check_story(run, metadata, "test_error", run.test_error)


def check_detector(files: Files, run: CertifiedRun) -> None:
    """Raises InvalidCertificate if the run's weights file does not say that it is this run's."""
    if run.weights is not None and run.weights.file is not None:
        _check_story(run, _header(files, run.weights.file).get("__metadata__", {}), "test_map", run.test_map)


def _check_story(run: CertifiedRun, metadata: dict[str, str], measure: str, measured: float | None) -> None:
    facts = {
        "spec_hash": run.spec_hash,
        "data_hash": run.trainers[-1]["data_hash"] if run.trainers else None,
        "iteration": str(run.weights.iteration) if run.weights else None,
        measure: repr(measured),
    }
    for name, value in facts.items():
        if metadata.get(name) != value:
            raise InvalidCertificate(
                f"The weights of run {run.id} are another run's: they say {name} {metadata.get(name)}, not {value}."
            )


def _header(files: Files, name: str) -> dict[str, Any]:  # Any: JSON
    """The JSON that a safetensors file begins with: a shape for each tensor, and the metadata."""
    length = int.from_bytes(files.beginning(name, LENGTH_BYTES), "little")
    if not 2 <= length <= MOST_HEADER_BYTES:
        raise InvalidCertificate(f"{name} is not a safetensors file.")
    header = json.loads(files.beginning(name, LENGTH_BYTES + length)[LENGTH_BYTES:])
    if not isinstance(header, dict):
        raise InvalidCertificate(f"{name} is not a safetensors file.")
    return header
