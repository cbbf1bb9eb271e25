"""The commands on finished weights: what they answer, what they refuse, and that others can use what they export."""

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
from trainer.loop import Place, train
from trainer.networks.cifar import CifarNet
from trainer.process.supervision import Stop

Ask = Callable[..., tuple[int, Any, str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two networks that know `synthetic` a little, and not the same of it."""
    torch.set_num_threads(1)
    paths = []
    for seed in (0, 1):
        folder = tmp_path_factory.mktemp("trained")
        spec = small_spec(iterations=15, batch_size=32, seed=seed)
        list(train(spec, arrange(synthetic.load(), None, seed, CPU), Place(folder, CPU, Stop())))
        paths.append(folder / "weights-15.safetensors")
    return paths


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Iterator[Ask]:
    """Run a command here: its exit code, its answer and what it says on stderr."""

    def run(command: str, *options: object) -> tuple[int, Any, str]:
        code = main([command, *map(str, options), "--device", "cpu", "--threads", "1"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    yield run
    torch.set_deterministic_debug_mode("default")


def test_evaluate_finds_the_runs_own_error_again(trained: list[Path], ask: Ask) -> None:
    code, answer, _ = ask("evaluate", "--weights", trained[0])
    assert code == EXIT_FINISHED
    assert answer["error"] == answer["weights"][0]["reported"]["test_error"]
    assert (answer["images"], answer["views"], answer["batch_norm"]) == (500, "single", "moving average")
    assert answer["is_the_data_trained_on"]
    assert answer["top5_error"] <= answer["error"]
    right = sum(answer["confusion"][label][label] for label in range(10))
    assert 100 - right / 5 == pytest.approx(answer["error"])
    assert [sum(row) for row in answer["confusion"]] == [50] * 10


def test_several_weights_are_an_ensemble_of_averaged_softmax(trained: list[Path], ask: Ask) -> None:
    test = synthetic.load().test
    members = [model.load(path, CPU) for path in trained]
    with torch.no_grad():
        scores = sum(member.network(member.inputs(test.pixels)).softmax(1) for member in members)
    assert isinstance(scores, torch.Tensor)
    _, answer, _ = ask("evaluate", "--weights", *trained, "--batch", 123)
    assert answer["error"] == pytest.approx(100 * (scores.argmax(1) != test.labels).double().mean().item())
    assert len(answer["weights"]) == 2


def test_statistics_are_recomputed_over_the_training_set_on_request(trained: list[Path], ask: Ask) -> None:
    _, answer, _ = ask("evaluate", "--weights", trained[0], "--recompute-bn")
    _, usual, _ = ask("evaluate", "--weights", trained[0])
    assert answer["batch_norm"] == "plain average over the training images"
    # After 15 iterations a moving average still holds the start: the exact statistics are much better.
    assert answer["error"] < usual["error"]


def test_responses_are_6n_plus_1_deviations_in_both_orders(trained: list[Path], ask: Ask) -> None:
    _, answer, _ = ask("responses", "--weights", trained[0])
    assert len(answer["layers"]) == 7
    assert answer["descending"] == sorted((layer["std"] for layer in answer["layers"]), reverse=True)
    assert "before ReLU or addition" in answer["measured"]


def test_predict_names_the_five_likeliest_classes(trained: list[Path], ask: Ask, tmp_path: Path) -> None:
    pixels = synthetic.load().test.pixels[3]
    Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(tmp_path / "image.png")
    _, answer, said = ask("predict", "--weights", trained[0], tmp_path / "image.png")
    loaded = model.load(trained[0], CPU)
    with torch.no_grad():
        scores = loaded.network(loaded.inputs(pixels[None])).softmax(1)[0].sort(descending=True)
    assert [guess["class"] for guess in answer["classes"]] == [f"pattern {i}" for i in scores.indices[:5].tolist()]
    assert [guess["probability"] for guess in answer["classes"]] == pytest.approx(scores.values[:5].tolist(), rel=1e-4)
    assert "the network sees" not in said


def test_predict_refuses_what_is_no_image(trained: list[Path], ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "image.png").write_text("no image")
    code, answer, said = ask("predict", "--weights", trained[0], tmp_path / "image.png")
    assert (code, answer) == (EXIT_FAILED, None)
    assert "image.png is no image that can be read" in said


def test_an_exported_state_dict_is_plain_and_carries_the_story(trained: list[Path], ask: Ask, tmp_path: Path) -> None:
    for form in ("safetensors", "pt"):
        code, answer, _ = ask("export", "--weights", trained[0], "--to", form, "--out", tmp_path / f"net.{form}")
        assert (code, answer["size_bytes"]) == (EXIT_FINISHED, (tmp_path / f"net.{form}").stat().st_size)
    state = torch.load(tmp_path / "net.pt", weights_only=True)
    CifarNet(8, "A").load_state_dict(state, strict=True)
    assert weights.mean_of(state.story).shape == (3, 32, 32)
    assert set(model.NEEDED) <= set(state.story)
    assert (tmp_path / "net.safetensors").read_bytes() == trained[0].read_bytes()


def test_an_export_is_named_after_the_run(trained: list[Path], ask: Ask, tmp_path: Path) -> None:
    shutil.copy(trained[0], tmp_path)
    _, answer, _ = ask("export", "--weights", tmp_path / trained[0].name, "--to", "pt")
    assert answer["file"] == str(tmp_path / "ResNet-8-A-synthetic-15.pt")


def test_onnx_answers_as_torch_does_and_says_what_it_is(trained: list[Path], ask: Ask, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="the extra `onnx` is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    code, _, _ = ask("export", "--weights", trained[0], "--to", "onnx", "--out", tmp_path / "net.onnx")
    assert code == EXIT_FINISHED
    pixels = synthetic.load().test.pixels[:7]
    session = runtime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"pixels": pixels.float().numpy()})
    loaded = model.load(trained[0], CPU)
    with torch.no_grad():
        expected = loaded.network(loaded.inputs(pixels))
    torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-4, atol=1e-4)
    story = {entry.key: entry.value for entry in onnx.load(tmp_path / "net.onnx").metadata_props}
    assert {"spec_hash", "data_hash", "iteration", "test_error", "versions"} <= set(story)
    assert story["spec_hash"] == loaded.spec.hash()


def nameless(path: Path, trained: Path) -> None:
    safetensors.torch.save_file(safetensors.torch.load_file(trained), path)


def altered(path: Path, trained: Path) -> None:
    content = bytearray(trained.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def pickled(path: Path, trained: Path) -> None:
    path.write_bytes(trained.with_suffix(".pt").read_bytes())


def absent(path: Path, trained: Path) -> None:
    del path, trained


REFUSED: dict[Callable[[Path, Path], None], str] = {
    nameless: "no file of ours",
    altered: "altered",
    pickled: ".safetensors files that a run saves",
    absent: "No such file",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_weights_that_do_not_say_what_they_are_are_refused_in_words(
    spoil: Callable[[Path, Path], None], trained: list[Path], ask: Ask, tmp_path: Path
) -> None:
    spoil(tmp_path / "net", trained[0])
    code, answer, said = ask("evaluate", "--weights", tmp_path / "net")
    assert (code, answer) == (EXIT_FAILED, None)
    assert REFUSED[spoil] in said
    assert "Traceback" not in said


def test_another_data_sets_classes_are_refused(trained: list[Path], ask: Ask) -> None:
    code, _, said = ask("evaluate", "--weights", trained[0], "--dataset", "digits")
    assert code == EXIT_FAILED
    assert "the data set's 10 classes (0, 1, 2, …) are not the 10 that" in said


@pytest.mark.parametrize("views", ["ten-crop", "multi-scale"])
def test_the_cifar_family_has_one_view(views: str, trained: list[Path], ask: Ask) -> None:
    code, _, said = ask("evaluate", "--weights", trained[0], "--views", views)
    assert code == EXIT_FAILED
    assert "the CIFAR family sees the whole image" in said
