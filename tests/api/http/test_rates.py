"""Requests in a minute: a key that sends too many waits, and others don't."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import HTTPException

from api.app import create_app
from api.http.rates import Rates
from store.db.settings import Settings
from tests.api.conftest import TLS, bearer, served


def test_the_count_begins_again_with_the_minute() -> None:
    now = [60.0]
    rates = Rates(lambda: now[0])
    for _ in range(2):
        rates.count("a", 2, "This key")
    rates.count("b", 2, "This key")
    now[0] = 110.0
    with pytest.raises(HTTPException) as refused:
        rates.count("a", 2, "This key")
    assert refused.value.headers == {"Retry-After": "10"}
    now[0] = 120.0
    rates.count("a", 2, "This key")


def test_a_key_that_sends_too_much_is_told_when_to_come_back(
    settings: Settings, dist: Path, make_key: Callable[..., str]
) -> None:
    limits = {"requests_per_minute": 3, "failures_per_minute": 2, "study_look_s": 3600}
    app = create_app(settings.model_copy(update=limits), dist)
    app.state.service.rates.clock = lambda: 90.0
    with served(app) as url:
        token = make_key()
        assert [_status(url, token) for _ in range(4)] == [200, 200, 200, 429]
        refused = httpx.get(f"{url}/api/v1/runs", headers=bearer(token), verify=TLS)
        assert refused.headers["Retry-After"] == "30"
        assert refused.json()["detail"] == "This key may send 3 requests a minute. Try again in 30 s."
        assert _status(url, make_key()) == 200
        assert [_status(url, "rsl_wrong") for _ in range(3)] == [401, 401, 429]


def _status(url: str, token: str) -> int:
    return httpx.get(f"{url}/api/v1/session", headers=bearer(token), verify=TLS).status_code
