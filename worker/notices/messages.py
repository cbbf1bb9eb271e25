"""What is sent: a notice in the form of each kind of channel."""

import html
import json
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote, urlsplit

from standardwebhooks import Webhook

from store.db.models import Delivery, Notice


@dataclass(frozen=True)
class HttpMessage:
    """A request. `headers` say who it is from, and prove it."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str]


def http(delivery: Delivery, public_url: str, now: datetime) -> HttpMessage:
    """The request for a channel that is an address on the web."""
    match delivery.channel.kind:
        case "slack":
            return _json("POST", delivery.channel.address, _slack(delivery.notice, public_url))
        case "matrix":
            return _matrix(delivery, public_url)
        case _:
            return _webhook(delivery, public_url, now)


def mail(delivery: Delivery, sender: str, public_url: str) -> EmailMessage:
    notice, message = delivery.notice, EmailMessage()
    message["From"], message["To"] = sender, delivery.channel.address
    message["Subject"] = f"[Reslab] {' '.join(notice.title.split())}"
    message["Message-ID"] = f"<{delivery.id}@{sender.rpartition('@')[2] or 'reslab'}>"  # a repeated mail is known by it
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{notice.sentence}\n\n{_link(notice, public_url)}\n")
    return message


def _webhook(delivery: Delivery, public_url: str, now: datetime) -> HttpMessage:
    """As Standard Webhooks defines it: the id stays the same when a message is sent again."""
    notice, identity = delivery.notice, f"msg_{delivery.id.hex}"
    data = {**notice.body, "title": notice.title, "sentence": notice.sentence, "url": _link(notice, public_url)}
    content = {"type": notice.kind, "timestamp": notice.created_at.isoformat(), "data": data}
    message = _json("POST", delivery.channel.address, content)
    signature = Webhook(delivery.channel.secret or "").sign(identity, now, message.body.decode())
    signed = {"webhook-id": identity, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return HttpMessage(message.method, message.url, message.body, message.headers | signed)


def _slack(notice: Notice, public_url: str) -> dict[str, Any]:
    """Slack's incoming webhooks; Mattermost and Rocket.Chat understand them too."""
    title, sentence = (text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in _words(notice))
    return {"text": f"*{title}*\n{sentence}\n<{_link(notice, public_url)}>"}


def _matrix(delivery: Delivery, public_url: str) -> HttpMessage:
    """The address is https://SERVER/ROOM, such as https://matrix.org/!abc:matrix.org. The transaction's id is the
    delivery's, so a message that is sent again is shown once.
    """
    parts, notice = urlsplit(delivery.channel.address), delivery.notice
    room = quote(parts.path.lstrip("/"), safe="")
    path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/{delivery.id}"
    title, sentence = _words(notice)
    link = _link(notice, public_url)
    content = {
        "msgtype": "m.notice",
        "body": f"{title}\n{sentence}\n{link}",
        "format": "org.matrix.custom.html",
        "formatted_body": f"<b>{html.escape(title)}</b><br>{html.escape(sentence)}<br>{html.escape(link)}",
    }
    message = _json("PUT", f"{parts.scheme}://{parts.netloc}{path}", content)
    headers = message.headers | {"Authorization": f"Bearer {delivery.channel.secret}"}
    return HttpMessage(message.method, message.url, message.body, headers)


def _json(method: str, url: str, content: dict[str, Any]) -> HttpMessage:
    headers = {"Content-Type": "application/json", "User-Agent": "Reslab"}
    return HttpMessage(method, url, json.dumps(content, ensure_ascii=False).encode(), headers)


def _words(notice: Notice) -> tuple[str, str]:
    return notice.title, notice.sentence


def _link(notice: Notice, public_url: str) -> str:
    return f"{public_url.rstrip('/')}{notice.path}"
