"""The certificate of a study of detectors: mAP is the number that counts, and what was changed is caught."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from reslab.command.verify import _summary
from studies.certificate import checking
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CONTENTS, JUDGEMENT
from studies.certificate.curve import DETECTION_POINT
from studies.certificate.envelope import ENVELOPE
from studies.examination_requests import request_next
from tests.api.studies.test_detectors import EIGHTEEN, SMALL, STUDIES, train
from tests.studies.certificate.conftest import Forgery
from trainer.detection.spec import DetectionSpec

__all__ = ["train"]

Train = Callable[[float], None]
Change = Callable[[Forgery], object]


def last_test(forgery: Forgery) -> dict[str, Any]:
    test: dict[str, Any] = forgery.runs()[0]["detections"][-1]
    return test


def respecified(forgery: Forgery, **fields: Any) -> None:
    run = forgery.runs()[0]
    run["spec"] |= fields
    run["spec_hash"] = DetectionSpec.model_validate(run["spec"]).hash()


def curve(forgery: Forgery, name: str, value: float) -> Forgery:
    """One value of the first run's curve changed."""
    file = forgery.runs()[0]["curve"]
    points = np.load(io.BytesIO(forgery.files[file])).astype(DETECTION_POINT)
    points[name][3] = value
    out = io.BytesIO()
    np.save(out, points)
    return forgery.with_files(**{file: out.getvalue()})


def judgement(forgery: Forgery) -> Forgery:
    content = json.loads(forgery.files[JUDGEMENT])
    content["cells"][0]["ours"] = "73.2"
    return forgery.with_files(**{JUDGEMENT: json.dumps(content).encode()})


TAMPERINGS: list[tuple[Change, str]] = [
    (lambda forgery: last_test(forgery).update(map=73.2), "but its classes' mean is 41.0"),
    (lambda forgery: last_test(forgery).update(map_50=73.2), "in the form voc07 it would be 73.2"),
    (lambda forgery: last_test(forgery)["ap"].popitem(), "another number of classes than its 20"),
    (lambda forgery: last_test(forgery)["ap"].update({"class 0": 141.0}), "not between 0 and 100 %"),
    (lambda forgery: last_test(forgery).update(images=4952), "4,952 images, which its trainer did not have"),
    (lambda forgery: forgery.runs()[0].update(test_map=73.2), "ended with an mAP of 41.0, not 73.2"),
    (lambda forgery: forgery.runs()[0]["detections"].pop(), "was tested 6 times"),
    (lambda forgery: forgery.runs()[0].update(test_error=10.0), "is a detector, but has test errors"),
    (lambda forgery: forgery.runs()[0].update(parameters=47_352_150), "has 47,352,150 parameters, but ResNet-18 has"),
    (lambda forgery: forgery.runs()[0]["spec"].update(side=600), "does not match its hash"),
    (lambda forgery: respecified(forgery, seed=4), "was trained with seed 4, not 0"),
    (lambda forgery: respecified(forgery, network="resnet34"), "it trained ResNet-34"),
    (lambda forgery: respecified(forgery, dataset="coco"), "was trained on coco, not on the study's data"),
    (lambda forgery: forgery.contents["members"][0].update(label="ResNet-18"), "table-7 has no network ResNet-18"),
    (lambda forgery: forgery.contents["members"][0].update(tests=[]), "compared with other values than table-7 says"),
    (lambda forgery: forgery.contents["members"][0].update(seed=1), "lacks seed 0"),
    (lambda forgery: forgery.contents["question"].update(seeds=2), "lacks seed 1"),
    (lambda forgery: forgery.runs()[0]["trainers"][0].update(resumed_from=3), "began after iteration 3, not 0"),
    (lambda forgery: curve(forgery, "loss", 0.1), "a loss that is not the sum of its four losses"),
    (lambda forgery: curve(forgery, "lr", 0.5), "a learning rate of 0.5 at iteration 4"),
    (lambda forgery: curve(forgery, "foreground", 250.0), "a share of objects that is not between 0 and 100 %"),
    (lambda forgery: curve(forgery, "iteration", 9), "with gaps or out of order"),
    (judgement, "Its judgement does not follow from its curves"),
]


def opened(path: Path) -> Forgery:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name not in (CONTENTS, ENVELOPE)}
        return Forgery(json.loads(archive.read(CONTENTS)), files)


def certificate(client: httpx.Client, address: str, path: Path) -> Path:
    answer = client.get(f"{address}/certificate")
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    return path


def test_a_registered_study_of_detectors_is_certified_and_every_change_is_caught(
    client: httpx.Client, train: Train, tmp_path: Path
) -> None:
    created = client.post(STUDIES, json=SMALL | {"registration": {"question": "Does depth help?"}})
    assert created.status_code == 201, created.text
    address = f"{STUDIES}/{created.json()['id']}"
    assert client.get(f"{address}/certificate").status_code == 409
    train(41.0)
    train(43.5)
    study = client.get(address).json()
    assert study["registration"]["networks"][0] == {
        "network": EIGHTEEN, "sentence": "Registered 1 seed, 1 ended.", "departs": False,
    }  # fmt: skip
    file = certificate(client, address, tmp_path / "study.zip")
    checked = checking.check(file)
    assert [(cell.network, cell.ours) for cell in checked.judgement.cells] == [
        (cell["network"], cell["ours"]) for cell in study["cells"]
    ]
    summary = "\n".join(_summary(checked))
    assert "against 2 curves of 2 runs" in summary
    assert f"{EIGHTEEN:24}{'41.0':22} paper 73.2: Not comparable" in summary
    assert "ResNet-101: 1 of 1 seed; VGG-16: 1 of 1 seed." in summary
    assert "before the first run was created" in summary
    for change, message in TAMPERINGS:
        forgery = opened(file)
        changed = change(forgery)
        forged = (changed if isinstance(changed, Forgery) else forgery).sign(tmp_path / "forged.zip")
        with pytest.raises(InvalidCertificate) as refusal:
            checking.check(forged)
        # The registration in it was signed by the service's key: the first fault that is said is the forged one.
        assert message in str(refusal.value)


def test_table_9s_examinations_are_certified(client: httpx.Client, app: FastAPI, train: Train, tmp_path: Path) -> None:
    body = SMALL | {"recipe": "table-9", "networks": ["ResNet-34 for ResNet-101"]}
    address = f"{STUDIES}/{client.post(STUDIES, json=body).json()['id']}"
    train(30.0)
    assert request_next(app.state.service)
    assert client.get(f"{address}/certificate").status_code == 409
    train(32.0)
    checked = checking.check(certificate(client, address, tmp_path / "study.zip"))
    (examination,) = checked.contents.examinations
    assert (examination.refine, examination.map_50) == (True, 32.0)
    assert [cell.ours for cell in checked.judgement.cells] == ["30.0", "15.0", "32.0", "16.0"]
