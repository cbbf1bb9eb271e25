"""What Celery has no setting for."""

import pytest
from kombu.exceptions import OperationalError

from worker.app import RECONNECT_S, celery_app


def test_retries_to_reach_the_broker_stay_frequent() -> None:
    pauses: list[float] = []
    connection = celery_app("redis://127.0.0.1:1/0").connection_for_read()
    with pytest.raises(OperationalError):
        connection.ensure_connection(lambda _, pause_s: pauses.append(pause_s), 3)
    assert len(pauses) == 3
    assert max(pauses) <= RECONNECT_S
