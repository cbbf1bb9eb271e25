"""The sender: takes deliveries that are due from the outbox, tries each once, and notes how it went."""

import asyncio
import logging
import smtplib
import ssl
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from sqlalchemy.exc import DBAPIError

from store.db.database import Database
from store.db.models import Delivery
from store.db.settings import Settings
from store.notices import channels, outbox
from worker.notices import addresses, messages
from worker.notices.addresses import Refused
from worker.notices.messages import HttpMessage

TICK_S = 2.0
CLEAN_UP_S = 3600.0
QUOTAS_EVERY = 30  # turns
AT_ONCE = 20
# Of one try, from the name's resolution to the answer; shorter than the time after which it is repeated.
TRY_S = 20.0
_MOST_WORDS = 300

log = logging.getLogger(__name__)


class Sender:
    """Gathers and sends until it is told to end; in a thread of the control that leads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database_url, pool_size=1)
        self._turns = 0
        self._quiet_at: str | None = None  # the snapshot in which there was nothing to do

    def run(self, ended: threading.Event) -> None:
        """No error ends it, because nothing else would do its work."""
        cleaned_s = 0.0
        while not ended.wait(TICK_S):
            try:
                self.turn()
                cleaned_s += TICK_S
                if cleaned_s > CLEAN_UP_S:
                    cleaned_s = 0.0
                    with self._database.transaction() as session:
                        outbox.forget(session)
            except DBAPIError as error:
                log.warning("can't reach the outbox: %s", error.orig)
            except Exception:
                log.exception("notices could not be sent; they will be tried again")
        self.close()

    def close(self) -> None:
        self._database.close()

    def turn(self) -> None:
        """One round. Raises DBAPIError if the database can't be reached."""
        with_quotas = self._turns % QUOTAS_EVERY == 0
        self._turns += 1
        with self._database.glance() as session:
            snapshot, is_due = outbox.instant(session)
        if snapshot == self._quiet_at and not (is_due or with_quotas):
            return
        self._quiet_at = None
        with self._database.transaction() as session:
            outbox.gather(session, self._settings.lease_s, with_quotas=with_quotas)
        while True:
            with self._database.transaction() as session:
                due = outbox.claim(session, AT_ONCE)
            if not due:
                self._quiet_at = snapshot
                return
            for delivery, ending in zip(due, asyncio.run(self._send_all(due)), strict=True):
                self._note(delivery, ending)

    async def _send_all(self, due: list[Delivery]) -> list[BaseException | None]:
        return await asyncio.gather(*(self._send(delivery) for delivery in due), return_exceptions=True)

    async def _send(self, delivery: Delivery) -> None:
        async with asyncio.timeout(TRY_S):
            if delivery.channel.kind == "mail":
                message = messages.mail(delivery, self._settings.mail_from, self._settings.public_url)
                await asyncio.to_thread(send_mail, self._settings.smtp_url, message)
            else:
                message_to = messages.http(delivery, self._settings.public_url, datetime.now(UTC))
                await post(message_to, self._settings.notice_hosts)

    def _note(self, delivery: Delivery, ending: BaseException | None) -> None:
        with self._database.transaction() as session:
            if ending is None:
                outbox.note_success(session, delivery.id)
                return
            log.warning("notice %s to %s: %s", delivery.notice.key, delivery.channel.name, _words(ending))
            is_gone = isinstance(ending, Gone)
            outbox.note_failure(session, delivery.id, _words(ending), is_final=is_gone or isinstance(ending, Refused))
            if is_gone:
                channels.pause(session, delivery.channel_id, is_paused=True)


class NotAccepted(Exception):
    """The receiver answered with another status than success."""


class Gone(NotAccepted):
    """410: the receiver wants no more messages (Standard Webhooks)."""


async def post(message: HttpMessage, inner_hosts: tuple[str, ...]) -> None:
    """Sends it to the address that its host resolved to. A redirect is a failure: it could lead anywhere.

    Raises Refused, NotAccepted, OSError and httpx.HTTPError.
    """
    import httpx  # 6 MB, which a control that sends no notices does not need

    url = httpx.URL(message.url)
    pinned = url.copy_with(host=await addresses.resolve(message.url, inner_hosts))
    # The certificate must be the host's, whatever address it has.
    extensions = {"sni_hostname": url.host}
    headers = message.headers | {"Host": url.netloc.decode()}
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TRY_S) as client,
        client.stream(message.method, pinned, content=message.body, headers=headers, extensions=extensions) as response,
    ):  # its body is not read: it may be without an end
        if response.is_success:
            return
        if response.status_code == 410:
            raise Gone("The receiver answered 410 Gone, so the channel is paused.")
        if response.is_redirect:
            raise NotAccepted(f"The receiver answered {response.status_code}. Redirects are not followed.")
        raise NotAccepted(f"The receiver answered {response.status_code} {response.reason_phrase}.")


def send_mail(smtp_url: str, message: EmailMessage) -> None:
    """By smtp://USER:PASSWORD@HOST:PORT (with STARTTLS where the server offers it), or smtps://.

    Raises NotAccepted, OSError and smtplib.SMTPException, which is an OSError.
    """
    parts = urlsplit(smtp_url)
    if not parts.hostname:
        raise NotAccepted("This service has no mail server. Its operator can name one with RESLAB_SMTP_URL.")
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=TRY_S / 2, context=context)
        if parts.scheme == "smtps"
        else smtplib.SMTP(parts.hostname, parts.port or 25, timeout=TRY_S / 2)
    ) as server:
        server.ehlo()
        if parts.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"There was no answer within {TRY_S:.0f} s."
    return (str(error) or type(error).__name__)[:_MOST_WORDS]
