"""Every way of tampering that we know, with and without the signer's key, and what catches it.

docs/certificates.md has the same table; the last test holds the two in step.
"""

import base64
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from studies.certificate import bundle, checking, crate, envelope, key
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CONTENTS, CRATE, JUDGEMENT, Contents
from studies.certificate.curve import POINT
from studies.certificate.envelope import ENVELOPE
from tests.studies.certificate.conftest import SIGNER, Forgery, weights
from trainer.spec import RunSpec

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "certificates.md"
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
Change = Callable[[Forgery, Path], Path | None]
JsonChange = Callable[[dict[str, Any]], object]
Key = Literal["no key", "another key", "the signer's key"]
Catch = Literal[
    "the signature", "the file's form", "the hashes", "the judgement", "the curve", "the recipe", "the run's facts",
    "the network", "the weights", "the data", "the envelope", "the crate",
]  # fmt: skip


@dataclass(frozen=True)
class Tampering:
    """One way of tampering. `change` writes the file; `message` is a part of what `reslab verify` then says.

    If it writes another file than the given one, it returns its path.
    """

    what: str
    key: Key
    catch: Catch
    message: str
    change: Change


CASES: list[Tampering] = []


def tampering(what: str, signed: Key, catch: Catch, message: str) -> Callable[[Change], None]:
    return lambda change: CASES.append(Tampering(what, signed, catch, message, change))


def rewrite(what: str, catch: Catch, message: str) -> Callable[[Callable[[Forgery], Forgery | None]], None]:
    """With the signer's key: a change of the contents, after which every hash is computed and signed again."""

    def add(change: Callable[[Forgery], Forgery | None]) -> None:
        def write(forgery: Forgery, path: Path) -> None:
            (change(forgery) or forgery).sign(path)

        CASES.append(Tampering(what, "the signer's key", catch, message, write))

    return add


def bytes_changed(what: str, catch: Catch, message: str) -> Callable[[Callable[[bytearray], bytes]], None]:
    """Without any key: a change of the signed file's bytes."""

    def add(change: Callable[[bytearray], bytes]) -> None:
        def write(forgery: Forgery, path: Path) -> None:
            path.write_bytes(change(bytearray(forgery.sign(path).read_bytes())))

        CASES.append(Tampering(what, "no key", catch, message, write))

    return add


def flip(content: bytearray, offset: int) -> bytes:
    content[offset] ^= 1
    return bytes(content)


SIGNATURE = "The signature does not match"
NOT_ONE = "This is not a certificate"


# Without the key.
bytes_changed("A digit of certificate.json is changed", "the signature", SIGNATURE)(
    lambda file: bytes(file).replace(b'"seed":', b'"Seed":', 1).replace(b'"Seed":', b'"seed":', 1)[:-1] + b"\1"
)
bytes_changed("One bit of a curve is flipped", "the signature", SIGNATURE)(
    lambda file: flip(file, file.index(b"\x93NUMPY") + 500)
)
bytes_changed("One bit of a weight is flipped", "the signature", SIGNATURE)(
    lambda file: flip(file, file.index(b"num_batches_tracked") + 90_000)
)
bytes_changed("The date in an entry's header is changed", "the signature", SIGNATURE)(lambda file: flip(file, 10))
bytes_changed("A byte is put before the file", "the signature", SIGNATURE)(lambda file: b"\0" + file)
bytes_changed("A byte is appended", "the file's form", NOT_ONE)(lambda file: bytes(file) + b"\0")
bytes_changed("The last byte is cut off", "the file's form", NOT_ONE)(lambda file: bytes(file[:-1]))
bytes_changed("Half of the file is cut off", "the file's form", NOT_ONE)(lambda file: bytes(file[: len(file) // 2]))
bytes_changed("The signature is replaced by zeros", "the signature", SIGNATURE)(
    lambda file: bytes(file[:-64]) + bytes(64)
)


@tampering("The signature is taken from the signer's other certificate", "no key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    other = forgery.copy()
    other.contents["name"] = "Another study"
    signature = other.sign(path).read_bytes()[-64:]
    path.write_bytes(forgery.sign(path).read_bytes()[:-64] + signature)


@tampering("An entry is added with a zip tool", "no key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(forgery.sign(path), "a") as archive:
        archive.writestr("note.txt", "better than the paper")


@tampering("A curve is taken out, the signature kept", "no key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(forgery.sign(path)) as archive:
        kept = [
            (info, archive.read(info)) for info in archive.infolist() if forgery.runs()[0]["curve"] != info.filename
        ]
        comment = archive.comment
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in kept:
            archive.writestr(info, content)
        archive.comment = comment


@tampering("An error is lowered; another key signs, the signer's is named", "another key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    entries = dict(forgery.entries(SIGNER))
    contents = json.loads(entries[CONTENTS])
    forgery.contents.update(contents)
    with path.open("wb+") as out:
        bundle.write(out, ((name, [content]) for name, content in entries.items()), OTHER)


# With the signer's key: the file's form.
@tampering(
    "Its entries are compressed: a kilobyte becomes gigabytes", "the signer's key", "the file's form", "compressed"
)
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CONTENTS, b" " * 50_000_000)
        archive.comment = bytes(64)


@tampering("2,000 entries share one entry's bytes", "the signer's key", "the file's form", "its entries overlap")
def _(forgery: Forgery, path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", bytes(1_000_000))
        shared = archive.infolist()[0]
        for number in range(2_000):
            info = zipfile.ZipInfo(f"b{number}")
            info.header_offset, info.CRC = 0, shared.CRC
            info.file_size = info.compress_size = shared.file_size
            archive.filelist.append(info)
        archive.comment = bytes(64)
    path.write_bytes(file.getvalue())


@tampering("Two entries have one name", "the signer's key", "the file's form", "the same name")
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(CONTENTS, b"{}")
        archive.filelist.append(archive.filelist[0])
        archive.comment = bytes(64)


@tampering("The directory claims 2 GB", "the signer's key", "the file's form", "its directory has")
def _(forgery: Forgery, path: Path) -> None:
    content = bytearray(forgery.sign(path).read_bytes())
    struct.pack_into("<L", content, len(content) - 64 - 22 + 12, 2_000_000_000)
    path.write_bytes(content)


@rewrite("A file is added that no run has", "the hashes", "No run has these files: notes.txt")
def _(forgery: Forgery) -> Forgery:
    return forgery.with_files(**{"notes.txt": b"better than the paper"})


@rewrite("The judgement is nested 100,000 deep", "the judgement", "can't judge its contents")
def _(forgery: Forgery) -> Forgery:
    return forgery.with_files(**{JUDGEMENT: b"[" * 100_000 + b"]" * 100_000})


@rewrite("certificate.json is nested 100,000 deep", "the file's form", "can't be read")
def _(forgery: Forgery) -> None:
    deep: Any = []
    for _ in range(400):  # json.dumps writes no deeper ones; pydantic's limit is 200
        deep = [deep]
    forgery.runs()[0]["trainers"] = deep


# With the signer's key: verdicts and errors.
@rewrite("A number of the judgement is changed", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    judgement = json.loads(forgery.files[JUDGEMENT])
    judgement["networks"][0]["test_error"] = "1.00"
    return forgery.with_files(**{JUDGEMENT: json.dumps(judgement).encode()})


@rewrite("A verdict's sentence is changed", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    judgement = json.loads(forgery.files[JUDGEMENT])
    next(cell for cell in judgement["cells"] if cell["verdict"])["verdict"]["sentence"] = "reproduced"
    return forgery.with_files(**{JUDGEMENT: json.dumps(judgement).encode()})


@rewrite("A claim is said to hold", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    judgement = json.loads(forgery.files[JUDGEMENT])
    judgement["claims"][0]["status"] = "holds"
    judgement["claims"][0]["sentence"] = "It holds."
    return forgery.with_files(**{JUDGEMENT: json.dumps(judgement).encode()})


@rewrite("A run's error is lowered, its evaluations left", "the run's facts", "ended with a test error of")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["test_error"] = 8.75


@rewrite("A run's error and last evaluation are lowered to the paper's", "the run's facts", "no number of wrong images")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["test_error"] = run["tests"][-1]["error"] = 8.75


@rewrite("They are lowered to an error that 360 images can give", "the weights", "they say test_error 36.6")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["test_error"] = run["tests"][-1]["error"] = 100 * 32 / 360


@rewrite("The same without weights in the file", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> Forgery:
    run = forgery.runs()[0]
    run["test_error"] = run["tests"][-1]["error"] = 100 * 32 / 360
    files = {name: content for name, content in forgery.files.items() if name != run["weights"]["file"]}
    run["weights"]["file"] = None
    return Forgery(forgery.contents, files)


@rewrite("Evaluations with high errors are left out", "the run's facts", "was tested 6 times")
def _(forgery: Forgery) -> None:
    del forgery.runs()[0]["tests"][1:3]


@rewrite("An evaluation after the last iteration is added", "the run's facts", "was tested 9 times")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["tests"].append({"iteration": 36, "error": 0.0, "images": 360})


@rewrite("An error was measured on the easiest 100 images", "the run's facts", "which its trainer did not have")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["tests"][-1] = {"iteration": 32, "error": 3.0, "images": 100}
    run["test_error"] = 3.0


# With the signer's key: curves.
def curve_of(forgery: Forgery, index: int = 0) -> Any:
    return np.load(io.BytesIO(forgery.files[forgery.runs()[index]["curve"]]))


def with_curve(forgery: Forgery, points: Any) -> Forgery:
    file = io.BytesIO()
    np.save(file, points)
    return forgery.with_files(**{forgery.runs()[0]["curve"]: file.getvalue()})


@rewrite("A curve is cut short", "the curve", "ends at iteration 24, not at 32")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, curve_of(forgery)[:24])


@rewrite("A point is taken out of a curve", "the curve", "has gaps")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, np.delete(curve_of(forgery), 10))


@rewrite("A curve's points are put in another order", "the curve", "do not ascend")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, curve_of(forgery)[::-1])


@rewrite("A curve has an error below 0 %", "the curve", "between 0 and 100 %")
def _(forgery: Forgery) -> Forgery:
    curve = curve_of(forgery)
    curve["error"][20:] -= 60
    return with_curve(forgery, curve)


@rewrite("A curve has a loss that is not a number", "the curve", "not finite")
def _(forgery: Forgery) -> Forgery:
    curve = curve_of(forgery)
    curve["loss"][5] = np.nan
    return with_curve(forgery, curve)


@rewrite("A curve was trained with another schedule", "the curve", "where its schedule says")
def _(forgery: Forgery) -> Forgery:
    curve = curve_of(forgery)
    curve["lr"][16:24] = 0.05
    return with_curve(forgery, curve)


@rewrite("A curve's header claims 10¹² points", "the curve", "can't judge its contents: a curve of the shape")
def _(forgery: Forgery) -> Forgery:
    file = io.BytesIO()
    header = {"descr": np.lib.format.dtype_to_descr(POINT), "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(file, header)
    return forgery.with_files(**{forgery.runs()[0]["curve"]: file.getvalue()})


@rewrite("One run's curve is used for two seeds", "the run's facts", "The same curve is certified twice")
def _(forgery: Forgery) -> Forgery:
    return with_curve(forgery, curve_of(forgery, 1))


# With the signer's key: seeds and members.
@rewrite("A run is listed under two seeds", "the run's facts", "The same run is certified twice")
def _(forgery: Forgery) -> Forgery:
    members = forgery.contents["members"]
    fewer = without(forgery, 1)
    members.insert(1, members[0] | {"seed": 1})
    return fewer


@rewrite("A seed is listed twice", "the run's facts", "The same seed is certified twice")
def _(forgery: Forgery) -> None:
    forgery.contents["members"][1]["seed"] = 0


@rewrite("A run is said to have another seed", "the recipe", "is not ResNet-20 A as table-6 prescribes it")
def _(forgery: Forgery) -> None:
    forgery.contents["members"][1]["seed"] = 2
    forgery.contents["members"].insert(1, forgery.contents["members"][1] | {"seed": 1, "run": None})


@rewrite("The worse seed of a network is left out", "the recipe", "lacks seed 0")
def _(forgery: Forgery) -> Forgery:
    return without(forgery, 0)


@rewrite("The last seed of a network is left out", "the recipe", "lacks seed 1")
def _(forgery: Forgery) -> Forgery:
    return without(forgery, 1)


@rewrite("Seeds added after a look are said to be judged at one look", "the recipe", "share their level among 1")
def _(forgery: Forgery) -> Forgery:
    forgery.contents["question"]["seeds"] = 1
    return forgery


@rewrite("A study with a budget is said to be judged at one look", "the recipe", "may have up to 9 seeds per network")
def _(forgery: Forgery) -> Forgery:
    forgery.contents["question"]["budget"] = 9
    return forgery


def without(forgery: Forgery, index: int) -> Forgery:
    run = forgery.contents["members"].pop(index)["run"]
    gone = {run["curve"], run["weights"]["file"]}
    return Forgery(forgery.contents, {name: file for name, file in forgery.files.items() if name not in gone})


@rewrite("A bad run is said to have been cancelled", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["status"] = "cancelled"


@rewrite("A run that stopped early is said to have succeeded", "the run's facts", "ended after iteration 16 of 32")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["iteration"] = 16


@rewrite("A run hides where it was trained", "the run's facts", "nothing says where it was trained")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["trainers"] = []


@rewrite("An ensemble has a run of another study", "the run's facts", "is not of this study's runs")
def _(forgery: Forgery) -> None:
    stranger = "01a21144-0000-7000-8000-000000000000"
    forgery.contents["examinations"].append(
        {"id": stranger, "runs": [stranger], "views": "single", "images": 360, "error": 0.0, "top5_error": None,
         "responses": None}
    )  # fmt: skip


# With the signer's key: the experiment.
@rewrite("A specification is changed", "the run's facts", "does not match its hash")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["spec"]["lr"] = 0.05


@rewrite("A specification is changed, and its hash", "the recipe", "is not ResNet-20 A as table-6 prescribes it")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["spec"]["momentum"] = 0.8
    run["spec_hash"] = RunSpec.model_validate(run["spec"]).hash()


@rewrite("A network has another network's label", "the recipe", "is compared with other values")
def _(forgery: Forgery) -> None:
    for member in forgery.contents["members"][:2]:
        member["label"] = "ResNet-110 A"


@rewrite("A network is compared with another number of the paper", "the recipe", "is compared with other values")
def _(forgery: Forgery) -> None:
    forgery.contents["members"][0]["tests"] = ["table-6:ResNet-110:error"]


@rewrite("The recipe is another experiment of the paper", "the recipe", "has no network|prescribes it|other values")
def _(forgery: Forgery) -> None:
    forgery.contents["question"]["recipe"] = "figure-1"


@rewrite("A shortened schedule is said to be the paper's", "the recipe", "as table-6 prescribes it")
def _(forgery: Forgery) -> None:
    forgery.contents["question"]["scale"] = 1.0


@rewrite("A network has fewer parameters than its layers", "the network", "has 100,000 parameters, but ResNet-20 A has")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["parameters"] = 100_000


@rewrite("A network has fewer multiply-adds than its layers", "the network", "has 1 multiply-adds")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["multiply_adds"] = 1


@rewrite("The images are others than the data set's", "the data", "was trained on other images than digits's")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["trainers"][0]["data_hash"] = "00" * 32


@rewrite("The test images were among the training images", "the data", "used 1,797 training, 0 validation and 360 test")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["trainers"][0]["train_images"] = 1797


@rewrite("The images changed between two attempts", "the data", "changed its data between two attempts")
def _(forgery: Forgery) -> None:
    first = forgery.runs()[0]["trainers"][0]
    forgery.runs()[0]["trainers"].append(first | {"resumed_from": 8, "data_hash": "00" * 32})


# With the signer's key: weights.
def with_weights(forgery: Forgery, content: bytes) -> Forgery:
    row = forgery.runs()[0]["weights"]
    row |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    return forgery.with_files(**{row["file"]: content})


@rewrite("The weights are other bytes than the run saved", "the weights", "is not the weights file that its run saved")
def _(forgery: Forgery) -> Forgery:
    name = forgery.runs()[0]["weights"]["file"]
    return forgery.with_files(**{name: forgery.files[name] + b"\0"})


@rewrite("The weights are a larger network's", "the weights", "are not ResNet-20 A's")
def _(forgery: Forgery) -> Forgery:
    run = forgery.runs()[0]
    return with_weights(forgery, weights(run, Path("/dev/shm") / f"w{id(forgery)}", depth=32))


@rewrite("The weights are another seed's", "the weights", "are another run's: they say spec_hash")
def _(forgery: Forgery) -> Forgery:
    content = bytearray(forgery.files[forgery.runs()[1]["weights"]["file"]])
    content[-1] ^= 1
    return with_weights(forgery, bytes(content))


@rewrite("One weights file is used for two seeds", "the run's facts", "The same weights file is certified twice")
def _(forgery: Forgery) -> Forgery:
    return with_weights(forgery, forgery.files[forgery.runs()[1]["weights"]["file"]])


@rewrite("The weights are no weights file", "the weights", "is not a safetensors file")
def _(forgery: Forgery) -> Forgery:
    return with_weights(forgery, bytes(1000))


# The in-toto envelope, beside the unpacked files, and the description for other tools.
def resealed(
    what: str, signed: Key, catch: Catch, message: str
) -> Callable[[Callable[[dict[str, Any]], object]], None]:
    """A change of the envelope; with the signer's key, of its statement, which is signed again."""

    def add(change: JsonChange) -> None:
        def write(forgery: Forgery, path: Path) -> Path:
            file = forgery.unpack(path.parent)
            sealed = json.loads(file.read_bytes())
            if signed == "the signer's key":
                statement = json.loads(base64.b64decode(sealed["payload"]))
                change(statement)
                payload = json.dumps(statement).encode()
                signature = SIGNER.sign(envelope.pre_authentication(payload))
                sealed |= {"payload": text(payload), "signatures": [{"keyid": "", "sig": text(signature)}]}
            else:
                change(sealed)
            file.write_text(json.dumps(sealed))
            return file

        CASES.append(Tampering(what, signed, catch, message, write))

    return add


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def in_payload(old: bytes, new: bytes) -> JsonChange:
    return lambda sealed: sealed.update(payload=text(base64.b64decode(sealed["payload"]).replace(old, new, 1)))


IN_TOTO = "This is not an in-toto"
resealed("A digit of the envelope's statement is changed", "no key", "the signature", SIGNATURE)(
    in_payload(b'"seed":0', b'"seed":7')
)
resealed("The envelope's payload type is changed", "no key", "the envelope", IN_TOTO)(
    lambda sealed: sealed.update(payloadType="text/plain")
)
resealed("The envelope's signature is replaced by zeros", "no key", "the signature", SIGNATURE)(
    lambda sealed: sealed.update(signatures=[{"keyid": "", "sig": text(bytes(64))}])
)
resealed("The envelope has a second signature", "no key", "the envelope", IN_TOTO)(
    lambda sealed: sealed["signatures"].append(sealed["signatures"][0])
)
resealed("The envelope names another key than the one that signed it", "no key", "the signature", SIGNATURE)(
    in_payload(key.public(SIGNER).encode(), key.public(OTHER).encode())
)
resealed(
    "The statement's subjects are other weights", "the signer's key", "the envelope", "are not the weights of its"
)(lambda statement: statement["subject"][0]["digest"].update(sha256="0" * 64))
resealed("The statement leaves a subject out", "the signer's key", "the envelope", "are not the weights")(
    lambda statement: statement["subject"].pop()
)
resealed("The statement is of another type", "the signer's key", "the envelope", IN_TOTO)(
    lambda statement: statement.update(predicateType="https://slsa.dev/provenance/v1")
)
resealed("The statement names a file outside its folder", "the signer's key", "the hashes", "is missing beside")(
    lambda statement: [
        statement["predicate"]["files"].update({"../weights": "0" * 64}),
        statement["predicate"]["files"].pop(statement["predicate"]["members"][0]["run"]["weights"]["file"]),
        statement["predicate"]["members"][0]["run"]["weights"].update(file="../weights"),
    ]
)


@tampering("A curve beside the envelope is changed", "no key", "the hashes", "is not the file that was certified")
def _(forgery: Forgery, path: Path) -> Path:
    file = forgery.unpack(path.parent)
    curve = path.parent / forgery.runs()[0]["curve"]
    curve.write_bytes(curve.read_bytes()[:-1] + b"\1")
    return file


@tampering("A curve beside the envelope is taken away", "no key", "the hashes", "is missing beside the envelope")
def _(forgery: Forgery, path: Path) -> Path:
    file = forgery.unpack(path.parent)
    (path.parent / forgery.runs()[0]["curve"]).unlink()
    return file


@tampering("A curve beside the envelope is a link to another file", "no key", "the hashes", "is missing beside")
def _(forgery: Forgery, path: Path) -> Path:
    file = forgery.unpack(path.parent)
    first, second = (path.parent / run["curve"] for run in forgery.runs()[:2])
    first.unlink()
    first.symlink_to(second)
    return file


@tampering(
    "The envelope in the zip is another certificate's", "the signer's key", "the envelope", "says something else"
)
def _(forgery: Forgery, path: Path) -> None:
    other = forgery.copy()
    other.contents["name"] = "Another study"
    content = other.unpack(path.parent).read_bytes()
    with path.open("wb+") as out:
        bundle.write(out, ((n, [c]) for n, c in [*forgery.entries(SIGNER), (ENVELOPE, content)]), SIGNER)


@rewrite("The RO-Crate metadata names another data set", "the crate", "ro-crate-metadata.json says something else")
def _(forgery: Forgery) -> Forgery:
    described = crate.metadata(Contents.model_validate(forgery.contents | {"public_key": "00"}))
    return forgery.with_files(**{CRATE: json.dumps(described).replace("on digits", "on cifar10").encode()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_tampering_is_caught(case: Tampering, forgery: Forgery, tmp_path: Path) -> None:
    file = tmp_path / "certificate.zip"
    file = case.change(forgery, file) or file
    with pytest.raises(InvalidCertificate, match=case.message):
        checking.check(file)


def test_the_untouched_certificate_holds(forgery: Forgery, tmp_path: Path) -> None:
    assert checking.check(forgery.sign(tmp_path / "certificate.zip")).contents.name == forgery.contents["name"]


def test_the_untouched_envelope_holds(forgery: Forgery, tmp_path: Path) -> None:
    assert checking.check(forgery.unpack(tmp_path)) == checking.check(forgery.sign(tmp_path / "certificate.zip"))


def test_there_are_at_least_forty_each_with_a_name_of_its_own() -> None:
    assert len({case.what for case in CASES}) == len(CASES) >= 40


def test_the_page_has_the_same_table() -> None:
    """`python -m tests.studies.certificate.test_tampering` prints it."""
    assert "\n".join(table()) in PAGE.read_text()


def table() -> list[str]:
    rows = [f"| {number} | {case.what} | {case.key} | {case.catch} |" for number, case in enumerate(CASES, 1)]
    return ["| | what is changed | signed with | caught by |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    print("\n".join(table()))
