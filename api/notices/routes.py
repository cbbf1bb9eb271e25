"""Channels and deliveries over HTTP. Nothing is sent from inside a request: control sends what the outbox holds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.http.access import Present
from api.http.problems import responses
from api.notices.schema import (
    Channel,
    ChannelChange,
    ChannelCreate,
    Channels,
    Deliveries,
    Delivery,
    NewChannel,
)
from api.service import Here
from store.db import models
from store.db.errors import Refused
from store.notices import channels, outbox

router = APIRouter(prefix="/api/v1", tags=["notices"])


@router.get("/channels", operation_id="list_channels", responses=responses(403))
def list_channels(service: Here) -> Channels:
    """Where notices go, without secrets."""
    with service.database.transaction() as session:
        return Channels(items=[Channel.model_validate(row) for row in channels.list_all(session)])


@router.post("/channels", status_code=201, operation_id="create_channel", responses=responses(403, 422))
def create_channel(body: ChannelCreate, service: Here, caller: Present) -> NewChannel:
    """Adds a channel. A webhook gets signed messages (Standard Webhooks); only this answer has their secret."""
    secret = _secret(body)
    with service.database.transaction() as session:
        row = channels.create(
            session,
            models.Channel(
                name=body.name,
                kind=body.kind,
                address=body.address,
                secret=secret,
                about=list(dict.fromkeys(body.about)),
                project=body.project,
                owner=caller.owner,
            ),
        )
        channel = Channel.model_validate(row)
    return NewChannel(**dict(channel), secret=secret if body.kind == "webhook" else None)


@router.patch("/channels/{channel_id}", operation_id="change_channel", responses=responses(403, 404, 422))
def change_channel(channel_id: UUID, body: ChannelChange, service: Here) -> Channel:
    """Pauses a channel, or lets it go on."""
    with service.database.transaction() as session:
        return Channel.model_validate(channels.pause(session, channel_id, is_paused=body.is_paused))


@router.delete(
    "/channels/{channel_id}", status_code=204, operation_id="delete_channel", responses=responses(403, 404, 422)
)
def delete_channel(channel_id: UUID, service: Here) -> None:
    """Deletes a channel and what is still on its way to it."""
    with service.database.transaction() as session:
        channels.remove(session, channel_id)


@router.post(
    "/channels/{channel_id}/test", status_code=202, operation_id="test_channel", responses=responses(403, 404, 422)
)
def test_channel(channel_id: UUID, service: Here, caller: Present) -> Delivery:
    """Sends a test notice to this channel. The response says nothing of its arrival: look at the deliveries."""
    with service.database.transaction() as session:
        return _delivery(channels.try_out(session, channel_id, caller.owner))


@router.get("/deliveries", operation_id="list_deliveries", responses=responses(403, 422))
def list_deliveries(
    service: Here,
    channel: UUID | None = None,
    only_open: Annotated[bool, Query(description="Only those that have not arrived.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Deliveries:
    """The newest deliveries of the last 30 days."""
    with service.database.transaction() as session:
        return Deliveries(items=[_delivery(row) for row in outbox.page(session, limit, channel, only_open=only_open)])


@router.post("/deliveries/{delivery_id}/resend", operation_id="resend_delivery", responses=responses(403, 404, 422))
def resend_delivery(delivery_id: UUID, service: Here) -> Delivery:
    """Sends a notice again, with the same id, whether it has arrived or not."""
    with service.database.transaction() as session:
        return _delivery(outbox.send_again(session, delivery_id))


def _secret(body: ChannelCreate) -> str | None:
    if body.kind != "webhook":
        return body.secret
    if body.secret is not None and not channels.is_secret(body.secret):
        raise Refused("secret", "secret must be whsec_ and at least 24 bytes in base64, as Standard Webhooks defines.")
    return body.secret or channels.new_secret()


def _delivery(row: models.Delivery) -> Delivery:
    has_ended = row.delivered_at is not None or row.gave_up_at is not None
    return Delivery(
        id=row.id,
        channel_id=row.channel_id,
        channel=row.channel.name,
        kind=row.notice.kind,
        title=row.notice.title,
        sentence=row.notice.sentence,
        path=row.notice.path,
        created_at=row.notice.created_at,
        tries=row.tries,
        next_at=None if has_ended else row.next_at,
        delivered_at=row.delivered_at,
        gave_up_at=row.gave_up_at,
        error=row.error,
    )
