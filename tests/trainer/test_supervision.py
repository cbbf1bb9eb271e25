"""SIGTERM in this very process: it interrupts the loading of data, and waits to be read while training."""

import os
import signal
from collections.abc import Iterator

import pytest

from trainer.supervision import Interrupted, Stop


@pytest.fixture
def stop() -> Iterator[Stop]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    listening = Stop()
    listening.listen()
    yield listening
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_stop_is_remembered_until_it_is_read(stop: Stop) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.asked


def test_a_stop_interrupts_where_nothing_is_lost(stop: Stop) -> None:
    stop.interrupts = True
    with pytest.raises(Interrupted):
        _terminate()
    assert stop.asked


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
