"""The certificate as other tools read it: an in-toto Statement about the weights, in a DSSE envelope.

The Statement's subjects are the weights by hash, its predicate is certificate.json. Sources: in-toto Attestation
Framework v1 (spec/v1/statement.md), Dead Simple Signing Envelope v1.0.2 (protocol.md).
"""

import base64
import binascii
import hashlib
import json
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import Contents

ENVELOPE: Final = "certificate.intoto.jsonl"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:reslab:certificate:3"


def seal(contents: Contents, signing: Ed25519PrivateKey) -> bytes:
    """The envelope's file: one line of JSON."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": subjects(contents),
        "predicateType": PREDICATE_TYPE,
        "predicate": contents.model_dump(mode="json"),
    }
    payload = json.dumps(statement, separators=(",", ":")).encode()
    public = signing.public_key().public_bytes_raw()
    signature = {"keyid": hashlib.sha256(public).hexdigest(), "sig": _text(signing.sign(pre_authentication(payload)))}
    envelope = {"payload": _text(payload), "payloadType": PAYLOAD_TYPE, "signatures": [signature]}
    return json.dumps(envelope, separators=(",", ":")).encode() + b"\n"


def open_sealed(content: bytes) -> Contents:
    """What the envelope certifies. Raises InvalidCertificate if its signature or its subjects don't belong to it.

    The key is the one that the predicate names, as in a certificate: who is behind it, the reader decides.
    """
    try:
        envelope = json.loads(content)
        payload = base64.b64decode(envelope["payload"], validate=True)
        signatures = [base64.b64decode(signature["sig"], validate=True) for signature in envelope["signatures"]]
        statement = json.loads(payload)
        contents = Contents.model_validate_json(json.dumps(statement["predicate"]))
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise InvalidCertificate(f"This is not an in-toto envelope of a certificate: {_reason(error)}.") from error
    if (envelope.get("payloadType"), len(signatures)) != (PAYLOAD_TYPE, 1):
        raise InvalidCertificate(f"This is not an in-toto envelope with one signature of {PAYLOAD_TYPE}.")
    _check_signature(contents.public_key, signatures[0], payload)
    if (statement.get("_type"), statement.get("predicateType")) != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise InvalidCertificate(f"This is not an in-toto statement of the type {PREDICATE_TYPE}.")
    if statement.get("subject") != subjects(contents):
        raise InvalidCertificate("The statement's subjects are not the weights of its runs.")
    return contents


def subjects(contents: Contents) -> list[dict[str, Any]]:  # Any: JSON
    """Each run's last weights, by name and digest; the judgement if no run has any."""
    weights = [
        {"name": f"weights/{member.run.id}.safetensors", "digest": {"sha256": member.run.weights.sha256}}
        for member in contents.members
        if member.run is not None and member.run.weights is not None
    ]
    others = [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in sorted(contents.files.items())]
    return weights or others[:1]


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's PAE: what is signed, so that neither the type nor the payload can be read as something else."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _check_signature(public_key: str, signature: bytes, payload: bytes) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(signature, pre_authentication(payload))
    except (InvalidSignature, ValueError) as error:
        raise InvalidCertificate(
            "The signature does not match: this envelope was changed after it was signed."
        ) from error


def _reason(error: Exception) -> str:
    return error.errors()[0]["msg"] if isinstance(error, ValidationError) else f"{type(error).__name__} {error}"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
