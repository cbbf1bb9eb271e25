"""What Celery has no setting for."""

import pytest
from kombu.exceptions import OperationalError

from worker.app import RECONNECT_S, celery_app


def test_a_broker_that_stays_away_is_looked_for_as_often_as_at_first() -> None:
    pauses: list[float] = []
    connection = celery_app("redis://127.0.0.1:1/0").connection_for_read()
    with pytest.raises(OperationalError):
        connection.ensure_connection(lambda _, pause_s: pauses.append(pause_s), 3)
    assert len(pauses) == 3
    assert max(pauses) <= RECONNECT_S
