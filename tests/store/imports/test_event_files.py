"""TensorBoard event files: written here by our own export and by hand, read by the same code, refused if damaged."""

import io
import struct
from collections.abc import Iterator

import pytest

from store.curves.tfrecords import delimited, double, floating, integer, record
from store.db.errors import Refused
from store.imports import reading
from store.imports.declaration import Reading
from store.imports.reading import ForeignCurve

VERSION = record(double(1, 1.0) + delimited(3, b"brain.Event:2"))


def scalar(tag: str, step: int, value: float) -> bytes:
    """As torch.utils.tensorboard writes it."""
    summary = delimited(1, delimited(1, tag.encode()) + floating(2, value))
    return record(double(1, 1.0) + integer(2, step) + delimited(5, summary))


def tensor(tag: str, step: int, value: float, kind: int = 1, *, packed: bool = False) -> bytes:
    """As TensorFlow 2 writes it: a tensor without dimensions, of float32 (kind 1) or float64 (kind 2)."""
    content = struct.pack("<f" if kind == 1 else "<d", value)
    shape = delimited(2, b"")
    body = integer(1, kind) + shape + delimited({1: 5, 2: 6}[kind] if packed else 4, content)
    summary = delimited(1, delimited(1, tag.encode()) + delimited(9, b"meta") + delimited(8, body))
    return record(double(1, 1.0) + integer(2, step) + delimited(5, summary))


def read(*parts: bytes, **how: object) -> ForeignCurve:
    return reading.read([io.BytesIO(VERSION + b"".join(parts))], Reading.model_validate(how))


def refusal(*parts: bytes, **how: object) -> str:
    with pytest.raises(Refused) as error:
        read(*parts, **how)
    return str(error.value)


def test_scalars_are_read_in_every_way_they_are_written() -> None:
    curve = read(
        scalar("train_error", 1, 90.5),
        tensor("test_error", 1, 80.25),
        tensor("test_error", 2, 70.5, kind=2),
        tensor("test_error", 3, 60.5, packed=True),
        record(double(1, 1.0) + delimited(5, delimited(1, delimited(1, b"picture") + delimited(4, b"png")))),
        scalar("grad/norm", 3, 1.0),
    )
    assert (curve.format, curve.iteration, curve.others) == ("tensorboard", 3, ("grad/norm",))
    assert curve.series["train_error"].value.tolist() == [90.5]
    assert curve.series["test_error"].value.tolist() == [80.25, 70.5, 60.5]


def test_tags_are_matched_to_series_and_accuracies_to_errors() -> None:
    columns = {"test_error": {"name": "Accuracy/test", "measure": "accuracy"}}
    curve = read(scalar("Accuracy/test", 0, 91.0), counts_from=0, iterations_per_step=391, columns=columns)
    assert curve.series["test_error"].iteration.tolist() == [391]
    assert curve.series["test_error"].value.tolist() == [9.0]


def test_a_file_that_was_cut_short_is_refused_at_every_byte() -> None:
    whole = VERSION + scalar("test_error", 1, 90.0) + scalar("test_error", 2, 80.0)
    for end in range(len(VERSION) + 1, len(whole)):
        if end in boundaries(whole):
            continue
        with pytest.raises(Refused, match=r"This event file is damaged: the file ends in the middle of record \d"):
            reading.read([io.BytesIO(whole[:end])], Reading())


def boundaries(content: bytes) -> set[int]:
    """Where one record ends and the next begins."""

    def ends() -> Iterator[int]:
        at = 0
        while at < len(content):
            at += 12 + struct.unpack("<Q", content[at : at + 8])[0] + 4
            yield at

    return set(ends())


def test_a_changed_byte_is_noticed() -> None:
    whole = bytearray(VERSION + scalar("test_error", 1, 90.0))
    for at in range(len(VERSION), len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        with pytest.raises(Refused, match="damaged"):
            reading.read([io.BytesIO(changed)], Reading())


def test_hostile_events_get_a_sentence() -> None:
    assert "Record 2 is not an event of TensorBoard" in refusal(record(b"\xff" * 30))
    assert "has no scalars" in refusal()
    assert "step 1 follows step 2" in refusal(scalar("test_error", 2, 8), scalar("test_error", 1, 9))
    assert "is nan at step 1" in refusal(scalar("test_error", 1, float("nan")))
    assert "negative or too large" in refusal(scalar("test_error", 2**64 - 1, 8))
    large = record(b"x" * (16 * 1024 * 1024 + 1))
    assert "has 16,777,217 bytes, more than the 16,777,216 allowed" in refusal(large)


def test_names_that_no_screen_can_show_are_quoted() -> None:
    text = refusal(scalar("test\nerror\u202e", 1, 8.0))
    assert text.isprintable()


def file(begun: float, *parts: bytes) -> io.BytesIO:
    return io.BytesIO(record(double(1, begun) + delimited(3, b"brain.Event:2")) + b"".join(parts))


def points(*values: float, start: int = 1, tag: str = "test_error") -> list[bytes]:
    return [scalar(tag, step, value) for step, value in enumerate(values, start)]


def test_the_files_of_a_resumed_training_are_one_curve() -> None:
    """It was resumed after step 2: what it had done since is superseded, and the order of the files doesn't matter."""
    first, second = file(1.0, *points(90, 80, 75, 74)), file(2.0, *points(70, 60, start=3))
    beside = file(1.5, *points(50, 40, tag="train_error"))
    curve = reading.read([second, beside, first], Reading())
    assert curve.series["test_error"].value.tolist() == [90, 80, 70, 60]
    assert curve.series["train_error"].value.tolist() == [50, 40]


def test_a_file_of_a_killed_writer_may_be_cut_if_another_continues_it() -> None:
    cut = io.BytesIO(file(1.0, *points(90, 80, 75)).getvalue()[:-3])
    curve = reading.read([cut, file(2.0, *points(70, start=3))], Reading())
    assert curve.series["test_error"].value.tolist() == [90, 80, 70]
    later = io.BytesIO(file(3.0, *points(70, start=3)).getvalue()[:-3])
    with pytest.raises(Refused, match="the file ends in the middle of record 2"):
        reading.read([file(2.0, *points(90, 80)), later], Reading())


def test_files_of_several_trainings_are_refused() -> None:
    with pytest.raises(Refused, match="'test_error' begins again at step 1 in a later file"):
        reading.read([file(1.0, *points(90, 80)), file(2.0, *points(91, 81))], Reading())
    with pytest.raises(Refused, match="Only TensorBoard's event files can be sent together"):
        reading.read([file(1.0, *points(90)), io.BytesIO(b"iteration,test_error\n1,90\n")], Reading())
