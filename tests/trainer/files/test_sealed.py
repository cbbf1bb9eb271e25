"""Our files on disk: the same bytes for the same content, and never incomplete."""

import random
import resource
import signal
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from trainer.files import sealed

TENSORS = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.tensor([1, 2])}
METADATA = {str(number): "value" for number in range(20)}


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    sealed.write(tmp_path / "f.safetensors", TENSORS, METADATA)
    tensors, metadata = sealed.read(tmp_path / "f.safetensors")
    assert metadata == METADATA
    assert all(torch.equal(tensors[name], tensor) for name, tensor in TENSORS.items())
    assert [path.name for path in tmp_path.iterdir()] == ["f.safetensors"]


def test_the_same_content_has_the_same_hash(tmp_path: Path) -> None:
    # safetensors itself writes its metadata in another order each time.
    hashes = {sealed.write(tmp_path / str(number), TENSORS, METADATA).sha256 for number in range(5)}
    assert len(hashes) == 1


def test_any_safetensors_reader_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    file_info = sealed.write(path, TENSORS, METADATA)
    assert torch.equal(safetensors.torch.load_file(path)["b"], TENSORS["b"])
    with safetensors.safe_open(path, "pt") as file:
        assert METADATA.items() <= file.metadata().items()
    assert file_info.size_bytes == path.stat().st_size


def test_a_file_with_one_bit_flipped_or_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    sealed.write(path, TENSORS, METADATA)
    whole = path.read_bytes()
    chance = random.Random(7)  # noqa: S311 -- repeatable, not secret
    for _ in range(200):
        position = chance.randrange(len(whole))
        altered = bytearray(whole)
        altered[position] ^= 1 << chance.randrange(8)
        path.write_bytes(altered)
        with pytest.raises(sealed.DamagedFile):
            sealed.read(path)
        path.write_bytes(whole[:position])
        with pytest.raises(sealed.DamagedFile):
            sealed.read(path)


def test_a_write_that_fails_names_the_file_and_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    sealed.write(path, TENSORS, METADATA)
    before = path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # Simulates a full disk: the kernel does not let a file grow.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large") as failed:
            sealed.write(path, TENSORS, METADATA | {"more": "x"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert failed.value.filename == str(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """SIGKILL during a save left its file behind."""
    sealed.write(tmp_path / "checkpoint-5.safetensors", TENSORS, METADATA)
    (tmp_path / ".checkpoint-6.safetensors.0a1b2c3d").write_bytes(b"half a checkpoint")
    (tmp_path / ".notes").touch()
    sealed.remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint-5.safetensors", ".notes"}
