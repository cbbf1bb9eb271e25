"""Exports contain every raw point, as it was stored."""

import csv
import io
import json
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import crc32c
import pytest
from arro3.io import read_parquet

from store.curves.exports import parquet, tensorboard, text
from store.curves.exports.tables import ITERATIONS
from store.db.database import Database
from store.db.models import Run, Worker
from store.runs import attempts, verbs
from tests.store.conftest import claim, steps
from trainer.events import Evaluated

Submit = Callable[..., Run]
COUNT = 20_000  # more than one block


@pytest.fixture
def trained(database: Database, submit: Submit, worker: Worker) -> Run:
    run = submit(iterations=COUNT)
    lease = claim(database, worker)
    evaluation = Evaluated(iteration=1000, split="test", error=9.53, top5_error=None, loss=1 / 3, images=360)
    with database.transaction() as session:
        attempts.append(session, run.id, lease.attempt, 1, [steps(1, COUNT), evaluation])
        return verbs.get(session, run.id)


def test_csv_has_every_point_of_every_series(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        content = b"".join(text.csv_parts(session, [trained], named=False)).decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [int(row["iteration"]) for row in rows] == list(range(1, COUNT + 1))
    assert [float(row["train_loss"]) for row in rows] == pytest.approx([i / 10 for i in range(1, COUNT + 1)], rel=1e-6)
    evaluation = {row["iteration"]: (row["test_error"], row["test_loss"]) for row in rows if row["test_error"]}
    assert evaluation == {"1000": ("9.53", "0.3333333333333333")}
    assert (rows[0]["val_error"], rows[-1]["images_per_s"], rows[0]["gpu"]) == ("", "100.0", "")


def test_json_has_each_series_on_its_own_iterations(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        (entry,) = json.loads(b"".join(text.json_parts(session, [trained])))
    assert entry["series"]["test_error"] == {"iteration": [1000], "value": [9.53]}
    assert entry["series"]["train_loss"]["iteration"] == list(range(1, COUNT + 1))
    assert (entry["run"], entry["spec"]["depth"]) == (str(trained.id), 8)


def test_a_name_that_a_spreadsheet_would_evaluate_is_escaped(database: Database, submit: Submit) -> None:
    with database.transaction() as session:
        run = verbs.change(session, submit().id, "ann", verbs.RunChange(name='=HYPERLINK("x"),1'))
        content = b"".join(text.csv_parts(session, [run], named=True)).decode()
    assert content.count("\n") == 1  # a run without a point has no line
    assert text.inert(run.name) == "'" + run.name
    assert [text.inert(name) for name in ("-1", "+1", "@a", "ResNet-20")] == ["'-1", "'+1", "'@a", "ResNet-20"]


def test_parquet_has_every_point_and_nulls_elsewhere(database: Database, trained: Run) -> None:
    file = io.BytesIO()
    with database.transaction() as session:
        parquet.write(session, [trained], file)
    table = read_parquet(io.BytesIO(file.getvalue())).read_all()
    columns = {name: table.column(name).to_pylist() for name in ("run", "iteration", "train_loss", "test_loss", "gpu")}
    assert columns["iteration"] == list(range(1, COUNT + 1))
    assert set(columns["run"]) == {str(trained.id)}
    assert columns["train_loss"] == pytest.approx([i / 10 for i in range(1, COUNT + 1)], rel=1e-6)
    assert [value for value in columns["test_loss"] if value is not None] == [1 / 3]
    assert set(columns["gpu"]) == {None}


def test_tensorboard_reads_every_point_at_its_step(database: Database, trained: Run) -> None:
    file = io.BytesIO()
    with database.transaction() as session:
        tensorboard.write(session, [trained], file)
    with zipfile.ZipFile(file) as archive:
        (name,) = archive.namelist()
        events = [fields(content) for content in tfrecords(archive.read(name))]
    assert re.fullmatch(r"ResNet-8-A-[0-9a-f]{8}/events\.out\.tfevents\.\d+\.reslab", name)
    assert events[0][3] == b"brain.Event:2"
    points: dict[bytes, list[tuple[int, float]]] = {}
    for event in events[1:]:
        value = fields(fields(event[5])[1])
        points.setdefault(value[1], []).append((event[2], struct.unpack("<f", value[2])[0]))
        assert abs(struct.unpack("<d", event[1])[0] - time.time()) < 3600
    steps, losses = zip(*points[b"train_loss"], strict=True)
    assert steps == tuple(range(1, COUNT + 1))
    assert losses == pytest.approx([i / 10 for i in range(1, COUNT + 1)], rel=1e-6)
    ((step, error),) = points[b"test_error"]
    assert step == 1000
    assert error == pytest.approx(9.53)
    assert b"gpu" not in points


def test_no_part_takes_so_long_that_the_idle_session_ends(database: Database, trained: Run) -> None:
    """All points were once read first and then written, at 7 µs each: 600,000 iterations took longer than a session may
    be idle in a transaction (`IDLE_IN_TRANSACTION_S`), and the export of an ImageNet run never succeeded."""
    with database.transaction() as session:
        parts = [sum(1 for _ in tfrecords(part)) for part in tensorboard.records(session, trained)]
    assert max(parts) == ITERATIONS
    assert sum(parts) > 3 * COUNT


def tfrecords(content: bytes) -> Iterator[bytes]:
    """The contents of the records, whose checksums must be right."""
    while content:
        (length,) = struct.unpack_from("<Q", content)
        assert masked(content[:8]) == content[8:12]
        assert masked(content[12 : 12 + length]) == content[12 + length : 16 + length]
        yield content[12 : 12 + length]
        content = memoryview(content)[16 + length :]  # type: ignore[assignment]


def masked(content: bytes) -> bytes:
    crc = crc32c.crc32c(bytes(content))
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) % 2**32)


def fields(message: bytes) -> dict[int, Any]:
    """A protobuf message by its field numbers: integers, and the bytes of everything else."""
    fields: dict[int, Any] = {}
    offset = 0

    def integer() -> int:
        nonlocal offset
        value, shift = 0, 0
        while True:
            digit = message[offset]
            offset += 1
            value |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                return value

    while offset < len(message):
        key = integer()
        if key & 7 == 0:
            fields[key >> 3] = integer()
            continue
        size = {1: 8, 5: 4}.get(key & 7) or integer()
        fields[key >> 3] = bytes(message[offset : offset + size])
        offset += size
    return fields
