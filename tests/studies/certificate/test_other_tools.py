"""A certificate in the hands of other tools: securesystemslib reads its envelope, rocrate its description."""

import json
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rocrate.rocrate import ROCrate
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # re-exported, but not in its __all__

from studies.certificate import checking, crate
from studies.certificate.contents import CRATE, Contents
from tests.studies.certificate.conftest import SIGNER, Forgery


def test_securesystemslib_verifies_the_envelope_and_finds_the_weights(forgery: Forgery, tmp_path: Path) -> None:
    sealed = json.loads(forgery.unpack(tmp_path).read_bytes())
    keyid = sealed["signatures"][0]["keyid"]  # from_dict takes the dict apart
    envelope = Envelope.from_dict(sealed)
    envelope.verify([SSlibKey.from_crypto(SIGNER.public_key(), keyid)], threshold=1)
    with pytest.raises(VerificationError):
        envelope.verify([SSlibKey.from_crypto(Ed25519PrivateKey.generate().public_key(), keyid)], threshold=1)
    statement = json.loads(envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    digests = [run["weights"]["sha256"] for run in forgery.runs()]
    assert [subject["digest"]["sha256"] for subject in statement["subject"]] == digests


def test_rocrate_reads_each_run_as_an_action(forgery: Forgery, tmp_path: Path) -> None:
    contents = Contents.model_validate(forgery.contents | {"public_key": "00"})
    described = json.dumps(crate.metadata(contents)).encode()
    file = forgery.with_files(**{CRATE: described}).sign(tmp_path / "certificate.zip")
    checking.check(file)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "unpacked")
    described_by = ROCrate(tmp_path / "unpacked")
    actions = described_by.get_by_type("CreateAction")
    assert len(actions) == 4
    run = forgery.runs()[0]
    (action,) = [action for action in actions if action.id == f"#run-{run['id']}"]
    weights, curve = action["result"]
    assert (weights["sha256"], weights.id) == (run["weights"]["sha256"], run["weights"]["file"])
    assert curve.id == run["curve"]
    assert action["object"]["identifier"] == run["trainers"][0]["data_hash"]
    assert action["instrument"].type == "SoftwareApplication"
    assert all((tmp_path / "unpacked" / part.id).is_file() for part in described_by.root_dataset["hasPart"])


def test_weights_that_are_not_in_the_file_are_described_by_their_hash(forgery: Forgery) -> None:
    for run in forgery.runs():
        run["weights"]["file"] = None
    described = crate.metadata(Contents.model_validate(forgery.contents | {"public_key": "00"}))
    weights = [entity for entity in described["@graph"] if entity["@id"].startswith("#weights-")]
    assert [entity["@type"] for entity in weights] == ["CreativeWork"] * 4
    assert [entity["sha256"] for entity in weights] == [run["weights"]["sha256"] for run in forgery.runs()]
