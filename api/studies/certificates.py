"""Certificates over HTTP: an ended study as one signed file, and the signing key."""

import tempfile
from contextlib import ExitStack
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.curves.exports import BINARY, MEMORY_BYTES, parts
from api.http.problems import responses
from api.http.schema import Response
from api.service import Here

router = APIRouter(prefix="/api/v1", tags=["studies"])


class SigningKey(Response):
    """The key that signs this service's certificates."""

    public_key: str = Field(description="Ed25519, 32 bytes in hex.")
    fingerprint: str = Field(description="The fingerprint that `reslab verify` prints.")


@router.get(
    "/studies/{study_id}/certificate",
    operation_id="get_certificate",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": BINARY}}, **responses(404, 409, 422)},
)
def get_certificate(
    study_id: UUID,
    service: Here,
    weights: Annotated[bool, Query(description="Include the last weights.")] = False,
    checkpoints: Annotated[
        bool, Query(description="Include each run's kept checkpoints, from which `reslab audit` can train again.")
    ] = False,
) -> StreamingResponse:
    """Specs, data, versions, curves, weights' hashes, findings and verdicts, signed. `reslab verify FILE` checks it."""
    from studies.certificate import writing  # numpy and OpenSSL, which an idle API does not need

    with ExitStack() as opened:
        file = opened.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES))
        writing.write(service, study_id, file, writing.Enclosures(weights, checkpoints))
        headers = {
            "Content-Length": str(file.seek(0, 2)),
            "Content-Disposition": f'attachment; filename="{study_id}.certificate.zip"',
        }
        file.seek(0)
        opened.pop_all()  # `parts` closes the file
    return StreamingResponse(parts(file), headers=headers, media_type="application/zip")


@router.get("/signing-key", operation_id="get_signing_key")
def get_signing_key(service: Here) -> SigningKey:
    """The service's signing key. It is created at its first use and never changes."""
    from studies.certificate import key
    from studies.fingerprints import fingerprint

    public_key = key.public(key.private(service.settings.signing_key))
    return SigningKey(public_key=public_key, fingerprint=fingerprint(public_key))
