"""Registrations over HTTP: what a study was to do, signed before its first run existed."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.http.problems import responses
from api.service import Here
from studies.registration import SignedRegistration

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])


@router.get("/{study_id}/registration", operation_id="get_registration", responses=responses(404, 422))
def get_registration(study_id: UUID, service: Here) -> SignedRegistration:
    """The study's registration as a file to publish. It stays when the study is deleted."""
    from studies.registration import writing  # OpenSSL, which an idle API does not need

    return writing.read(service, study_id)


@router.get(
    "/{study_id}/registration.html",
    operation_id="get_registration_page",
    response_class=HTMLResponse,
    responses=responses(404, 422),
)
def get_registration_page(study_id: UUID, service: Here) -> HTMLResponse:
    """The same as one HTML page to publish, with the signed file in it. It loads and runs nothing."""
    from studies.registration import page, writing  # OpenSSL, which an idle API does not need

    return HTMLResponse(page.page(writing.read(service, study_id)))
