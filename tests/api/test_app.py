"""The application's start and end."""

from threading import Event

import pytest
from fastapi import FastAPI

from store.db.database import Database
from studies import watch
from studies.stores import Stores
from tests.api.conftest import served


def test_the_stores_close_once_no_thread_uses_them(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """They closed once the first background task had ended, and another's thread left a connection open."""
    began, order, close = Event(), [], Database.close

    def read_ended(_: Stores) -> bool:
        began.set()
        Event().wait(0.3)  # still at work while the application ends
        order.append("the thread ended")
        return False

    def close_stores(database: Database) -> None:
        if database is app.state.service.database:
            order.append("the stores closed")
        close(database)

    monkeypatch.setattr(watch, "read_ended", read_ended)
    monkeypatch.setattr(Database, "close", close_stores)
    with served(app):
        assert began.wait(60)
    assert order == ["the thread ended", "the stores closed"]
