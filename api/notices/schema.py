"""The requests and responses about channels and deliveries."""

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field, model_validator

from api.http.schema import Request, Response
from store.db.text import ShortText
from store.notices.kinds import CHOICES, NoticeKind

ChannelKind = Literal["webhook", "slack", "matrix", "mail"]
Kinds = Annotated[list[NoticeKind], Field(min_length=1, max_length=len(CHOICES))]


class ChannelCreate(Request):
    """Where notices go."""

    name: ShortText = Field(min_length=1, max_length=100)
    kind: ChannelKind
    address: ShortText = Field(
        min_length=1,
        max_length=2000,
        description="webhook, slack: https://…; matrix: https://SERVER/ROOM; mail: somebody@example.org.",
    )
    about: Kinds = Field(default_factory=lambda: list(CHOICES), description="Kinds of notices.")
    project: ShortText | None = Field(default=None, description="Only of this project; null is all.")
    secret: ShortText | None = Field(
        default=None,
        max_length=500,
        description="matrix: its access token. webhook: `whsec_…`, or null for a new one.",
    )

    @model_validator(mode="after")
    def _address_fits(self) -> "ChannelCreate":
        if self.kind == "mail":
            name, at, domain = self.address.partition("@")
            if not (name and at and domain) or any(letter.isspace() or letter in ",;<>" for letter in self.address):
                raise ValueError(f"{self.address} is not a mail address. Write one, such as somebody@example.org.")
            return self
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("address must begin with https:// or http:// and name a host.")
        if self.kind == "matrix" and not (parts.path.startswith(("/!", "/#")) and self.secret):
            raise ValueError(
                "A Matrix channel needs an address like https://SERVER/!ROOM:SERVER and a token as secret."
            )
        return self


class ChannelChange(Request):
    is_paused: bool


class Channel(Response):
    id: UUID
    name: str
    kind: ChannelKind
    address: str
    about: list[str]
    project: str | None
    owner: str
    created_at: datetime
    paused_at: datetime | None


class NewChannel(Channel):
    secret: str | None = Field(description="A webhook's signing secret, shown this once.")


class Channels(Response):
    items: list[Channel]


class Delivery(Response):
    """A notice on its way to one channel. It has ended with `delivered_at` or `gave_up_at`."""

    id: UUID
    channel_id: UUID
    channel: str
    kind: str
    title: str
    sentence: str
    path: str
    created_at: datetime
    tries: int
    next_at: datetime | None = Field(description="The next try; null if there is none.")
    delivered_at: datetime | None
    gave_up_at: datetime | None
    error: str | None = Field(description="What went wrong at the last try.")


class Deliveries(Response):
    items: list[Delivery]
