"""Start weights from their upload to a detector: torchvision's file, pinned by its hash."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx
import pytest
import safetensors.torch
import torch
import torchvision

from tests.api.runs.test_detection import RUNS, SPEC
from tests.trainer.data.annotated.layouts import Voc

STARTS = "/api/v1/start-weights"
Upload = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def resnet18() -> bytes:
    """Torchvision's network with random weights, for 4 classes."""
    torch.manual_seed(0)
    return safetensors.torch.save(torchvision.models.resnet18(num_classes=4).state_dict())


@pytest.fixture
def upload(client: httpx.Client) -> Upload:
    def send(content: bytes, **fields: str) -> httpx.Response:
        return client.post(STARTS, data=fields, files={"weights": ("resnet18.safetensors", content)})

    return send


def test_torchvisions_weights_are_uploaded_and_a_detector_starts_from_them(
    client: httpx.Client,
    shapes: Voc,
    register: Callable[..., httpx.Response],
    upload: Upload,
    work: Callable[[int], None],
    resnet18: bytes,
) -> None:
    assert register(shapes).status_code == 201
    sent = upload(resnet18, network="resnet18")
    assert sent.status_code == 201, sent.text
    start, digest = sent.json(), sha256(resnet18).hexdigest()
    assert (start["sha256"], start["name"], start["statistics"], start["run"]) == (
        digest, "resnet18.safetensors", "moving_average", None,
    )  # fmt: skip
    again = upload(resnet18, network="resnet18", name="the same")
    assert (again.status_code, again.json()) == (200, start)
    assert client.get(STARTS, params={"network": "resnet18"}).json() == {"items": [start]}
    assert client.get(STARTS, params={"network": "vgg16"}).json() == {"items": []}

    _check_what_is_refused(client, digest)
    spec = SPEC | {"iterations": 2, "evaluate_every": 2, "start": {"sha256": digest}}
    posted = client.post(RUNS, json={"spec": spec})
    assert posted.status_code == 201, posted.text
    needed = client.delete(f"{STARTS}/{digest}")
    assert (needed.status_code, "starts from these weights" in needed.text) == (409, True)
    work(1)
    run = client.get(f"{RUNS}/{posted.json()['id']}").json()
    assert run["status"] == "succeeded", run["message"]
    fields = {finding["field"] for finding in client.get(f"{RUNS}/{run['id']}/findings").json()["items"]}
    assert "start.statistics" in fields
    assert client.delete(f"{STARTS}/{digest}").status_code == 204
    assert client.delete(f"{STARTS}/{digest}").status_code == 404


def _check_what_is_refused(client: httpx.Client, digest: str) -> None:
    def refusal(**fields: Any) -> tuple[str, str]:
        spec = SPEC | {"start": {"sha256": digest}} | fields
        (error,) = client.post(RUNS, json={"spec": spec}).json()["errors"]
        return error["field"], error["message"]

    assert refusal(network="resnet34") == (
        "spec.start", "ResNet-34 can't start from these weights: they are ResNet-18's.",
    )  # fmt: skip
    field, message = refusal(start={"sha256": digest, "statistics": "training_set"})
    assert (field, "are moving averages of their training" in message) == ("spec.start.statistics", True)


@pytest.mark.parametrize(
    ("content", "fields", "field", "message"),
    [
        (b"not safetensors", {"network": "vgg16"}, "weights", "this is not a safetensors file"),
        (b"", {"network": "vgg19"}, "network", "network must be 'vgg16', 'resnet18'"),
        (b"", {}, "network", "network is required"),
        (None, {"network": "vgg16"}, "weights", "weights is required"),
    ],
)
def test_what_is_not_a_classifier_is_refused_in_a_sentence(
    client: httpx.Client, content: bytes | None, fields: dict[str, str], field: str, message: str
) -> None:
    files = {"other": ("x", b"")} if content is None else {"weights": ("w.safetensors", content)}
    answer = client.post(STARTS, data=fields, files=files)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]
