"""Writes the folder: model.safetensors, config.json, the model card, and network.py, which loads them."""

import base64
import json
import shutil
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reslab.client import Client
from reslab.client.schema import DetectionSpec, Run, RunSpec
from reslab.sharing.card import card

WEIGHTS = "model.safetensors"


def write(client: Client, run_id: str, folder: Path, at: str = "last", licence: str | None = None) -> Run:
    """Write the run's weights and what describes them to `folder`, which must be new or empty.

    Raises ApiError if the run has no weights, OSError, and ValueError if the folder has content or torchvision has no
    such network.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty. Name a new folder.")
    run = client.run(run_id)
    spec = _classification(run)
    if spec.family == "imagenet" and spec.shortcut != "B":
        raise ValueError(
            f"{run.name} has shortcut {spec.shortcut}. Of the ImageNet family, only option B loads in torchvision "
            "and timm. `reslab download` has the weights, and reslab.networks the network."
        )
    folder.mkdir(parents=True, exist_ok=True)
    client.weights(run.id, folder / WEIGHTS, at)
    metadata = metadata_of(folder / WEIGHTS)
    (folder / "config.json").write_text(json.dumps(config(run.id, spec, metadata), indent=2) + "\n")
    (folder / "README.md").write_text(card(run, spec, metadata, equal_runs(client, run, spec), licence))
    shutil.copyfile(Path(__file__).with_name("network.py"), folder / "network.py")
    return run


def config(run_id: str, spec: RunSpec, metadata: dict[str, str]) -> dict[str, Any]:  # Any: JSON
    """What builds the network. `architecture` and `pretrained_cfg` are timm's fields, for the networks that it has.

    Our networks take pixels of 0 to 255 minus a mean image. timm's normalisation with std 1/255 is the same, but for
    the mean, which is one number a channel.
    """
    classes = json.loads(metadata["classes"])
    mean = array("f", base64.b64decode(metadata["input_mean"]))
    channel, side = len(mean) // 3, 32 if spec.family == "cifar" else 224
    means = [sum(mean[i * channel : (i + 1) * channel]) / channel for i in range(3)]
    is_theirs = spec.family == "imagenet" and (spec.depth < 50 or not spec.stride_in_1x1)
    return {
        "architecture": f"resnet{spec.depth}" if is_theirs else f"reslab_{spec.family}_{spec.depth}_{spec.shortcut}",
        "num_classes": len(classes),
        "family": spec.family,
        "depth": spec.depth,
        "shortcut": spec.shortcut,
        "stride_in_1x1": spec.stride_in_1x1,
        "label_names": classes,
        "pretrained_cfg": {
            "input_size": [3, side, side],
            "mean": [value / 255 for value in means],
            "std": [1 / 255] * 3,
            # How a test image is cut: the middle 224 pixels of a shorter side of 256; timm's default is bicubic.
            "interpolation": "bilinear" if spec.family == "imagenet" else "bicubic",
            "crop_pct": 1.0 if spec.family == "cifar" else 224 / 256,
            "num_classes": len(classes),
            "classifier": "linear" if spec.family == "cifar" else "fc",
        },
        "reslab": {name: metadata[name] for name in ("spec_hash", "data_hash", "iteration")} | {"run": run_id},
    }


def equal_runs(client: Client, run: Run, spec: RunSpec) -> Sequence[Run]:
    """The runs that have succeeded and differ from this one in the seed only, each seed once, itself included."""
    alike = client.runs(status="succeeded", depth=spec.depth, shortcut=spec.shortcut, dataset=spec.dataset)
    return each_seed_once([run, *alike])


def each_seed_once(runs: Sequence[Run]) -> list[Run]:
    """Those of `runs` that are of the first one's experiment. An import whose seed nobody said stands alone."""
    first = runs[0]
    if first.origin is not None and "seed" in first.origin.unknown:
        return [first]
    alike = [run for run in runs if _experiment(run) == _experiment(first)]
    return list({run.spec.seed: run for run in reversed(alike)}.values())[::-1]


def _experiment(run: Run) -> tuple[object, ...]:
    """Equal for runs that differ in the seed only: forks and imports are other experiments."""
    declared = None if run.origin is None else (run.origin.lab, tuple(run.origin.unknown))
    return run.spec.model_dump(mode="json", exclude={"seed"}), run.parent_iteration, declared


def _classification(run: Run) -> RunSpec:
    """Raises ValueError for a detector."""
    if isinstance(run.spec, DetectionSpec):
        message = f"{run.name} is a detector. Only classifiers can be written as a Hugging Face folder."
        raise ValueError(message)  # noqa: TRY004 - a run that the caller named, not a wrong type
    return run.spec


def metadata_of(file: Path) -> dict[str, str]:
    """The metadata in a safetensors file's header: 8 bytes with the header's length, then JSON."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        metadata: dict[str, str] = json.loads(opened.read(length))["__metadata__"]
    return metadata
