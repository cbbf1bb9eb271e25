"""Studies over HTTP: the plan, the table that fills, the verdicts, and what moves a study."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from api.app import create_app
from api.service import Service
from store.db.database import Database
from store.db.models import Run, Study
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import attempts
from studies import seeds, watch
from tests.api import progress
from tests.api.conftest import bearer, served, until
from tests.api.injected import Injector
from tests.drawn import curves

STUDIES = "/api/v1/studies"
SMALL = {"recipe": "figure-1", "seeds": 2, "scale": 0.005, "dataset": "digits"}


@pytest.fixture
def injector(database: Database, objects: Objects, tmp_path: Path) -> Injector:
    return Injector(database, objects, tmp_path)


@pytest.fixture
def service(app: FastAPI) -> Service:
    """The service of the server that `client` talks to."""
    running: Service = app.state.service
    return running


Make = Callable[..., dict[str, Any]]


@pytest.fixture
def make(client: httpx.Client) -> Make:
    def create(**body: Any) -> dict[str, Any]:
        response = client.post(STUDIES, json=body)
        assert response.status_code == 201, response.text
        study: dict[str, Any] = response.json()
        return study

    return create


def undecided(run: Run) -> float:
    """Errors with which three seeds leave every verdict open."""
    return {110: 6.6, 1202: 9.4}[run.depth] + 0.9 * (int(run.spec["seed"]) % 3)


def read(client: httpx.Client, study: dict[str, Any]) -> dict[str, Any]:
    response = client.get(f"{STUDIES}/{study['id']}")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_plan_has_its_cost_and_power_and_queues_nothing(client: httpx.Client) -> None:
    answer = client.post(f"{STUDIES}?dry_run=true", json={"recipe": "table-6", "seeds": 5})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert (plan["runs"], plan["reusable"], len(plan["members"])) == (30, 0, 30)
    assert plan["device_hours"] is None
    assert "nothing has been trained here yet" in plan["predicted_from"]
    assert plan["departures"] == []
    decides = {network["network"]: network for network in plan["seed_plans"]}
    assert decides["ResNet-110 A"]["std"] == 0.16  # the paper's own
    assert (decides["ResNet-20 A"]["needed"], decides["ResNet-110 A"]["needed"]) == (5, 3)
    assert (
        decides["ResNet-32 A"]["needed"] is None
    )  # its spread is as wide as the margin, and the paper printed one run
    assert client.get("/api/v1/runs").json()["total"] == 0


def test_a_plan_counts_the_networks_of_table_1_beside_the_papers(client: httpx.Client) -> None:
    counts = client.post(f"{STUDIES}?dry_run=true", json={"recipe": "table-1"}).json()["counts"]
    assert {count["network"]: count["ours"] for count in counts} == {
        "ResNet-18 A": "1.8", "ResNet-34 A": "3.6", "ResNet-50 B": "3.9", "ResNet-101 B": "7.6", "ResNet-152 B": "11.3",
    }  # fmt: skip
    assert [count["network"] for count in counts if not count["is_same"]] == ["ResNet-50 B"]  # 3.858, printed cut off


def test_a_plans_cost_is_predicted_from_measured_speeds(client: httpx.Client, make: Make, injector: Injector) -> None:
    make(**SMALL)
    injector.end(4)
    progress.add_worker(injector.database, "two")
    plan = client.post(f"{STUDIES}?dry_run=true", json=SMALL | {"seeds": 3}).json()
    assert plan["device_hours"] == pytest.approx(6 * 320 * 128 / 1000 / 3600)
    assert plan["finishes_in_s"] == pytest.approx(3 * 320 * 128 / 1000)  # two workers
    assert (plan["reusable"], plan["runs"]) == (4, 6)
    assert {"scale", "other-data"} <= {finding["rule"] for finding in plan["departures"]}
    reused = client.post(f"{STUDIES}?dry_run=true", json=SMALL | {"seeds": 3, "reuse": True}).json()
    assert (reused["reusable"], reused["runs"]) == (4, 2)


def test_earlier_successful_runs_are_reused(client: httpx.Client, make: Make, injector: Injector) -> None:
    make(**SMALL)
    injector.end(4)
    again = read(client, make(**SMALL, reuse=True))
    assert again["status"] == "ended"
    assert {member["run"] for member in again["members"]} == {str(run_id) for run_id in injector.ended}
    assert all(member["reused"] for member in again["members"])


def test_its_table_fills_while_its_runs_train(client: httpx.Client, make: Make, injector: Injector) -> None:
    study = make(recipe="table-6", seeds=1, scale=0.005, dataset="digits")
    assert (study["status"], study["progress"]["runs"]) == ("queued", 6)
    injector.end(2)
    shown = read(client, study)
    assert shown["progress"]["by_status"] == {"queued": 4, "succeeded": 2}
    cells = {cell["key"]: cell for cell in shown["cells"]}
    assert cells["table-6:ResNet-20:error"]["ours"] == "9.00"
    assert cells["table-6:ResNet-56:error"]["ours"] == ""
    assert (cells["table-6:ResNet-20:params"]["ours"], cells["table-6:ResNet-20:params"]["is_same"]) == ("0.27", True)
    verdict = cells["table-6:ResNet-20:error"]["verdict"]
    assert verdict["outcome"] == "not comparable"
    assert {"Data set", "Iterations"} <= {reason.partition(":")[0] for reason in verdict["reasons"]}
    assert shown["tables"][0]["number"] == 6
    assert [run["id"] for run in client.get(f"/api/v1/runs?study={study['id']}&status=succeeded").json()["items"]] == [
        str(run_id) for run_id in reversed(injector.ended)
    ]


def errors_of(client: httpx.Client, study: dict[str, Any], key: str) -> dict[str, Any]:
    return next(cell["verdict"] for cell in read(client, study)["cells"] if cell["key"] == key)


@pytest.mark.parametrize(
    ("error", "spread", "outcome"),
    [(8.8, 0.1, "reproduced"), (7.5, 0.1, "better"), (10.5, 0.1, "worse"), (9.1, 0.5, "inconclusive")],
)
def test_injected_errors_lead_to_each_verdict(
    client: httpx.Client, make: Make, injector: Injector, error: float, spread: float, outcome: str
) -> None:
    """ResNet-20 of Table 6, 8.75 % in the paper, by the paper's own specification on CIFAR-10."""
    study = make(recipe="table-6", networks=["ResNet-20 A"], seeds=3)
    injector.test_error = lambda run: error + spread * (run.spec["seed"] - 1)
    injector.end(3)
    verdict = errors_of(client, study, "table-6:ResNet-20:error")
    assert verdict["outcome"] == outcome, verdict
    assert bool(verdict["warnings"]) == (outcome == "better")
    assert verdict["steps"]
    lone = client.get(f"/api/v1/runs/{injector.ended[0]}/verdict").json()["cells"]
    assert {cell["key"]: cell for cell in lone}["table-6:ResNet-20:error"]["verdict"]["outcome"] == "inconclusive"


def test_its_table_can_be_downloaded(client: httpx.Client, make: Make, injector: Injector) -> None:
    study = make(recipe="table-6", seeds=2, scale=0.005, dataset="digits")
    injector.test_error = lambda run: 8 + 0.5 * run.spec["seed"]
    injector.end(12)
    at = f"{STUDIES}/{study['id']}/table"
    lines = list(csv.DictReader(client.get(f"{at}.csv").text.splitlines()))
    assert (lines[0]["network"], lines[0]["test_error"], lines[0]["paper"]) == (
        "ResNet-20 A", "8.00 (8.25±0.35)", "8.75",
    )  # fmt: skip
    assert lines[4]["paper"] == "6.43 (6.61±0.16)"
    assert {line["verdict"] for line in lines} == {"not comparable"}
    assert client.get(f"{at}.md").text.splitlines()[2].startswith("| ResNet-20 A | 2 of 2 |")
    tex = client.get(f"{at}.tex").text
    assert r"6.43 (6.61$\pm$0.16)" in tex
    assert tex.count(r"\\") == 11  # the headings, six networks, the setting, and three notes on departures
    for text in (client.get(f"{at}.md").text, tex):
        assert "Trained on digits with 0.005 of the paper's iterations." in text
        assert "Departures from the paper: " in text
    assert {(line["dataset"], line["scale"], line["provisional"]) for line in lines} == {("digits", "0.005", "no")}
    assert all("The scale is 0.005" in line["departures"] for line in lines)
    assert client.get(f"{at}.pdf").status_code == 422


def test_seeds_that_failed_were_cancelled_or_deleted_are_said_and_bound_the_verdict(
    client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(recipe="table-6", networks=["ResNet-110 A"], seeds=6)
    injector.test_error = lambda run: 6.6 + 0.02 * run.spec["seed"]
    injector.end(3)
    provisional = read(client, study)["cells"]
    (cell,) = (cell for cell in provisional if cell["verdict"])
    assert (cell["verdict"]["outcome"], cell["attrition"]["is_provisional"]) == ("reproduced", True)
    assert "(provisional)" in client.get(f"{STUDIES}/{study['id']}/table.md").text
    last = read(client, study)["members"][-1]["run"]
    claim = progress.claim(injector.database, injector.worker)
    with injector.database.transaction() as session:
        attempts.fail(session, claim.run.id, claim.attempt, reason="diverged", message="loss is nan")
    assert client.post(f"{STUDIES}/{study['id']}/cancel").status_code == 200
    assert client.delete(f"/api/v1/runs/{last}").status_code == 204
    answer = read(client, study)
    (cell,) = (cell for cell in answer["cells"] if cell["verdict"])
    attrition = cell["attrition"]
    assert (attrition["counted"], attrition["planned"], attrition["is_provisional"]) == (3, 6, False)
    assert [(seed["seed"], seed["fate"], seed["reason"]) for seed in attrition["missing"]] == [
        (3, "failed", "diverged"), (4, "cancelled", None), (5, "deleted", None),
    ]  # fmt: skip
    assert attrition["bound"] == "worse"
    words = "3 of 6 seeds (1 failed: diverged, 1 cancelled, 1 deleted). If the missing seeds had been the worst"
    for form in ("csv", "md", "tex"):
        assert words in client.get(f"{STUDIES}/{study['id']}/table.{form}").text
    assert "ResNet-110 A, 3 of 6 seeds" in client.get(f"{STUDIES}/{study['id']}/figure.svg").text
    for member in answer["members"]:
        client.delete(f"/api/v1/runs/{member['run']}")
    (gone,) = read(client, study)["deleted_networks"]
    assert (gone["label"], gone["attrition"]["sentence"]) == ("ResNet-110 A", "0 of 6 seeds (6 deleted).")
    assert "| ResNet-110 A | 0 of 6 |" in client.get(f"{STUDIES}/{study['id']}/table.md").text


def test_without_a_table_it_shows_the_papers_statements(client: httpx.Client, make: Make, injector: Injector) -> None:
    study = make(recipe="figure-6-plain", networks=["plain-56", "plain-110"], seeds=2, scale=0.001, dataset="digits")
    injector.test_error = lambda run: 70 + run.spec["seed"]
    assert read(client, study)["statements"][0]["ours"] == ""
    injector.end(4)
    (statement,) = read(client, study)["statements"]
    assert (statement["network"], statement["theirs"], statement["ours"], statement["runs"]) == (
        "plain-110", "60 %", "70.00 (70.50±0.71)", 2,
    )  # fmt: skip
    lines = list(csv.DictReader(client.get(f"{STUDIES}/{study['id']}/table.csv").text.splitlines()))
    above = next(line for line in lines if line["key"] == "claim:plain-110")
    assert (above["network"], above["seeds"], above["verdict"]) == (
        "test error: plain-110 above 60 %", "plain-110: 2 of 2", "not testable by these runs",
    )  # fmt: skip
    assert [line["network"] for line in lines[-2:]] == ["plain-56", "plain-110"]


def test_the_length_of_the_warm_up_is_shown_with_the_papers(
    client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(recipe="footnote-5", scale=0.02, dataset="digits")
    injector.end(2)
    (statement,) = read(client, study)["statements"]
    assert (statement["statement"], statement["theirs"], statement["ours"]) == ("warmup-length", "400", "400")


def test_its_figure_has_a_dashed_and_a_bold_line_per_network(
    client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(**SMALL)
    empty = client.get(f"{STUDIES}/{study['id']}/figure.svg")
    assert empty.headers["content-type"] == "image/svg+xml"
    injector.end(3)
    lines = curves(client.get(f"{STUDIES}/{study['id']}/figure.svg").text)
    assert [line.is_dashed for line in lines] == [True, False, True, False]
    assert len({line.colour for line in lines}) == 2
    svg = client.get(f"{STUDIES}/{study['id']}/figure.svg").text
    assert "plain-20, 2 of 2 seeds" in svg
    assert "Trained on digits with 0.005 of the paper" in svg
    assert "plain-56: Provisional: 1 of 2 seeds (1 unfinished)." in svg
    assert client.get(f"{STUDIES}/{study['id']}/figure.pdf").content.startswith(b"%PDF")


def test_more_seeds_are_added_within_the_budget_until_it_is_decided(
    client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(recipe="figure-6-1202", seeds=3, budget=4)
    at = f"{STUDIES}/{study['id']}/seeds"
    assert client.post(at, json={}).status_code == 409  # nothing has ended
    injector.test_error = undecided
    injector.end(6)
    added = {addition["network"]: addition for addition in client.post(at, json={}).json()["added"]}
    assert {network: addition["add"] for network, addition in added.items()} == {"ResNet-110 A": 1, "ResNet-1202 A": 1}
    shown = read(client, study)
    assert (shown["looks"], shown["progress"]["runs"]) == (1, 8)
    injector.end(2)
    assert all(addition["add"] == 0 for addition in client.post(at, json={}).json()["added"])  # the budget is spent
    assert client.post(at, json={"add": 1}).json()["study"]["progress"]["runs"] == 10  # as one likes
    assert read(client, study)["looks"] == 2


def test_a_study_with_a_budget_gets_seeds_until_it_is_settled(
    service: Service, client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(recipe="figure-6-1202", seeds=3, budget=4)
    unplanned = make(recipe="figure-6-1202", seeds=1)
    assert not seeds.extend_next(service)  # nothing has ended
    injector.test_error = undecided
    injector.end(8)
    assert seeds.extend_next(service)
    shown = read(client, study)
    assert (shown["looks"], shown["status"], shown["progress"]["runs"], shown["settled_at"]) == (1, "queued", 8, None)
    assert not seeds.extend_next(service)  # the new ones have not ended
    injector.end(2)
    assert seeds.extend_next(service)
    assert not seeds.extend_next(service)
    settled = read(client, study)
    assert (settled["looks"], settled["progress"]["runs"]) == (1, 8)
    assert settled["settled_at"] is not None
    client.post(f"{STUDIES}/{study['id']}/seeds", json={"add": 1})
    assert read(client, study)["settled_at"] is None
    assert read(client, unplanned)["progress"]["runs"] == 2


def test_seeds_are_added_while_the_api_serves(
    settings: Settings, dist: Path, client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(recipe="figure-6-1202", seeds=3, budget=4)
    with served(create_app(settings.model_copy(update={"study_look_s": 0.05}), dist)):
        injector.test_error = undecided
        injector.end(6)
        until(lambda: read(client, study)["progress"]["runs"] == 8)


def test_outcomes_of_ended_runs_are_read_ahead(service: Service, make: Make, injector: Injector) -> None:
    make(**SMALL)
    injector.end(3)
    watch.read_ended(service)
    assert service.outcomes.uncached(injector.ended) == []
    injector.end(1)
    assert service.outcomes.uncached(injector.ended) == injector.ended[3:]


def test_no_seeds_are_added_to_runs_that_are_too_short_to_decide(
    service: Service, client: httpx.Client, make: Make, injector: Injector
) -> None:
    study = make(**SMALL, budget=9)
    injector.end(4)
    assert seeds.extend_next(service)
    assert read(client, study)["settled_at"] is not None
    added = client.post(f"{STUDIES}/{study['id']}/seeds", json={}).json()["added"]
    assert {addition["add"] for addition in added} == {0}
    assert "a gap between networks may only be a slow start" in added[0]["reason"]


def test_a_study_with_a_cancelled_run_gets_no_seeds(service: Service, client: httpx.Client, make: Make) -> None:
    study = make(recipe="figure-6-1202", seeds=3, budget=4)
    client.post(f"{STUDIES}/{study['id']}/cancel")
    assert not seeds.extend_next(service)


def test_a_study_without_its_data_set_does_not_block_others(
    service: Service, database: Database, client: httpx.Client, make: Make, injector: Injector
) -> None:
    broken, other = (make(recipe="figure-6-1202", seeds=3, budget=4) for _ in range(2))
    injector.test_error = undecided
    injector.end(12)
    with database.transaction() as session:
        session.execute(update(Study).where(Study.id == UUID(broken["id"])).values(dataset="gone"))
    assert seeds.extend_next(service)
    assert seeds.extend_next(service)
    assert read(client, broken)["settled_at"] is not None
    assert read(client, other)["progress"]["runs"] == 8


def test_a_study_without_a_budget_needs_one(client: httpx.Client, make: Make) -> None:
    answer = client.post(f"{STUDIES}/{make(**SMALL)['id']}/seeds", json={})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "budget")


def test_its_runs_are_paused_resumed_cancelled_and_deleted_together(client: httpx.Client, make: Make) -> None:
    study = make(**SMALL)
    at = f"{STUDIES}/{study['id']}"
    assert client.post(f"{at}/pause").json()["status"] == "paused"
    assert client.post(f"{at}/resume").json()["status"] == "queued"
    assert client.post(f"{at}/cancel").json()["status"] == "ended"
    assert client.delete(at, params={"runs": True}).status_code == 204
    assert (client.get(at).status_code, client.get("/api/v1/runs").json()["total"]) == (404, 0)


def test_an_invalid_request_is_refused_at_its_field(client: httpx.Client) -> None:
    for body, status, field in (
        ({"recipe": "table-99"}, 404, None),
        ({"recipe": "table-6", "dataset": "imagenet"}, 422, "dataset"),
        ({"recipe": "table-6", "dataset": "flowers"}, 422, "dataset"),
        ({"recipe": "table-6", "seeds": 5, "budget": 3}, 422, "budget"),
        ({"recipe": "table-6", "scale": 1.5}, 422, "scale"),
        ({"recipe": "table-1"}, 422, "recipe"),
        ({"recipe": "table-6", "networks": ["plain-20"]}, 422, "networks"),
    ):
        answer = client.post(STUDIES, json=body)
        errors = answer.json()["errors"]
        assert answer.status_code == status, answer.text
        assert field is None or errors[0]["field"].startswith(field), errors
    assert client.get("/api/v1/runs").json()["total"] == 0


def test_the_same_idempotency_key_creates_one_study(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "once"}
    first, again = (client.post(STUDIES, json=SMALL, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert client.post(STUDIES, json=SMALL | {"seeds": 3}, headers=headers).status_code == 409
    assert client.get(STUDIES).json()["total"] == 1


def test_the_claim_about_depth_has_its_status_from_the_curves(
    client: httpx.Client, make: Make, injector: Injector
) -> None:
    """Plain-56 two points above plain-20 in training error, with the whole schedule and three seeds."""
    study = make(recipe="figure-1", seeds=3)
    injector.train_error = lambda run: {20: 5.0, 56: 7.0}[run.depth] + 0.1 * run.spec["seed"]
    injector.test_error = lambda run: {20: 9.0, 56: 11.0}[run.depth] + 0.1 * run.spec["seed"]
    injector.end(6)
    shown = read(client, study)
    assert {claim["id"]: claim["status"] for claim in shown["claims"]}["degradation"] == "holds"
    assert [pair["comparison"]["diagnosis"] for pair in shown["depths"]] == ["degradation"] * 3


def test_a_claims_status_is_listed_for_each_of_your_studies(
    client: httpx.Client, make: Make, injector: Injector, make_key: Callable[..., str]
) -> None:
    decided = make(recipe="figure-1", seeds=3)
    injector.train_error = lambda run: {20: 5.0, 56: 7.0}[run.depth] + 0.1 * run.spec["seed"]
    injector.test_error = lambda run: {20: 9.0, 56: 11.0}[run.depth] + 0.1 * run.spec["seed"]
    injector.end(6)
    begun = make(**SMALL)
    items = client.get("/api/v1/claims").json()["items"]
    standings = [item for item in items if item["claim"] == "degradation"]
    assert [(item["study"], item["status"]) for item in standings] == [
        (begun["id"], "not testable by these runs"),
        (decided["id"], "holds"),
    ]
    assert (standings[0]["missing"], standings[0]["scale"], standings[0]["dataset"]) == (
        [],
        0.005,
        "digits",
    )
    assert [(item["is_provisional"], item["bound"]) for item in standings] == [
        (True, "not testable by these runs"), (False, None),
    ]  # fmt: skip
    assert standings[0]["seeds"].startswith("Provisional: ")
    assert standings[1]["seeds"] == "plain-20: 3 of 3 seeds; plain-56: 3 of 3 seeds."
    of_another = client.get("/api/v1/claims", headers=bearer(make_key(owner="bob")))
    assert of_another.json() == {"items": []}


def test_a_study_can_train_some_of_a_recipes_networks(client: httpx.Client, make: Make, injector: Injector) -> None:
    study = make(recipe="table-6", scale=0.005, dataset="digits", networks=["ResNet-20 A", "ResNet-56 A"])
    injector.end(2)
    assert [network["label"] for network in read(client, study)["networks"]] == ["ResNet-20 A", "ResNet-56 A"]
    added = client.post(f"{STUDIES}/{study['id']}/seeds", json={"add": 1}).json()
    assert added["study"]["progress"]["runs"] == 4
