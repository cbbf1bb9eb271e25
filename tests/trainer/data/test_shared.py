"""Pixels from loader processes come through shared memory, whole and in order, whatever happened to that memory."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
import torch

from trainer.data import shared
from trainer.data.decoding import Pixels
from trainer.data.loaders import Loaders, PendingPixels
from trainer.data.shared import SharedMemory
from trainer.data.transfer import Courier

SHAPE = (2, 3, 5)


def filled(shape: tuple[int, ...], value: int) -> Pixels:
    return np.full(shape, value, dtype=np.uint8)


@pytest.fixture(scope="module")
def loaders() -> Iterator[Loaders]:
    with closing(Loaders(2)) as loaders:
        yield loaders


def start(loaders: Loaders, *values: int) -> list[PendingPixels]:
    return [loaders.start_pixels(SHAPE, filled, SHAPE, value) for value in values]


def test_pixels_are_those_of_their_task_also_where_others_were_before(loaders: Loaders) -> None:
    for first in (1, 41, 81):
        values = range(first, first + 40)
        assert [int(part.result().min()) for part in start(loaders, *values)] == list(values)
    unread, *later = start(loaders, 1, 2, 3)
    assert [int(part.result().max()) for part in later] == [2, 3]
    again = start(loaders, *range(4, 24))
    assert int(unread.result().max()) == 1, "nobody else writes where it waits to be read"
    assert [int(part.result().max()) for part in again] == list(range(4, 24))


def test_without_room_they_come_through_the_pipe(loaders: Loaders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedMemory, "reserve", lambda *_: None)
    assert [int(part.result().min()) for part in start(loaders, 7, 8)] == [7, 8]


def test_places_never_overlap_and_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "BYTES", 4 << 16)
    with closing(SharedMemory()) as memory:
        places = [memory.reserve((1 << 16,)) for _ in range(4)]
        assert sorted(place.offset for place in places if place) == [number << 16 for number in range(4)]
        assert memory.reserve((1,)) is None
        first = places[0]
        assert first is not None
        memory.release(first)
        small = memory.reserve((3, 5))
        assert small is not None
        assert small.offset == first.offset
        memory.at(small)[...] = 9
        assert memory.at(small).sum() == 9 * 15


def test_a_courier_joins_the_parts_in_order(loaders: Loaders) -> None:
    courier = Courier(torch.device("cpu"))
    for some in (loaders, Loaders(0)):
        sent = courier.receive(courier.send(start(some, 5, 6)))
        assert sent.shape == (4, 3, 5)
        assert sent.dtype == torch.uint8
        assert sent[:, 0, 0].tolist() == [5, 5, 6, 6]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not run here: no GPU")
def test_a_gpu_gets_the_same_pixels_and_nobody_waits_for_it(loaders: Loaders) -> None:
    courier = Courier(torch.device("cuda"))
    torch.cuda.set_sync_debug_mode("error")
    try:
        received = [courier.receive(courier.send(start(loaders, value, value + 1))) * 1 for value in range(20)]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    for value, pixels in enumerate(received):
        assert pixels[:, 0, 0].tolist() == [value, value, value + 1, value + 1]
