"""A certificate of real runs with real weights' shapes, and the key that signed it: without a service or a database."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from studies.certificate import bundle, checking, envelope, key
from studies.certificate.contents import CONTENTS, FORMAT, JUDGEMENT, Contents
from studies.certificate.envelope import ENVELOPE
from trainer.files import sealed
from trainer.networks import build
from trainer.spec import RunSpec

# Four runs of Table 6 on digits, 32 iterations each, as an earlier version trained and signed them.
REAL = Path(__file__).parent.parent.parent / "reslab" / "old_home" / "certificate.zip"
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True)
class Forgery:
    """A certificate's entries, to be changed and signed. `contents` is certificate.json."""

    contents: dict[str, Any]  # Any: JSON
    files: Mapping[str, bytes]

    def runs(self) -> list[dict[str, Any]]:
        return [member["run"] for member in self.contents["members"] if member["run"]]

    def copy(self) -> "Forgery":
        return Forgery(json.loads(json.dumps(self.contents)), dict(self.files))

    def with_files(self, **files: bytes) -> "Forgery":
        return replace(self, files={**self.files, **files})

    def entries(self, signing: Ed25519PrivateKey | None = None) -> list[tuple[str, bytes]]:
        """With all hashes computed again, and the signer's key in its place."""
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        contents = self.contents | {"files": hashes}
        if signing:
            contents["public_key"] = key.public(signing)
        return [(CONTENTS, json.dumps(contents).encode()), *self.files.items()]

    def sign(self, path: Path, signing: Ed25519PrivateKey = SIGNER) -> Path:
        with path.open("wb+") as out:
            bundle.write(out, ((name, [content]) for name, content in self.entries(signing)), signing)
        return path

    def unpack(self, folder: Path, signing: Ed25519PrivateKey = SIGNER) -> Path:
        """Writes the files and the in-toto envelope into a folder. Returns the envelope."""
        entries = dict(self.entries(signing))
        contents = Contents.model_validate_json(entries.pop(CONTENTS))
        for name, content in [*entries.items(), (ENVELOPE, envelope.seal(contents, signing))]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder / ENVELOPE

    def judged(self, path: Path) -> "Forgery":
        """With the judgement that follows from what it says now."""
        contents = Contents.model_validate(self.contents | {"public_key": "00"})
        with bundle.opened(self.sign(path)) as archive:
            judgement = checking.judgement_of(archive, contents).model_dump_json().encode()
        return self.with_files(**{JUDGEMENT: judgement})


def honest(folder: Path, *, with_weights: bool = True) -> Forgery:
    """The real runs in today's format."""
    with zipfile.ZipFile(REAL) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name != CONTENTS}
        contents = json.loads(archive.read(CONTENTS)) | {"format": FORMAT}
    forgery = Forgery(contents, files)
    for run in forgery.runs() if with_weights else []:
        content = weights(run, folder / "weights")
        name = run["weights"]["file"] = f"weights/{run['id']}.safetensors"
        run["weights"] |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        forgery = forgery.with_files(**{name: content})
    return forgery.judged(folder / "unjudged.zip")


def weights(run: dict[str, Any], path: Path, **spec: Any) -> bytes:
    """A weights file of the run's network, as the trainer writes it; the values are those of an untrained network."""
    torch.manual_seed(run["spec"]["seed"])
    network = build(RunSpec.model_validate(run["spec"] | spec), 10)
    metadata = {
        "spec_hash": run["spec_hash"],
        "data_hash": run["trainers"][-1]["data_hash"],
        "iteration": str(run["iteration"]),
        "test_error": repr(run["test_error"]),
    }
    sealed.write(path, network.state_dict(), metadata)
    return path.read_bytes()


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Forgery:
    return honest(tmp_path_factory.mktemp("honest"))


@pytest.fixture
def forgery(original: Forgery) -> Forgery:
    """A copy of the honest certificate, for a test to change."""
    return original.copy()
