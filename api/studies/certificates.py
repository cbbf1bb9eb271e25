"""Certificates over HTTP: a study that has ended as one signed file, and the key that signs."""

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
    """Whose signature a certificate of this service carries."""

    public_key: str = Field(description="Ed25519, 32 bytes in hex.")
    fingerprint: str = Field(description="As `reslab verify` prints it.")


@router.get(
    "/studies/{study_id}/certificate",
    operation_id="get_certificate",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": BINARY}}, **responses(404, 409, 422)},
)
def get_certificate(
    study_id: UUID, service: Here, weights: Annotated[bool, Query(description="With the last weights.")] = False
) -> StreamingResponse:
    """Specs, data, versions, raw curves, hashes of weights, findings and verdicts, signed: `reslab verify FILE`."""
    from studies.certificate import writing  # numpy and OpenSSL, which an idle API does not need

    with ExitStack() as opened:
        file = opened.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES))
        writing.write(service, study_id, file, with_weights=weights)
        headers = {
            "Content-Length": str(file.seek(0, 2)),
            "Content-Disposition": f'attachment; filename="{study_id}.certificate.zip"',
        }
        file.seek(0)
        opened.pop_all()  # closed with its last part
    return StreamingResponse(parts(file), headers=headers, media_type="application/zip")


@router.get("/signing-key", operation_id="get_signing_key")
def get_signing_key(service: Here) -> SigningKey:
    """Made at its first use, and the same from then on."""
    from studies.certificate import bundle, key

    public_key = key.public(key.private(service.settings.signing_key))
    return SigningKey(public_key=public_key, fingerprint=bundle.fingerprint(public_key))
