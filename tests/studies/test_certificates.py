"""Certificates: the judgement follows from the curves, and one flipped bit anywhere invalidates the file."""

import hashlib
import json
import math
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reslab.command.verify import _summary
from store.db.database import Database
from store.db.models import Run
from store.db.objects import Objects
from studies.certificate import bundle, checking, key
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.envelope import ENVELOPE
from studies.registration import SignedRegistration
from studies.registration.contents import canonical
from studies.registration.contents import signed as signed_registration
from studies.registration.signature import sign
from tests.api.injected import Injector
from trainer.catalog import BUILT_IN
from trainer.spec import RunSpec
from trainer.state import tensor_shapes

Fetch = Callable[..., Path]


@pytest.fixture
def study(client: httpx.Client, database: Database, objects: Objects, tmp_path: Path) -> str:
    """Two plain networks with two seeds each; one run was cancelled."""
    body = {"recipe": "figure-1", "seeds": 2, "scale": 0.005, "dataset": "digits"}
    study: str = client.post("/api/v1/studies", json=body).json()["id"]
    Injector(
        database, objects, tmp_path, test_error=lambda _: 90 / 3.6, train_error=lambda run: run.depth / 4,
        weights=weights_of,
    ).end(3)  # fmt: skip
    client.post(f"/api/v1/studies/{study}/cancel")
    return study


@pytest.fixture
def fetch(client: httpx.Client, study: str, tmp_path: Path) -> Fetch:
    def get(**params: Any) -> Path:
        answer = client.get(f"/api/v1/studies/{study}/certificate", params=params)
        assert answer.status_code == 200, answer.text
        file = tmp_path / f"{len(list(tmp_path.glob('*.zip')))}.zip"
        file.write_bytes(answer.content)
        return file

    return get


def test_its_judgement_can_be_repeated_from_its_curves(client: httpx.Client, fetch: Fetch, study: str) -> None:
    certificate = checking.check(fetch())
    study_json = client.get(f"/api/v1/studies/{study}").json()
    assert [claim.model_dump(mode="json") for claim in certificate.judgement.claims] == study_json["claims"]
    assert [run.run and run.run.status for run in certificate.contents.members].count("cancelled") == 1
    assert [network.attrition.sentence for network in certificate.judgement.networks] == [
        "2 of 2 seeds.", "1 of 2 seeds (1 cancelled).",
    ]  # fmt: skip
    assert certificate.judgement.setting.sentence == "Trained on digits with 0.005 of the paper's iterations."
    printed = "\n".join(_summary(certificate))
    assert "plain-20: 2 of 2 seeds; plain-56: 1 of 2 seeds (1 cancelled)." in printed
    assert "setting     Trained on digits" in printed
    assert "departs     Iterations: The scale is 0.005" in printed
    assert certificate.fingerprint == client.get("/api/v1/signing-key").json()["fingerprint"]


def test_the_same_study_makes_the_same_bytes(fetch: Fetch) -> None:
    assert fetch().read_bytes() == fetch().read_bytes()


def test_weights_are_included_on_request(fetch: Fetch) -> None:
    with zipfile.ZipFile(fetch(weights=True)) as file:
        names = [name for name in file.namelist() if name.startswith("weights/")]
        assert len(names) == 3
        assert b"__metadata__" in file.read(names[0])[:100]
        assert file.testzip() is None
    assert all(run.run is None or run.run.weights is None or run.run.weights.file is None
               for run in checking.check(fetch()).contents.members)  # fmt: skip


def test_one_flipped_bit_anywhere_invalidates_it(fetch: Fetch) -> None:
    file = fetch(weights=True)
    whole = file.read_bytes()
    drawn = random.Random(7)  # noqa: S311 (places to break, no secret)
    offsets = {*range(40), *range(len(whole) - 100, len(whole)), *(drawn.randrange(len(whole)) for _ in range(200))}
    for offset in offsets:
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << drawn.randrange(8)
        file.write_bytes(flipped)
        with pytest.raises(InvalidCertificate):
            checking.check(file)
    file.write_bytes(whole)
    checking.check(file)


def test_it_cannot_be_shortened_or_extended(fetch: Fetch) -> None:
    file = fetch()
    whole = file.read_bytes()
    for changed in (whole[:-1], whole + b"\0", b"\0" + whole, whole[: len(whole) // 2], b""):
        file.write_bytes(changed)
        with pytest.raises(InvalidCertificate):
            checking.check(file)


def test_a_verdict_that_does_not_follow_is_refused_whoever_signs_it(fetch: Fetch, tmp_path: Path) -> None:
    """A file with one number changed, all hashes recomputed, and signed with the service's key."""
    file = fetch()
    entries = {name: bundle.content(file, name) for name in bundle.read(file)}
    judgement = json.loads(entries["judgement.json"])
    judgement["networks"][0]["test_error"] = "1.00"
    entries["judgement.json"] = json.dumps(judgement).encode()
    sign_again(file, entries, key.private(tmp_path / "signing.key"))
    with pytest.raises(InvalidCertificate, match=r"does not follow from its curves: networks\[0\].test_error is"):
        checking.check(file)


def test_nothing_in_it_is_compressed(tmp_path: Path) -> None:
    """A signer could let a kilobyte become gigabytes before anything is compared."""
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = bytes(64)
        file.writestr("certificate.json", " " * 1_000_000)
    with pytest.raises(InvalidCertificate, match="its entries are compressed"):
        checking.check(tmp_path / "bomb")


def test_contents_that_cannot_be_judged_are_refused_with_a_message(fetch: Fetch, tmp_path: Path) -> None:
    """A recipe of a later version, and a damaged curve."""
    file = fetch()
    honest = {name: bundle.content(file, name) for name in bundle.read(file)}
    contents = json.loads(honest["certificate.json"])
    contents["question"]["recipe"] = "table-99"
    curve = next(name for name in honest if name.startswith("curves/"))
    for changed in ({"certificate.json": json.dumps(contents).encode()}, {curve: b"no curve"}):
        sign_again(file, honest | changed, key.private(tmp_path / "signing.key"))
        with pytest.raises(InvalidCertificate, match="can't judge"):
            checking.check(file)


def test_another_signer_has_another_fingerprint(client: httpx.Client, fetch: Fetch) -> None:
    file, other = fetch(), Ed25519PrivateKey.generate()
    entries = {name: bundle.content(file, name) for name in bundle.read(file)}
    contents = json.loads(entries["certificate.json"]) | {"public_key": key.public(other)}
    entries["certificate.json"] = json.dumps(contents).encode()
    sign_again(file, entries, other)
    assert checking.check(file).fingerprint != client.get("/api/v1/signing-key").json()["fingerprint"]


def weights_of(run: Run) -> bytes:
    """A weights file with the shapes of the run's network, all zeros, as the trainer would describe it."""
    shapes = tensor_shapes(RunSpec.model_validate(run.spec), 10)
    header: dict[str, Any] = {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    header["__metadata__"] = {
        "spec_hash": run.spec_hash,
        "data_hash": BUILT_IN["digits"].content_hash,
        "iteration": str(run.iterations),
        "test_error": repr(90 / 3.6),
    }
    content = json.dumps(dict(reversed(header.items()))).encode()
    return len(content).to_bytes(8, "little") + content + bytes(end)


def sign_again(file: Path, entries: dict[str, bytes], signing: Ed25519PrivateKey) -> None:
    """With all hashes computed again, and without the envelope, which repeats certificate.json."""
    entries.pop(ENVELOPE, None)
    contents = json.loads(entries["certificate.json"])
    contents["files"] = {name: hashlib.sha256(entries[name]).hexdigest() for name in contents["files"]}
    entries["certificate.json"] = json.dumps(contents).encode()
    with file.open("wb+") as out:
        bundle.write(out, ((name, [content]) for name, content in entries.items()), signing)


def test_a_study_in_training_has_no_certificate(client: httpx.Client) -> None:
    body = {"recipe": "figure-1", "scale": 0.005, "dataset": "digits"}
    study = client.post("/api/v1/studies", json=body).json()["id"]
    answer = client.get(f"/api/v1/studies/{study}/certificate")
    assert (answer.status_code, answer.json()["detail"][:22]) == (409, "2 runs of this study h")


def test_the_key_is_created_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "home" / "signing.key"
    first, again = (key.public(key.private(file)) for _ in range(2))
    assert first == again
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_fresh_process_verifies_it_without_a_service(fetch: Fetch, tmp_path: Path) -> None:
    file = fetch()
    verify = [sys.executable, "-P", "-m", "reslab.command", "verify", str(file)]
    good = subprocess.run(verify, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert good.returncode == 3, good.stderr  # nobody has said whose key it is
    assert good.stdout.startswith("signed by ")
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 3] ^= 4
    file.write_bytes(whole)
    bad = subprocess.run(verify, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (bad.returncode, bad.stdout) == (1, "")


@pytest.fixture
def registered(client: httpx.Client, database: Database, objects: Objects, tmp_path: Path) -> Path:
    """The certificate of a registered study: plain-20 has two results, plain-56 has one and a cancelled run."""
    body = {"recipe": "figure-1", "seeds": 2, "scale": 0.005, "dataset": "digits", "registration": {}}
    study: str = client.post("/api/v1/studies", json=body).json()["id"]
    Injector(
        database, objects, tmp_path, test_error=lambda _: 90 / 3.6, train_error=lambda run: run.depth / 4,
        weights=weights_of,
    ).end(3)  # fmt: skip
    client.post(f"/api/v1/studies/{study}/cancel").raise_for_status()
    file = tmp_path / "registered.zip"
    file.write_bytes(client.get(f"/api/v1/studies/{study}/certificate").raise_for_status().content)
    return file


def test_a_registration_travels_in_the_certificate_and_is_compared_with_its_runs(registered: Path) -> None:
    valid = checking.check(registered)
    outcome = valid.registration
    assert outcome is not None
    assert {network.network: (network.sentence, network.departs) for network in outcome.networks} == {
        "plain-20": ("Registered 2 seeds, 2 ended.", False),
        "plain-56": ("Registered 2 seeds, 1 ended, 1 cancelled.", True),
    }
    assert outcome.departures == ()
    verify = [
        sys.executable,
        "-P",
        "-m",
        "reslab.command",
        "verify",
        str(registered),
        "--fingerprint",
        valid.fingerprint,
    ]
    printed = subprocess.run(verify, capture_output=True, text=True, check=True).stdout
    assert "before the first run was created" in printed
    assert "Registered 2 seeds, 1 ended, 1 cancelled." in printed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("late", "was not created after the study was registered"),
        ("question", "The registration differs from the text that was signed"),
        ("other study", "Its registration is of another study"),
        ("other key", "signed by another key than the certificate"),
    ],
)
def test_a_registration_that_does_not_fit_is_refused_even_if_its_signer_signs_again(
    registered: Path, tmp_path: Path, change: str, message: str
) -> None:
    entries = {name: bundle.content(registered, name) for name in bundle.read(registered)}
    contents = json.loads(entries["certificate.json"])
    signed = SignedRegistration.model_validate(contents["registration"])
    if change == "late":
        contents["members"][0]["run"]["created_at"] = contents["registration"]["registration"]["registered_at"]
    elif change == "question":
        contents["registration"]["registration"]["question"] = "Another one?"
    elif change == "other study":
        changed = canonical(signed.registration.model_copy(update={"seeds": 5}))
        contents["registration"] = _signed(changed, key.private(tmp_path / "signing.key"))
    else:
        other = Ed25519PrivateKey.generate()
        changed = canonical(signed.registration.model_copy(update={"public_key": key.public(other)}))
        contents["registration"] = _signed(changed, other)
    entries["certificate.json"] = json.dumps(contents).encode()
    sign_again(registered, entries, key.private(tmp_path / "signing.key"))
    with pytest.raises(InvalidCertificate, match=message):
        checking.check(registered)


def _signed(content: str, signing: Ed25519PrivateKey) -> Any:
    return signed_registration(content, sign(content, signing)).model_dump(mode="json")


def test_another_specification_or_another_source_is_a_departure(registered: Path, tmp_path: Path) -> None:
    """The registration names another hash and another source than the runs had."""
    entries = {name: bundle.content(registered, name) for name in bundle.read(registered)}
    contents = json.loads(entries["certificate.json"])
    registration = SignedRegistration.model_validate(contents["registration"]).registration
    plain_20 = registration.networks[0]
    run = plain_20.runs[0].model_copy(update={"spec_hash": "0" * 64})
    networks = (plain_20.model_copy(update={"runs": (run, *plain_20.runs[1:])}), *registration.networks[1:])
    changed = registration.model_copy(update={"source": "0" * 64, "networks": networks})
    contents["registration"] = _signed(canonical(changed), key.private(tmp_path / "signing.key"))
    entries["certificate.json"] = json.dumps(contents).encode()
    sign_again(registered, entries, key.private(tmp_path / "signing.key"))
    outcome = checking.check(registered).registration
    assert outcome is not None
    assert outcome.departures == (
        "3 runs used another version of the trainer's source than the registered one.",
        "plain-20, seed 0 was trained with another specification than the registered one.",
    )
