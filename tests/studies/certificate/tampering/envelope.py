"""The in-toto envelope, beside the unpacked files, and the description for other tools."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studies.certificate import bundle, crate, envelope, key
from studies.certificate.contents import CRATE, Contents
from studies.certificate.envelope import ENVELOPE
from tests.studies.certificate.conftest import SIGNER, Forgery
from tests.studies.certificate.tampering.cases import OTHER, SIGNATURE, Cases, Catch, JsonChange, Key, Tampering

CASES = Cases()
tampering, rewrite = CASES.tampering, CASES.rewrite


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
