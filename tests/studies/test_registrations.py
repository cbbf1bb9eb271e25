"""Registrations: signed before the first run exists, never changed, and compared with what the study did."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from store import studies
from store.db.database import Database
from store.db.objects import Objects
from store.runs import attempts
from studies.registration import SignedRegistration, contents
from studies.registration.signature import InvalidRegistration, check, sign
from tests.api import progress
from tests.api.injected import Injector

pytestmark = pytest.mark.usefixtures("warm")

STUDIES = "/api/v1/studies"
SMALL = {"recipe": "figure-1", "seeds": 2, "scale": 0.005, "dataset": "digits"}
Create = Callable[..., dict[str, Any]]


@pytest.fixture
def create(client: httpx.Client) -> Create:
    """Registers a study and returns it as it is shown."""

    def post(key: str | None = None, **body: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        answer = client.post(STUDIES, json={**SMALL, "registration": {}, **body}, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        study: dict[str, Any] = client.get(f"{STUDIES}/{answer.json()['id']}").json()
        return study

    return post


@pytest.fixture
def injector(database: Database, objects: Objects, tmp_path: Path) -> Injector:
    return Injector(database, objects, tmp_path)


def read(client: httpx.Client, study: dict[str, Any]) -> SignedRegistration:
    answer = client.get(f"{STUDIES}/{study['id']}/registration")
    assert answer.status_code == 200, answer.text
    return SignedRegistration.model_validate_json(answer.content)


def sentences(client: httpx.Client, study: dict[str, Any]) -> dict[str, str]:
    registration = client.get(f"{STUDIES}/{study['id']}").json()["registration"]
    return {network["network"]: network["sentence"] for network in registration["networks"]}


def test_it_freezes_the_question_the_runs_and_the_rules(client: httpx.Client, create: Create) -> None:
    study = create(registration={"question": "Does depth hurt?", "exclusion_rule": "Runs with loss NaN."}, name="Depth")
    registration = read(client, study).registration
    assert (registration.question, registration.exclusion_rule) == ("Does depth hurt?", "Runs with loss NaN.")
    assert (registration.recipe, registration.scale, registration.dataset) == ("figure-1", 0.005, "digits")
    assert [(network.label, [run.seed for run in network.runs]) for network in registration.networks] == [
        ("plain-20", [0, 1]), ("plain-56", [0, 1]),
    ]  # fmt: skip
    hashes = {run.spec_hash for network in registration.networks for run in network.runs}
    assert hashes == {client.get(f"/api/v1/runs/{member['run']}").json()["spec_hash"] for member in study["members"]}
    assert registration.stopping_rule.startswith("2 seeds per network, and none are added.")
    assert registration.claims


def test_its_time_precedes_the_creation_of_every_run(client: httpx.Client, create: Create) -> None:
    study = create()
    registered_at = read(client, study).registration.registered_at
    for member in study["members"]:
        created_at = client.get(f"/api/v1/runs/{member['run']}").json()["created_at"]
        assert registered_at < datetime.fromisoformat(created_at)


def test_it_is_committed_although_the_runs_cannot_be_created(
    client: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runs' transaction fails after the registration's: the registration stays, and no run exists."""
    with database.transaction() as session:
        session.execute(text("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                             "$$ BEGIN RAISE EXCEPTION 'no runs today'; END $$"))  # fmt: skip
        session.execute(text("CREATE TRIGGER refuse BEFORE INSERT ON runs FOR EACH ROW EXECUTE FUNCTION refuse()"))
    assert client.post(STUDIES, json=SMALL | {"registration": {}}).status_code >= 500
    with database.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM study_registrations")).scalar_one() == 1
        assert session.execute(text("SELECT count(*) FROM runs")).scalar_one() == 0


def test_a_plan_and_a_repeated_request_register_nothing(
    client: httpx.Client, create: Create, database: Database
) -> None:
    assert create(key="k")["id"] == create(key="k")["id"]
    client.post(f"{STUDIES}?dry_run=true", json=SMALL | {"registration": {}}).raise_for_status()
    client.post(STUDIES, json=SMALL | {"registration": {}, "dataset": "nothing"})
    with database.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM study_registrations")).scalar_one() == 1


def test_it_cannot_be_changed_deleted_or_added_later(client: httpx.Client, create: Create, database: Database) -> None:
    study = create()
    before = read(client, study)
    for statement in ("UPDATE study_registrations SET content = '{}'", "DELETE FROM study_registrations"):
        with pytest.raises(IntegrityError, match="cannot be changed or deleted"), database.transaction() as session:
            session.execute(text(statement))
    unregistered = create(registration=None)
    with pytest.raises(IntegrityError, match="a study with runs cannot be registered"):  # noqa: SIM117 (one line a fact)
        with database.transaction() as session:
            studies.register(session, unregistered["id"], "{}", b"")
    client.post(f"{STUDIES}/{study['id']}/cancel").raise_for_status()
    client.delete(f"{STUDIES}/{study['id']}?runs=true").raise_for_status()
    assert read(client, study) == before


def test_a_registered_study_cannot_reuse_runs(client: httpx.Client) -> None:
    answer = client.post(STUDIES, json=SMALL | {"registration": {}, "reuse": True})
    assert answer.status_code == 422
    assert "can't reuse earlier ones" in answer.text


def test_a_study_without_registration_says_so(client: httpx.Client, create: Create) -> None:
    study = create(registration=None)
    assert study["registration"] is None
    answer = client.get(f"{STUDIES}/{study['id']}/registration")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"Study {study['id']} was not registered.")


def test_it_is_checked_without_the_service(client: httpx.Client, create: Create) -> None:
    signed = read(client, create())
    check(signed)
    assert signed.registration.public_key == client.get("/api/v1/signing-key").json()["public_key"]


def test_its_page_can_be_published_with_the_signed_file_in_it(client: httpx.Client, create: Create) -> None:
    """Its words are its owner's, and stay words. It stays when the study is deleted."""
    study = create(registration={"question": "<script>alert(1)</script> Does depth help?"})
    client.post(f"{STUDIES}/{study['id']}/cancel")
    assert client.delete(f"{STUDIES}/{study['id']}").status_code == 204
    answer = client.get(f"{STUDIES}/{study['id']}/registration.html")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<script" not in answer.text
    assert "<dd>&lt;script&gt;alert(1)&lt;/script&gt; Does depth help?</dd>" in answer.text
    assert "<td>plain-56</td><td>0, 1</td>" in answer.text
    (file,) = re.findall("<pre>(.*?)</pre>", answer.text, re.DOTALL)
    signed = SignedRegistration.model_validate_json(unescape(file))
    check(signed)
    assert signed == read(client, study)


@pytest.mark.parametrize("change", ["readable", "text", "both", "hash", "signature", "key", "no key"])
def test_a_tampered_registration_is_refused(client: httpx.Client, create: Create, change: str) -> None:
    signed = read(client, create())
    other = signed.registration.model_copy(update={"seeds": 1})
    changes: dict[str, object] = {
        "readable": {"registration": other},
        "text": {"canonical": contents.canonical(other)},
        "both": dict(contents.signed(contents.canonical(other), bytes.fromhex(signed.signature))),
        "hash": {"sha256": "0" * 64},
        "signature": {"signature": sign(signed.canonical, Ed25519PrivateKey.generate()).hex()},
        "key": _with(signed, public_key=Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()),
        "no key": _with(signed, public_key="none"),
    }
    with pytest.raises(InvalidRegistration):
        check(signed.model_copy(update=changes[change]))  # type: ignore[arg-type] # a test's own fields


def test_its_file_is_verified_by_the_command(client: httpx.Client, create: Create, tmp_path: Path) -> None:
    signed, file = read(client, create()), tmp_path / "registration.json"
    verify = [sys.executable, "-P", "-m", "reslab.command", "verify", str(file)]
    file.write_text(signed.model_dump_json())
    good = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert good.returncode == 3, good.stderr
    assert "a key that you don't know" in good.stdout
    assert f"SHA-256 {signed.sha256}" in good.stdout
    for damaged in (signed.model_dump_json().replace("figure-1", "figure-2"), "{}", "[" * 100_000, ""):
        file.write_text(damaged)
        bad = subprocess.run(verify, capture_output=True, text=True, check=False)
        assert (bad.returncode, bad.stdout) == (1, ""), bad.stdout
        assert "can't be verified" in bad.stderr, bad.stderr


def _with(signed: SignedRegistration, **changed: Any) -> dict[str, Any]:
    registration = signed.registration.model_copy(update=changed)
    return dict(contents.signed(contents.canonical(registration), bytes.fromhex(signed.signature)))


def test_what_became_of_the_registered_seeds_is_said_network_by_network(
    client: httpx.Client, create: Create, injector: Injector, database: Database
) -> None:
    study = create(seeds=3)
    assert sentences(client, study)["plain-20"] == "Registered 3 seeds, 3 not ended yet."
    injector.end(3)  # both networks' seed 0, and plain-20's seed 1
    claimed = progress.claim(database, injector.worker)
    with database.transaction() as session:
        attempts.fail(session, claimed.run.id, claimed.attempt, "diverged", "loss is nan at iteration 3")
    last = next(member for member in study["members"] if (member["label"], member["seed"]) == ("plain-20", 2))
    client.post(f"/api/v1/runs/{last['run']}/cancel").raise_for_status()
    assert sentences(client, study) == {
        "plain-20": "Registered 3 seeds, 2 ended, 1 cancelled.",
        "plain-56": "Registered 3 seeds, 1 ended, 1 diverged, 1 not ended yet.",
    }
    client.delete(f"/api/v1/runs/{injector.ended[1]}").raise_for_status()
    assert sentences(client, study)["plain-56"] == "Registered 3 seeds, 1 diverged, 1 deleted, 1 not ended yet."


def test_seeds_that_were_not_registered_are_departures(
    client: httpx.Client, create: Create, injector: Injector
) -> None:
    study = create(seeds=1)
    injector.end(2)
    client.post(f"{STUDIES}/{study['id']}/seeds", json={"add": 2}).raise_for_status()
    assert sentences(client, study)["plain-20"] == (
        "Registered 1 seed, 1 ended, 2 added beyond the registration (2 not ended yet)."
    )
    registration = client.get(f"{STUDIES}/{study['id']}").json()["registration"]
    assert all(network["departs"] for network in registration["networks"])


def test_seeds_added_within_a_registered_budget_are_none(
    client: httpx.Client, create: Create, injector: Injector
) -> None:
    study = create(seeds=1, budget=2)
    injector.end(2)
    client.post(f"{STUDIES}/{study['id']}/seeds", json={"add": 1}).raise_for_status()
    registration = client.get(f"{STUDIES}/{study['id']}").json()["registration"]
    assert registration["stopping_rule"].startswith("1 seed per network first.")
    assert registration["networks"][0] == {
        "network": "plain-20",
        "sentence": "Registered 1 seed, 1 ended, 1 added within the budget (1 not ended yet).",
        "departs": False,
    }
    assert registration["departures"] == []


def test_a_budget_set_later_is_a_departure(client: httpx.Client, create: Create, injector: Injector) -> None:
    study = create(seeds=1)
    injector.end(2)
    client.post(f"{STUDIES}/{study['id']}/seeds", json={"add": 1, "budget": 4}).raise_for_status()
    registration = client.get(f"{STUDIES}/{study['id']}").json()["registration"]
    assert registration["departures"] == ["A budget of 4 seeds per network was set after the registration."]
