"""Imports over HTTP: a result made elsewhere becomes a run that is marked, judged, drawn, and never trained."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import safetensors.torch
import torch

from store.curves.tfrecords import delimited, double, floating, integer, record
from store.db.objects import Objects
from trainer import networks
from trainer.spec import RunSpec

pytestmark = pytest.mark.usefixtures("warm")

IMPORTS = "/api/v1/imports"
# The whole protocol of Table 6, as a careful author would declare it.
KEPT: dict[str, Any] = {
    "dataset": "cifar10", "depth": 20, "shortcut": "A", "seed": 3, "iterations": 64_000, "batch_size": 128, "lr": 0.1,
    "momentum": 0.9, "nesterov": False, "weight_decay": 1e-4, "decay_batch_norm": True, "init": "fan_out",
    "schedule": {"kind": "steps", "at": [32_000, 48_000]}, "warmup": None, "train_images": 45_000,
    "augment": "paper", "precision": "fp32", "deterministic": True, "devices": 2,
}  # fmt: skip
NETWORK = {name: KEPT[name] for name in ("dataset", "depth", "shortcut")}


def csv(last: float = 8.75, points: int = 64, every: int = 1000) -> bytes:
    """A curve that falls to `last`: training errors at each point, test errors at each second one, and at the end."""
    lines = ["iteration,train_error,test_error"]
    for point in range(1, points + 1):
        error = 60 - (60 - last) * point / points
        test = f"{error:g}" if point % 2 == 0 else ""
        lines.append(f"{point * every},{max(error - 5, 0):g},{test}")
    return "\n".join(lines).encode()


def send(
    client: httpx.Client, file: bytes, declaration: dict[str, Any], *, to: str = "", **more: Any
) -> httpx.Response:
    files = {"file": (more.pop("file_name", "log.csv"), file)}
    return client.post(f"{IMPORTS}{to}", data={"declaration": json.dumps(declaration)}, files=files)


def event_file(begun: float, errors: dict[int, float]) -> bytes:
    """As torch.utils.tensorboard writes the scalar test_error."""
    scalars = [
        integer(2, step) + delimited(5, delimited(1, delimited(1, b"test_error") + floating(2, error)))
        for step, error in errors.items()
    ]
    return b"".join(record(double(1, begun) + event) for event in (delimited(3, b"brain.Event:2"), *scalars))


@pytest.fixture
def imported(client: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Imports a curve; returns the run's JSON."""

    def create(spec: dict[str, Any], file: bytes | None = None, **around: Any) -> dict[str, Any]:
        response = send(client, file or csv(), {"spec": spec, **around})
        assert response.status_code == 201, response.text
        run: dict[str, Any] = response.json()
        return run

    return create


Imported = Callable[..., dict[str, Any]]


def test_an_import_is_a_run_that_has_ended_and_says_where_it_is_from(client: httpx.Client, imported: Imported) -> None:
    run = imported(KEPT, lab="Lab A", source="arXiv", test_images=10_000)
    assert (run["status"], run["name"], run["iteration"], run["iterations"]) == (
        "succeeded",
        "ResNet-20 A",
        64000,
        64000,
    )
    assert (run["last"]["val_error"], run["last"]["test_error"]) == (None, 8.75)
    assert (run["best"]["test_error"], run["best"]["evaluations"]) == (8.75, 32)
    origin = run["origin"]
    assert (origin["format"], origin["file"], origin["lab"], origin["source"]) == ("csv", "log.csv", "Lab A", "arXiv")
    assert (origin["unknown"], run["departures"]) == (
        ["stride_in_1x1", "recompute_activations", "checkpoint_every"],
        [],
    )
    assert client.get("/api/v1/runs").json()["items"] == [run]
    assert client.get(f"/api/v1/runs/{run['id']}").json() == run
    assert run["spec"]["evaluate_every"] == 2000


def test_its_curve_is_drawn_and_exported_like_any_other(client: httpx.Client, imported: Imported) -> None:
    run = imported(KEPT)["id"]
    query = {"run": run, "series": "train_error,test_error,lr", "points": 1000}
    (curve,) = client.get("/api/v1/curves", params=query).raise_for_status().json()["runs"]
    assert curve["series"]["train_error"]["iteration"][:2] == [1000, 2000]
    assert len(curve["series"]["test_error"]["mean"]) == 32
    assert curve["series"]["lr"]["mean"] == []
    export = client.get(f"/api/v1/runs/{run}/curves.csv")
    assert f'filename="{run}-imported.csv"' in export.headers["Content-Disposition"]
    header, *lines = export.text.splitlines()
    assert len(lines) == 64
    second = dict(zip(header.split(","), lines[1].split(","), strict=True))
    assert (second["iteration"], second["test_error"], second["lr"]) == ("2000", "58.3984", "")
    several = client.get("/api/v1/curves/export", params={"run": [run, run], "format": "csv"}).text.splitlines()
    assert ",ResNet-20 A (imported)," in several[1]
    assert client.get("/api/v1/figure.svg", params={"run": run, "preset": "fig6"}).status_code == 200


def test_what_nobody_said_is_not_taken_as_kept(client: httpx.Client, imported: Imported) -> None:
    run = imported(NETWORK)
    unknown = {finding["field"] for finding in run["departures"] if finding["severity"] == "unknown"}
    assert {"lr", "momentum", "weight_decay", "batch_size", "schedule", "iterations", "augment"} <= unknown
    (cell, *_) = [
        cell for cell in client.get(f"/api/v1/runs/{run['id']}/verdict").json()["cells"] if cell["verdict"] is not None
    ]
    assert cell["verdict"]["outcome"] == "not comparable"
    assert "Learning rate: Nobody said what was used; the protocol has 0.1." in cell["verdict"]["sentence"]


def test_a_declared_protocol_goes_through_the_same_verdict(client: httpx.Client, imported: Imported) -> None:
    run = imported(KEPT, test_images=10_000)
    (cell,) = [
        cell for cell in client.get(f"/api/v1/runs/{run['id']}/verdict").json()["cells"] if cell["verdict"] is not None
    ]
    assert cell["verdict"]["outcome"] == "inconclusive"
    findings = client.get(f"/api/v1/runs/{run['id']}/findings").json()["items"]
    assert [finding["rule"] for finding in findings if finding["severity"] in ("departure", "unknown")] == []
    assert "made-elsewhere" in {finding["rule"] for finding in findings}
    departed = imported(KEPT | {"lr": 0.05})
    assert [finding["field"] for finding in departed["departures"]] == ["lr"]


def test_an_unknown_number_of_test_images_keeps_a_result_from_the_papers(
    client: httpx.Client, imported: Imported
) -> None:
    findings = client.get(f"/api/v1/runs/{imported(KEPT)['id']}/findings").json()["items"]
    assert [(each["rule"], each["severity"]) for each in findings if each["severity"] == "unknown"] == [
        ("test-images-not-said", "unknown")
    ]


def test_a_condition_on_an_unknown_field_does_not_hold(client: httpx.Client, imported: Imported) -> None:
    known, unknown = imported(NETWORK | {"lr": 0.1})["id"], imported(NETWORK, csv(9))["id"]

    def listed(where: str) -> set[str]:
        return {run["id"] for run in client.get("/api/v1/runs", params={"where": where}).json()["items"]}

    assert listed("lr=0.1") == {known}
    assert listed("momentum=0.9") == set()
    assert listed("test_error<100") == {known, unknown}


def test_no_chart_shows_what_nobody_said(client: httpx.Client, imported: Imported) -> None:
    known, unknown = imported(KEPT), imported(NETWORK, csv(9))
    assert [drop["iteration"] for drop in known["planned_drops"]] == [32_000, 48_000]
    assert unknown["planned_drops"] == []

    def drawn(run: dict[str, Any], x: str) -> httpx.Response:
        return client.get("/api/v1/curves", params={"run": run["id"], "series": "train_error", "x": x})

    assert drawn(known, "epoch").status_code == 200
    refused = drawn(unknown, "epoch")
    assert refused.status_code == 422
    assert "Nobody said the batch size and data of ResNet-20 A (imported)." in refused.json()["detail"]
    assert "Nobody said when the iterations" in drawn(known, "relative_time").json()["detail"]


def test_an_import_is_never_trained(client: httpx.Client, imported: Imported) -> None:
    run = imported(KEPT)["id"]
    answers = {
        verb: client.post(f"/api/v1/runs/{run}/{verb}", json={} if verb == "fork" else None)
        for verb in ("cancel", "pause", "resume", "retry", "fork")
    }
    assert {answer.status_code for answer in answers.values()} == {409}
    for verb, answer in answers.items():
        assert answer.json()["detail"].startswith("This run was trained elsewhere and imported, so it can't be "), verb
    assert client.get("/api/v1/runs", params={"status": "queued"}).json()["items"] == []


def test_the_same_file_with_the_same_declaration_is_the_same_run(client: httpx.Client, imported: Imported) -> None:
    run = imported(KEPT)
    again = send(client, csv(), {"spec": KEPT})
    assert (again.status_code, again.json()) == (200, run)
    other = imported(KEPT | {"seed": 4})
    assert other["id"] != run["id"]
    assert client.delete(f"/api/v1/runs/{run['id']}").status_code == 204
    assert [item["id"] for item in client.get("/api/v1/runs").json()["items"]] == [other["id"]]


def test_imports_are_neighbours_only_if_the_same_fields_are_known(client: httpx.Client, imported: Imported) -> None:
    first, second = imported(KEPT)["id"], imported(KEPT | {"seed": 4})["id"]
    imported({name: value for name, value in KEPT.items() if name != "lr"} | {"seed": 5})
    assert client.get(f"/api/v1/runs/{first}/findings").json()["neighbours"] == [second]


def test_the_plan_says_what_was_understood_and_stores_nothing(client: httpx.Client) -> None:
    plan = send(client, csv(), {"spec": {}}, to="/plan").raise_for_status().json()
    assert (plan["format"], plan["iteration"], plan["problem"]["field"]) == ("csv", 64_000, "spec.dataset")
    assert [(entry["series"], entry["points"], entry["last"]) for entry in plan["series"]] == [
        ("train_error", 64, 3.75),
        ("test_error", 32, 8.75),
    ]
    plan = send(client, csv(), {"spec": NETWORK}, to="/plan").raise_for_status().json()
    assert plan["problem"] is None
    assert "lr" in plan["unknown"]
    assert {finding["severity"] for finding in plan["findings"] if finding["field"] == "lr"} == {"unknown"}
    assert client.get("/api/v1/runs").json()["items"] == []


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({}, "spec.dataset must be declared: it says which network and data this is."),
        (NETWORK | {"depth": 21}, "spec.depth: depth must be 6n+2"),
        (NETWORK | {"dataset": "nowhere"}, "nowhere"),
        (NETWORK | {"learning_rate": 1}, "spec.learning_rate"),
        (NETWORK | {"iterations": 78_000}, "The file ends at iteration 64,000 of the declared 78,000."),
        (NETWORK | {"iterations": 6_000}, "The file goes to iteration 64,000, beyond the declared 6,000."),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(client: httpx.Client, spec: dict[str, Any], sentence: str) -> None:
    answer = send(client, csv(), {"spec": spec})
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]
    assert client.get("/api/v1/runs").json()["items"] == []


def test_a_hostile_file_name_is_shown_as_one_line(client: httpx.Client) -> None:
    files = {"file": ("../../etc/\u202epasswd\n.csv", csv())}
    answer = client.post(IMPORTS, data={"declaration": json.dumps({"spec": KEPT})}, files=files)
    assert answer.status_code == 201, answer.text
    assert answer.json()["origin"]["file"].isprintable()
    assert "/" not in answer.json()["origin"]["file"]


def test_the_event_files_of_one_training_are_one_import(client: httpx.Client) -> None:
    files = [("file", (f"events.out.tfevents.{begun}.host", event_file(float(begun), errors))) for begun, errors in (
        (2, {48_000: 9.0, 64_000: 8.75}), (1, {32_000: 12.0, 48_000: 9.5}),
    )]  # fmt: skip
    declared = {"declaration": json.dumps({"spec": KEPT})}
    answer = client.post(IMPORTS, data=declared, files=files)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert (run["last"]["test_error"], run["best"]["evaluations"]) == (8.75, 3)
    assert run["origin"]["file"] == "events.out.tfevents.1.host, 2 files"
    again = client.post(IMPORTS, data=declared, files=files[::-1])
    assert (again.status_code, again.json()["id"]) == (200, run["id"])


def weights_of(spec: dict[str, Any]) -> bytes:
    """A network that was made elsewhere: random, and saved without any metadata."""
    torch.manual_seed(3)
    state = networks.build(RunSpec.model_validate(spec), 10).state_dict()
    return safetensors.torch.save({name: tensor.contiguous() for name, tensor in state.items()})


def test_its_weights_can_be_evaluated_here(client: httpx.Client, work: Callable[[int], None]) -> None:
    spec = {"dataset": "digits", "depth": 8, "shortcut": "A"}
    declared = {"spec": spec, "weights_input": {"mean": [0.3, 0.3, 0.3], "std": [0.2, 0.2, 0.2]}}
    files = {"file": ("log.csv", csv()), "weights": ("w.safetensors", weights_of(spec))}
    answer = client.post(IMPORTS, data={"declaration": json.dumps(declared)}, files=files)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert run["origin"]["weights_sha256"] == hashlib.sha256(files["weights"][1]).hexdigest()
    examination = client.post(f"/api/v1/runs/{run['id']}/examinations", json={"kind": "evaluate"}).json()
    work(1)
    report = client.get(f"/api/v1/examinations/{examination['id']}").json()
    assert report["status"] == "succeeded", report
    assert report["images"] == 360
    assert report["result"]["is_the_data_trained_on"] is None
    assert report["result"]["weights"][0]["reported"] == {"test_error": 8.75}
    again = client.post(IMPORTS, data={"declaration": json.dumps(declared)}, files=files)
    assert (again.status_code, again.json()["id"]) == (200, run["id"])
    assert client.delete(f"/api/v1/runs/{run['id']}").status_code == 204


def test_an_import_without_weights_cannot_be_evaluated(client: httpx.Client, imported: Imported) -> None:
    run = imported({"dataset": "digits", "depth": 8, "shortcut": "A"})["id"]
    answer = client.post(f"/api/v1/runs/{run}/examinations", json={"kind": "evaluate"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "This run has no weights as safetensors.")


def test_weights_of_another_network_are_refused_and_nothing_is_stored(
    client: httpx.Client, objects: Objects, tmp_path: Path
) -> None:
    spec = {"dataset": "digits", "depth": 8, "shortcut": "A"}
    files = {"file": ("log.csv", csv()), "weights": ("w.safetensors", weights_of(spec | {"depth": 14}))}
    declared = {"spec": spec, "weights_input": {"mean": [0.3, 0.3, 0.3]}}
    answer = client.post(IMPORTS, data={"declaration": json.dumps(declared)}, files=files)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "weights")
    assert "they are not ResNet-8 A's" in answer.json()["detail"]
    assert client.get("/api/v1/runs").json()["items"] == []
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []


def test_the_seeds_of_a_lab_are_judged_together(client: httpx.Client, imported: Imported) -> None:
    """The worked example of docs/how-verdicts-work.md, imported as three seeds of one lab."""
    errors = {1: 8.47, 2: 8.75, 3: 9.03}
    runs = [
        imported(KEPT | {"seed": seed}, csv(error), lab="Lab A", test_images=10_000)["id"]
        for seed, error in errors.items()
    ]
    imported(KEPT | {"seed": 4}, csv(20), lab="Lab B", test_images=10_000)
    imported(KEPT | {"seed": 1}, csv(30), lab="Lab A", test_images=10_000)  # the same lab and seed again
    verdict = client.get(f"/api/v1/runs/{runs[0]}/verdict").json()
    (cell,) = [cell for cell in verdict["cells"] if cell["verdict"] is not None]
    assert (cell["runs"], cell["verdict"]["outcome"], cell["attrition"]) == (3, "reproduced", None)
    assert "+0.00 points (−0.47 to +0.47, taking the paper's single run" in cell["verdict"]["sentence"]
    assert verdict["seeds"].startswith("3 imported seeds of Lab A. Nobody said how many it trained")
    assert set(runs) - {runs[0]} <= set(verdict["runs"])


def test_a_result_whose_lab_nobody_said_stands_alone(client: httpx.Client, imported: Imported) -> None:
    first, _ = (imported(KEPT | {"seed": seed}, csv(8 + seed / 10))["id"] for seed in (1, 2))
    verdict = client.get(f"/api/v1/runs/{first}/verdict").json()
    assert verdict["runs"] == [first]
    assert verdict["seeds"].startswith("One imported result. Nobody said which lab made it")
