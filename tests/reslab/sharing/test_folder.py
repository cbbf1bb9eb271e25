"""The folder for Hugging Face: torchvision loads what its config calls torchvision's, and the card tells the truth."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from reslab import networks
from reslab.client.schema import Origin, Run, RunSpec
from reslab.sharing import network
from reslab.sharing.card import card
from reslab.sharing.folder import WEIGHTS, config, each_seed_once, metadata_of

SPEC = {"dataset": "own", "seed": 3, "stride_in_1x1": True}


def a_run(**changes: Any) -> Run:
    """What the card and the config read of a run."""
    spec = {"family": "imagenet", "depth": 18, "shortcut": "B", **SPEC} | changes
    run = {
        "id": "01a2", "name": f"ResNet-{spec['depth']}", "spec": spec, "spec_hash": "5e", "iteration": 9,
        "iterations": 9, "status": "succeeded", "origin": None, "parent_iteration": None, "parameters": 11,
        "last": {"val_error": None, "test_error": 30.0}, "departures": [],
        "best": {"val_error": None, "val_iteration": None, "test_error": 29.0, "evaluations": 4},
    }  # fmt: skip
    return _constructed(run)


def an_origin(lab: str, *unknown: str) -> Origin:
    """What the card reads of where a result was made."""
    fields: dict[str, Any] = {"lab": lab, "unknown": unknown}
    return Origin.model_construct(**fields)


def _constructed(fields: dict[str, Any]) -> Run:
    from reslab.client import schema

    return Run.model_construct(
        **fields
        | {
            "spec": schema.RunSpec.model_construct(**fields["spec"]),
            "last": schema.ApiRunsSchemaLast.model_construct(**fields["last"]),
            "best": schema.Best.model_construct(**fields["best"]),
        }
    )


def classifier(run: Run) -> RunSpec:
    assert isinstance(run.spec, RunSpec)
    return run.spec


def folder_of(run: Run, weights: dict[str, torch.Tensor], side: int, folder: Path) -> dict[str, Any]:
    mean = torch.full((3, side, side), 127.5)
    metadata = {
        "classes": '["cat", "dog"]', "input_mean": base64.b64encode(mean.numpy().tobytes()).decode(),
        "spec_hash": "5e", "data_hash": "da", "iteration": "9", "versions": "{}",
    }  # fmt: skip
    save_file(weights, folder / WEIGHTS, metadata)
    written = config(run.id, classifier(run), metadata_of(folder / WEIGHTS))
    (folder / "config.json").write_text(json.dumps(written))
    return written


@pytest.mark.parametrize(("depth", "stride_in_1x1"), [(18, True), (50, False), (50, True)])
def test_weights_of_the_imagenet_family_load_in_torchvision_and_answer_the_same(
    depth: int, stride_in_1x1: bool, tmp_path: Path
) -> None:
    from torchvision import models  # with torch's compiler, which the detector's own import leaves out

    ours = networks.imagenet(depth, "B", 2, stride_in_1x1=stride_in_1x1).eval()
    run = a_run(depth=depth, stride_in_1x1=stride_in_1x1)
    written = folder_of(run, ours.state_dict(), 224, tmp_path)
    images = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    loaded, mean = network.load(tmp_path)
    assert torch.allclose(loaded(images), ours(images), atol=1e-4)
    assert mean.shape == (3, 224, 224)
    is_theirs = depth == 18 or not stride_in_1x1
    assert hasattr(models, written["architecture"]) == is_theirs
    if is_theirs:
        theirs = getattr(models, written["architecture"])(num_classes=2).eval()
        theirs.load_state_dict(networks.state_dict(tmp_path / WEIGHTS))
        assert torch.allclose(theirs(images), ours(images), atol=1e-4)
    assert written["pretrained_cfg"]["mean"] == pytest.approx([0.5] * 3)


@pytest.mark.parametrize(("depth", "stride_in_1x1"), [(18, True), (50, False)])
def test_timm_opens_the_folder_as_it_is(depth: int, stride_in_1x1: bool, tmp_path: Path) -> None:
    """Architecture, weights, and how a test image is cut. timm and its hub client take 30 MB, so they are optional."""
    timm = pytest.importorskip("timm", reason="`pip install timm` to try it", exc_type=ImportError)
    ours = networks.imagenet(depth, "B", 2, stride_in_1x1=stride_in_1x1).eval()
    folder_of(a_run(depth=depth, stride_in_1x1=stride_in_1x1), ours.state_dict(), 224, tmp_path)
    theirs = timm.create_model(f"local-dir:{tmp_path}", pretrained=True).eval()
    images = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(theirs(images), ours(images), atol=1e-4)
    preparation = timm.data.resolve_model_data_config(theirs)
    assert (preparation["interpolation"], preparation["crop_pct"]) == ("bilinear", 0.875)
    assert preparation["std"] == pytest.approx([1 / 255] * 3)


@pytest.mark.parametrize("shortcut", ["none", "A", "B", "C"])
def test_the_file_that_comes_along_answers_as_our_own_network_does(shortcut: Any, tmp_path: Path) -> None:
    ours = networks.cifar(8, shortcut, 2).eval()
    folder_of(a_run(family="cifar", depth=8, shortcut=shortcut), ours.state_dict(), 32, tmp_path)
    loaded, mean = network.load(tmp_path)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(loaded(images), ours(images))
    assert torch.equal(mean, torch.full((3, 32, 32), 127.5))


METADATA = {"classes": '["cat", "dog"]', "data_hash": "da", "iteration": "9", "versions": "{}"}


def test_an_import_is_not_said_to_be_trained_here_nor_to_have_what_nobody_said() -> None:
    """Before: "trained on … with Reslab", and the paper's momentum."""
    origin = an_origin("Lab A", "momentum", "seed")
    imported = a_run(momentum=0.9).model_copy(update={"origin": origin})
    sent = {name: text for name, text in METADATA.items() if name != "versions"}  # an imported file has none
    text = card(imported, classifier(imported), sent, [imported], None)
    assert "with Reslab" not in text
    assert "made by Lab A" in text
    assert "Its protocol is declared, not checked." in text
    assert "| momentum | not said |" in text
    assert "(n = 1 run, seed not said)" in text


def test_weights_of_another_iteration_and_unfinished_runs_have_no_accuracy() -> None:
    early = card(a_run(), classifier(a_run()), METADATA | {"iteration": "5"}, [a_run()], None)
    assert '"metrics": []' in early
    assert "these weights are those of iteration 5 of 9" in early
    stopped = a_run().model_copy(update={"status": "cancelled", "iterations": 20})
    text = card(stopped, classifier(stopped), METADATA, [stopped], None)
    assert "no result: this run is cancelled, at iteration 9 of 20" in text
    assert '"metrics": []' in text
    assert "at the end of training" not in text


def test_equal_runs_are_seeds_of_one_experiment_each_once() -> None:
    """Before, repeats of a seed, forks and imports counted as seeds."""
    mine = a_run()
    fork = a_run(seed=5).model_copy(update={"parent_iteration": 5})
    imported = a_run(seed=6).model_copy(update={"origin": an_origin("A")})
    runs = [mine, a_run(), a_run(seed=4), fork, imported, a_run(seed=7, depth=34)]
    assert [run.spec.seed for run in each_seed_once(runs)] == [3, 4]
    assert each_seed_once([imported, *runs]) == [imported]


def test_the_card_says_n_and_that_the_lowest_error_is_not_a_result() -> None:
    other = a_run(seed=4).model_copy(update={"last": a_run().last.model_copy(update={"test_error": 32.0})})
    text = card(a_run(), classifier(a_run()), METADATA, [a_run(), other], "mit")
    assert text.startswith('---\nlicense: "mit"\n')
    assert "test error 30.00 % at the end of training (n = 1 run, seed 3)" in text
    assert "lowest of 4 evaluations: 29.00 %, which is not a result" in text
    assert "2 runs that differ in the seed only: 31.00 ± 1.41 % (mean ± std)" in text
    assert '"accuracy", "value": 70.0' in text
    assert "torchvision.models.resnet18(num_classes=2)" in text
