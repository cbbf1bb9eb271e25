"""The commands on finished weights: what they report, what they refuse, and that others can use their exports."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from PIL import Image

from tests.trainer.conftest import CPU, small_spec
from trainer.__main__ import main
from trainer.data import synthetic
from trainer.data.images import arrange
from trainer.events import EXIT_FAILED, EXIT_FINISHED
from trainer.files import weights
from trainer.finished import model
from trainer.loop import Environment, train
from trainer.networks.cifar import CifarNet
from trainer.process.supervision import Stop

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two different networks, trained a little on `synthetic`."""
    torch.set_num_threads(1)
    paths = []
    for seed in (0, 1):
        folder = tmp_path_factory.mktemp("trained")
        spec = small_spec(iterations=15, batch_size=32, seed=seed)
        list(train(spec, arrange(synthetic.load(), None, seed, CPU), Environment(folder, CPU, Stop())))
        paths.append(folder / "weights-15.safetensors")
    return paths


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a command in this process: its exit code, its report and its stderr."""

    def perform(command: str, *options: object) -> tuple[int, Any, str]:
        code = main([command, *map(str, options), "--device", "cpu", "--threads", "1"])
        output = capsys.readouterr()
        return code, json.loads(output.out) if output.out else None, output.err

    yield perform
    torch.set_deterministic_debug_mode("default")


def test_evaluate_reproduces_the_runs_own_error(trained: list[Path], run: Run) -> None:
    code, report, _ = run("evaluate", "--weights", trained[0])
    assert code == EXIT_FINISHED
    assert report["error"] == report["weights"][0]["reported"]["test_error"]
    assert (report["images"], report["views"], report["batch_norm"]) == (500, "single", "moving average")
    assert report["is_the_data_trained_on"]
    assert report["top5_error"] <= report["error"]
    right = sum(report["confusion"][label][label] for label in range(10))
    assert 100 - right / 5 == pytest.approx(report["error"])
    assert [sum(row) for row in report["confusion"]] == [50] * 10


def test_several_weights_are_an_ensemble_of_averaged_softmax(trained: list[Path], run: Run) -> None:
    test = synthetic.load().test
    members = [model.load(path, CPU) for path in trained]
    with torch.no_grad():
        scores = sum(member.network(member.inputs(test.pixels)).softmax(1) for member in members)
    assert isinstance(scores, torch.Tensor)
    _, report, _ = run("evaluate", "--weights", *trained, "--batch", 123)
    assert report["error"] == pytest.approx(100 * (scores.argmax(1) != test.labels).double().mean().item())
    assert len(report["weights"]) == 2


def test_statistics_are_recomputed_over_the_training_set_on_request(trained: list[Path], run: Run) -> None:
    _, report, _ = run("evaluate", "--weights", trained[0], "--recompute-bn")
    _, usual, _ = run("evaluate", "--weights", trained[0])
    assert report["batch_norm"] == "plain average over the training images"
    # After 15 iterations a moving average still holds the start: the exact statistics are much better.
    assert report["error"] < usual["error"]


def test_responses_are_6n_plus_1_deviations_in_both_orders(trained: list[Path], run: Run) -> None:
    _, report, _ = run("responses", "--weights", trained[0])
    assert len(report["layers"]) == 7
    assert report["descending"] == sorted((layer["std"] for layer in report["layers"]), reverse=True)
    assert "before ReLU or addition" in report["measured"]


def test_predict_names_the_five_likeliest_classes(trained: list[Path], run: Run, tmp_path: Path) -> None:
    pixels = synthetic.load().test.pixels[3]
    Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(tmp_path / "image.png")
    _, report, message = run("predict", "--weights", trained[0], tmp_path / "image.png")
    loaded = model.load(trained[0], CPU)
    with torch.no_grad():
        scores = loaded.network(loaded.inputs(pixels[None])).softmax(1)[0].sort(descending=True)
    assert [guess["class"] for guess in report["classes"]] == [f"pattern {i}" for i in scores.indices[:5].tolist()]
    assert [guess["probability"] for guess in report["classes"]] == pytest.approx(scores.values[:5].tolist(), rel=1e-4)
    assert "the network sees" not in message


def test_predict_refuses_a_file_that_is_not_an_image(trained: list[Path], run: Run, tmp_path: Path) -> None:
    (tmp_path / "image.png").write_text("not an image")
    code, report, message = run("predict", "--weights", trained[0], tmp_path / "image.png")
    assert (code, report) == (EXIT_FAILED, None)
    assert "image.png is not an image in a supported format" in message


def test_an_exported_state_dict_is_plain_and_has_the_metadata(trained: list[Path], run: Run, tmp_path: Path) -> None:
    for form in ("safetensors", "pt"):
        code, report, _ = run("export", "--weights", trained[0], "--to", form, "--out", tmp_path / f"net.{form}")
        assert (code, report["size_bytes"]) == (EXIT_FINISHED, (tmp_path / f"net.{form}").stat().st_size)
    state = torch.load(tmp_path / "net.pt", weights_only=True)
    CifarNet(8, "A").load_state_dict(state, strict=True)
    assert weights.mean_of(state.story).shape == (3, 32, 32)
    assert set(model.REQUIRED) <= set(state.story)
    assert (tmp_path / "net.safetensors").read_bytes() == trained[0].read_bytes()


def test_an_export_is_named_after_the_run(trained: list[Path], run: Run, tmp_path: Path) -> None:
    shutil.copy(trained[0], tmp_path)
    _, report, _ = run("export", "--weights", tmp_path / trained[0].name, "--to", "pt")
    assert report["file"] == str(tmp_path / "ResNet-8-A-synthetic-15.pt")


def test_onnx_computes_what_torch_does_and_has_the_metadata(trained: list[Path], run: Run, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="the extra `onnx` is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    code, _, _ = run("export", "--weights", trained[0], "--to", "onnx", "--out", tmp_path / "net.onnx")
    assert code == EXIT_FINISHED
    pixels = synthetic.load().test.pixels[:7]
    session = runtime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"pixels": pixels.float().numpy()})
    loaded = model.load(trained[0], CPU)
    with torch.no_grad():
        expected = loaded.network(loaded.inputs(pixels))
    torch.testing.assert_close(torch.from_numpy(logits), expected, rtol=1e-4, atol=1e-4)
    metadata = {entry.key: entry.value for entry in onnx.load(tmp_path / "net.onnx").metadata_props}
    assert {"spec_hash", "data_hash", "iteration", "test_error", "versions"} <= set(metadata)
    assert metadata["spec_hash"] == loaded.spec.hash()


def without_metadata(path: Path, trained: Path) -> None:
    safetensors.torch.save_file(safetensors.torch.load_file(trained), path)


def altered(path: Path, trained: Path) -> None:
    content = bytearray(trained.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def pickle(path: Path, trained: Path) -> None:
    path.write_bytes(trained.with_suffix(".pt").read_bytes())


def absent(path: Path, trained: Path) -> None:
    del path, trained


REFUSED: dict[Callable[[Path, Path], None], str] = {
    without_metadata: "was not written by Reslab",
    altered: "altered",
    pickle: "Use the .safetensors file that the run saved",
    absent: "No such file",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_weights_without_their_metadata_are_refused_with_a_message(
    spoil: Callable[[Path, Path], None], trained: list[Path], run: Run, tmp_path: Path
) -> None:
    spoil(tmp_path / "net", trained[0])
    code, report, message = run("evaluate", "--weights", tmp_path / "net")
    assert (code, report) == (EXIT_FAILED, None)
    assert REFUSED[spoil] in message
    assert "Traceback" not in message


def test_another_data_sets_classes_are_refused(trained: list[Path], run: Run) -> None:
    code, _, message = run("evaluate", "--weights", trained[0], "--dataset", "digits")
    assert code == EXIT_FAILED
    assert "The data set has 10 classes (0, 1, 2, …), but" in message


@pytest.mark.parametrize("views", ["ten-crop", "multi-scale"])
def test_the_cifar_family_has_one_view(views: str, trained: list[Path], run: Run) -> None:
    code, _, message = run("evaluate", "--weights", trained[0], "--views", views)
    assert code == EXIT_FAILED
    assert "the CIFAR family sees the whole image" in message
