"""The verbs on channels."""

import base64
import secrets
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from store.db.errors import NotFound
from store.db.identifiers import new_id
from store.db.models import Channel, Delivery, Notice
from store.notices import outbox
from store.notices.kinds import NoticeKind


def new_secret() -> str:
    """A secret in the form of Standard Webhooks: 192 random bits behind `whsec_`."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def is_secret(text: str) -> bool:
    """Whether a text is a secret in this form."""
    try:
        return text.startswith("whsec_") and len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) >= 24
    except ValueError:
        return False


def create(session: Session, channel: Channel) -> Channel:
    session.add(channel)
    session.flush()
    session.refresh(channel)
    return channel


def get(session: Session, channel_id: UUID) -> Channel:
    """Raises NotFound."""
    channel = session.get(Channel, channel_id)
    if channel is None:
        raise NotFound(f"There is no channel {channel_id}.")
    return channel


def list_all(session: Session) -> list[Channel]:
    return list(session.scalars(select(Channel).order_by(Channel.created_at)))


def remove(session: Session, channel_id: UUID) -> None:
    """Deletes it with its deliveries. Raises NotFound."""
    if session.scalar(delete(Channel).where(Channel.id == channel_id).returning(Channel.id)) is None:
        raise NotFound(f"There is no channel {channel_id}.")


def pause(session: Session, channel_id: UUID, *, is_paused: bool) -> Channel:
    """A paused channel gets no new notices, and keeps its deliveries until it goes on. Raises NotFound."""
    channel = get(session, channel_id)
    channel.paused_at = session.scalar(select(func.now())) if is_paused else None
    session.flush()
    return channel


def try_out(session: Session, channel_id: UUID, actor: str) -> Delivery:
    """Sends a test notice to this channel alone. Raises NotFound."""
    channel = get(session, channel_id)
    notice = Notice(
        id=new_id(),
        key=f"test:{new_id()}",
        kind=NoticeKind.test,
        project=channel.project,
        path="/notices",
        title=f"A test of the channel {channel.name}",
        sentence=f"{actor} sent it. If you read this, the channel works.",
        body={"channel": channel.name},
    )
    session.add(notice)
    session.flush()
    delivery = Delivery(notice_id=notice.id, channel_id=channel.id)
    session.add(delivery)
    session.flush()
    return next(row for row in outbox.page(session, 1, channel_id) if row.id == delivery.id)
