"""Notices on their way: to a web server that writes down what comes, and to a mail server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select
from standardwebhooks import Webhook

from reslab.stack.home import free_port
from store.db.database import Database
from store.db.models import Channel, Delivery
from store.db.settings import Settings
from store.notices import channels, outbox
from store.runs import verbs
from tests.loops import in_a_thread
from tests.worker.conftest import Submit
from worker.notices.sender import Sender

SECRET = channels.new_secret()


class Receiver(ThreadingHTTPServer):
    """Answers with `statuses`, the last one again and again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses, self.requests = [200], list[tuple[str, str, dict[str, str], bytes]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = answer  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sender(settings: Settings) -> Iterator[Sender]:
    sender = Sender(settings.model_copy(update={"notice_hosts": ("127.0.0.1",), "public_url": "https://lab.example/"}))
    in_a_thread(sender.turn)  # what was before is not news
    yield sender
    sender.close()


def add(database: Database, kind: str, address: str, secret: str | None = SECRET) -> None:
    channel = Channel(name=kind, kind=kind, address=address, secret=secret, about=["run.cancelled"], owner="ann")
    with database.transaction() as session:
        channels.create(session, channel)


def cancel(database: Database, submit: Submit) -> str:
    run_id = submit(iterations=5)
    with database.transaction() as session:
        verbs.cancel(session, run_id, "ann")
    return f"https://lab.example/runs/{run_id}"


def only(database: Database) -> Delivery:
    with database.transaction() as session:
        return session.scalars(select(Delivery)).one()


def test_a_webhook_is_signed_as_its_receiver_expects(
    database: Database, submit: Submit, sender: Sender, receiver: Receiver
) -> None:
    add(database, "webhook", f"{receiver.url}/hook?x=1")
    url = cancel(database, submit)
    in_a_thread(sender.turn)
    in_a_thread(sender.turn)  # nothing is left to do
    ((method, path, headers, body),) = receiver.requests
    assert (method, path) == ("POST", "/hook?x=1")
    verified: Any = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
    assert (verified["type"], verified["data"]["url"], verified["data"]["status"]) == (
        "run.cancelled",
        url,
        "cancelled",
    )
    assert only(database).delivered_at is not None


def test_a_message_that_did_not_arrive_is_sent_again_under_the_same_id(
    database: Database, submit: Submit, sender: Sender, receiver: Receiver
) -> None:
    receiver.statuses = [503, 200]
    add(database, "webhook", receiver.url)
    cancel(database, submit)
    in_a_thread(sender.turn)
    delivery = only(database)
    assert (delivery.tries, delivery.delivered_at) == (1, None)
    assert delivery.error == "The receiver answered 503 Service Unavailable."
    with database.transaction() as session:
        outbox.send_again(session, delivery.id)
    in_a_thread(sender.turn)
    first, second = (headers["webhook-id"] for _, _, headers, _ in receiver.requests)
    assert first == second
    assert only(database).delivered_at is not None


def test_a_redirect_is_not_followed_and_a_receiver_that_is_gone_is_not_told_again(
    database: Database, submit: Submit, sender: Sender, receiver: Receiver
) -> None:
    receiver.statuses = [302, 410]
    add(database, "webhook", receiver.url)
    cancel(database, submit)
    in_a_thread(sender.turn)
    assert only(database).error == "The receiver answered 302. Redirects are not followed."
    with database.transaction() as session:
        outbox.send_again(session, only(database).id)
    in_a_thread(sender.turn)
    assert len(receiver.requests) == 2
    delivery = only(database)
    assert delivery.gave_up_at is not None
    assert delivery.channel.paused_at is not None


def test_an_address_of_the_inner_network_gets_nothing(
    database: Database, submit: Submit, sender: Sender, receiver: Receiver
) -> None:
    add(database, "webhook", receiver.url.replace("127.0.0.1", "localhost"))
    cancel(database, submit)
    in_a_thread(sender.turn)
    delivery = only(database)
    assert receiver.requests == []
    assert delivery.gave_up_at is not None
    assert (delivery.error or "").startswith("localhost is an address of the inner network")


def test_slack_and_matrix_get_their_own_form(
    database: Database, submit: Submit, sender: Sender, receiver: Receiver
) -> None:
    add(database, "slack", f"{receiver.url}/slack", None)
    add(database, "matrix", f"{receiver.url}/!room:lab.example", "token")
    url = cancel(database, submit)
    in_a_thread(sender.turn)
    requests = {path: (method, headers, json.loads(body)) for method, path, headers, body in receiver.requests}
    _, _, slack = requests.pop("/slack")
    assert slack["text"].endswith(f"It was cancelled by ann at iteration 0.\n<{url}>")
    ((path, (method, headers, matrix)),) = requests.items()
    assert path.startswith("/_matrix/client/v3/rooms/%21room%3Alab.example/send/m.room.message/")
    assert (method, headers["Authorization"], matrix["msgtype"]) == ("PUT", "Bearer token", "m.notice")


class Mailbox:
    """aiosmtpd's handler."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(arguments[-1])
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[tuple[str, Mailbox]]:
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", mailbox
    controller.stop()


def test_a_mail_arrives(
    database: Database, submit: Submit, settings: Settings, mail_server: tuple[str, Mailbox]
) -> None:
    url, mailbox = mail_server
    sender = Sender(settings.model_copy(update={"smtp_url": url, "mail_from": "reslab@lab.example"}))
    in_a_thread(sender.turn)
    add(database, "mail", "ann@lab.example", None)
    cancel(database, submit)
    in_a_thread(sender.turn)
    sender.close()
    (mail,) = mailbox.mails
    assert (mail.mail_from, mail.rcpt_tos) == ("reslab@lab.example", ["ann@lab.example"])
    assert b"Subject: [Reslab] " in mail.content
    assert b"It was cancelled by ann at iteration 0." in mail.content


def test_without_a_mail_server_the_delivery_says_so(database: Database, submit: Submit, sender: Sender) -> None:
    add(database, "mail", "ann@lab.example", None)
    cancel(database, submit)
    in_a_thread(sender.turn)
    assert (only(database).error or "").startswith("This service has no mail server.")
