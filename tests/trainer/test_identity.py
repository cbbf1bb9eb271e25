"""The identity of the trainer's code: one digest of its source, equal in every process, different after any change."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trainer import identity
from trainer.events import Started, parse


def test_another_process_reads_the_same_digest() -> None:
    code = "from trainer import identity; print(identity.source_digest())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert other == identity.source_digest()
    assert len(other) == 64


@pytest.mark.parametrize("file", ["loop.py", "networks/cifar.py", "data/order.py", "sgd.py"])
def test_one_changed_character_changes_it(tmp_path: Path, file: str) -> None:
    copy = shutil.copytree(identity.SOURCE, tmp_path / "trainer")
    assert identity.digest_of(copy) == identity.source_digest()
    (copy / file).write_text((copy / file).read_text() + " ")
    assert identity.digest_of(copy) != identity.source_digest()


def test_a_moved_and_an_added_file_change_it_and_compiled_files_do_not(tmp_path: Path) -> None:
    copy = shutil.copytree(identity.SOURCE, tmp_path / "trainer")
    (copy / "notes.txt").write_text("not code")
    (copy / "left.pyc").write_bytes(b"compiled")
    assert identity.digest_of(copy) == identity.source_digest()
    (copy / "sgd.py").rename(copy / "sgd2.py")
    moved = identity.digest_of(copy)
    (copy / "added.py").write_text("")
    assert len({identity.source_digest(), moved, identity.digest_of(copy)}) == 3


def test_a_started_event_of_an_earlier_version_has_no_source() -> None:
    line = (
        '{"kind":"started","device":"cpu","device_kind":"cpu","threads":2,"versions":{"torch":"2"},"resumed_from":0,'
        '"train_images":1,"val_images":0,"test_images":1,"data_hash":"00"}'
    )
    event = parse(line)
    assert isinstance(event, Started)
    assert event.source is None
