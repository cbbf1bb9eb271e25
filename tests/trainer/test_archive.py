"""Untrusted archives: unpacked completely, or refused without leaving anything behind."""

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.archive import BadDataSet, Limits, scan, unpack

FILES = {f"set/{split}/{name}/1.jpg": f"{split} {name}".encode() for split in ("train", "test") for name in "ab"}
Make = Callable[[Path, dict[str, bytes]], None]
Members = list[tuple[tarfile.TarInfo, bytes]]


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _tar(mode: str) -> Make:
    def make(path: Path, files: dict[str, bytes]) -> None:
        with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # the mode comes from the table
            for name, content in files.items():
                archive.addfile(_member(name, len(content)), io.BytesIO(content))

    return make


def _member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, linkname: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, linkname
    return member


FORMATS: dict[str, Make] = {"zip": _zip, "tar": _tar("w"), "tar.gz": _tar("w:gz"), "tar.xz": _tar("w:xz")}


def assert_refused(path: Path, tmp_path: Path, words: str, limits: Limits | None = None) -> None:
    before = {entry for entry in tmp_path.rglob("*") if not entry.is_relative_to(tmp_path / "target")}
    with pytest.raises(BadDataSet, match=words):
        unpack(path, tmp_path / "target", limits)
    assert not (tmp_path / "target").exists()
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("archive_format", FORMATS)
def test_an_archive_is_unpacked_whole(archive_format: str, tmp_path: Path) -> None:
    FORMATS[archive_format](tmp_path / "a", FILES)
    target = unpack(tmp_path / "a", tmp_path / "target")
    assert {str(p.relative_to(target)): p.read_bytes() for p in target.rglob("*.jpg")} == FILES
    assert scan(target).classes == ("a", "b")


@pytest.mark.parametrize("archive_format", FORMATS)
def test_stray_files_are_skipped(archive_format: str, tmp_path: Path) -> None:
    strays = {"__MACOSX/set/train/a/._1.jpg": b"x", "set/.DS_Store": b"x", "set/train/a/Thumbs.db": b"x"}
    FORMATS[archive_format](tmp_path / "a", FILES | strays)
    target = unpack(tmp_path / "a", tmp_path / "target")
    assert sum(path.is_file() for path in target.rglob("*")) == len(FILES)


@pytest.mark.parametrize("archive_format", FORMATS)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/evil", "not a relative path"),
        ("../evil", "points outside"),
        ("set/../../evil", "points outside"),
        ("C:/evil", "not a relative path"),
        ("set\\..\\evil", "not a relative path"),
        ("set/new\nline.jpg", "not a valid name"),
        ("set/" + "x" * 256, "too long"),
        ("/".join("d" * 40) + "/x.jpg", "too deep"),
        ("set/train/a/1.jpg/2.jpg", "both a file and a folder"),
    ],
)
def test_a_harmful_name_is_refused(archive_format: str, name: str, words: str, tmp_path: Path) -> None:
    FORMATS[archive_format](tmp_path / "a", {**FILES, name: b"evil"})
    assert_refused(tmp_path / "a", tmp_path, words)


@pytest.mark.parametrize("archive_format", FORMATS)
def test_too_many_and_too_large_are_refused(archive_format: str, tmp_path: Path) -> None:
    FORMATS[archive_format](tmp_path / "a", FILES | {"set/train/a/big.jpg": bytes(5000)})
    assert_refused(tmp_path / "a", tmp_path, "more than 3 entries", Limits(entries=3))
    assert_refused(tmp_path / "a", tmp_path, "larger than 4,999 bytes", Limits(entry_bytes=4999))
    assert_refused(tmp_path / "a", tmp_path, "too large: it exceeds the limit", Limits(total_bytes=5000))


@pytest.mark.parametrize("archive_format", FORMATS)
def test_an_archive_that_is_cut_short_is_refused(archive_format: str, tmp_path: Path) -> None:
    FORMATS[archive_format](tmp_path / "a", FILES | {"set/train/a/big.jpg": bytes(range(256)) * 100})
    whole = (tmp_path / "a").read_bytes()
    for share in (0.3, 0.5, 0.7):
        (tmp_path / "a").write_bytes(whole[: int(len(whole) * share)])
        assert_refused(tmp_path / "a", tmp_path, "damaged|cut short")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\x1f\x8b\x08", bytes(2000), b"\xfd7zXZ\x00"])
def test_a_file_that_is_not_an_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadDataSet):
        scan(unpack(tmp_path / "a", tmp_path / "target"))


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_a_tar_with_links_or_devices_is_refused(kind: bytes, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a", "w") as archive:
        archive.addfile(_member("set/link", 0, kind, "/etc"))
        archive.addfile(_member("set/link/passwd", 4), io.BytesIO(b"evil"))
    assert_refused(tmp_path / "a", tmp_path, "is a link, a device or a sparse file|damaged")


def test_a_zip_with_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("set/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr(link, "/etc")
    assert_refused(tmp_path / "a", tmp_path, "is a link or a device")


def test_a_name_with_nul_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "a", {"set/evil.jpg_.txt": b"x"})
    (tmp_path / "a").write_bytes((tmp_path / "a").read_bytes().replace(b"jpg_", b"jpg\0"))
    assert_refused(tmp_path / "a", tmp_path, "not a valid name")


def test_a_duplicate_name_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a", "w") as archive:
        for _ in range(2):
            archive.addfile(_member("set/train/a/1.jpg", 1), io.BytesIO(b"x"))
    assert_refused(tmp_path / "a", tmp_path, "twice")


def test_a_zip_header_with_a_wrong_size_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "a", {"set/train/a/1.jpg": bytes(100_000)})
    lie = (tmp_path / "a").read_bytes().replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    (tmp_path / "a").write_bytes(lie)
    assert_refused(tmp_path / "a", tmp_path, "damaged")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_method_that_is_unpacked_in_one_go_is_refused(method: int, tmp_path: Path) -> None:
    """zipfile would unpack 300 MiB from 44 KB before the bytes could be counted (measured: 826 MB of memory)."""
    with zipfile.ZipFile(tmp_path / "a", "w", method) as archive:
        archive.writestr("set/train/a/1.jpg", bytes(1_000_000))
    assert_refused(tmp_path / "a", tmp_path, "is not stored or deflated")


def test_a_zip_directory_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    _zip(tmp_path / "a", {f"set/{number}" + "x" * 100: b"" for number in range(50)})
    assert_refused(tmp_path / "a", tmp_path, "more than 3 entries", Limits(entries=3))


def test_a_zip_bomb_is_stopped_by_its_unpacked_size(tmp_path: Path) -> None:
    _zip(tmp_path / "a", {f"set/train/a/{number}.jpg": bytes(1_000_000) for number in range(20)})
    assert (tmp_path / "a").stat().st_size < 30_000
    assert_refused(tmp_path / "a", tmp_path, "too large: it exceeds the limit", Limits(total_bytes=5_000_000))


def test_a_tar_header_of_gigabytes_is_never_read_into_memory(tmp_path: Path) -> None:
    # The header announces a long name of 8 GB, in a file of a few kilobytes.
    header = _member("././@LongLink", 8 << 30, tarfile.GNUTYPE_LONGNAME).tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "a").write_bytes(lzma.compress(header + bytes(3 << 20)))
    assert_refused(tmp_path / "a", tmp_path, "header that is too large")


def test_an_xz_that_needs_gigabytes_of_memory_is_refused(tmp_path: Path) -> None:
    content = bytearray(lzma.compress(bytes(100), filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}]))
    # The block header starts at 12: its size, flags, filter id, one byte of properties, the dictionary's size, and
    # a checksum at its end. 40 stands for 4 GiB.
    size = (content[12] + 1) * 4
    content[16] = 40
    content[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(content[12 : 12 + size - 4]))
    (tmp_path / "a").write_bytes(content)
    assert_refused(tmp_path / "a", tmp_path, "damaged, or its format is not supported: Memory usage limit")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "a", {"set/train/a/1.jpg": b"x"})
    content = bytearray((tmp_path / "a").read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[content.index(b"PK\x03\x04") + 6] |= 1
    (tmp_path / "a").write_bytes(content)
    assert_refused(tmp_path / "a", tmp_path, "not supported|damaged")


def test_a_target_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    _zip(tmp_path / "a", FILES)
    (tmp_path / "target").mkdir()
    (tmp_path / "target/mine").write_text("mine")
    with pytest.raises(FileExistsError):
        unpack(tmp_path / "a", tmp_path / "target")
    assert (tmp_path / "target/mine").read_text() == "mine"


def test_a_pax_sparse_member_is_refused(tmp_path: Path) -> None:
    """Its type is that of a plain file: kilobytes once wrote a gigabyte of zeros."""
    member = _member("set/train/a/1.jpg", 512)
    member.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": str(1 << 30)}
    member.pax_headers |= {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,512", "GNU.sparse.name": member.name}
    with tarfile.open(tmp_path / "a", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(bytes(512)))
    assert_refused(tmp_path / "a", tmp_path, "a sparse file")


@pytest.mark.parametrize("archive_format", ["zip", "tar.gz", "tar.xz"])
def test_an_archive_that_unpacks_to_many_times_its_size_is_refused(archive_format: str, tmp_path: Path) -> None:
    FORMATS[archive_format](tmp_path / "a", {"set/train/a/1.jpg": bytes(1_000_000)})
    assert_refused(tmp_path / "a", tmp_path, "too large: it exceeds the limit", Limits(least_bytes=500_000))


@pytest.mark.parametrize("archive_format", FORMATS)
def test_an_empty_image_is_refused_at_once_and_other_empty_files_are_skipped(
    archive_format: str, tmp_path: Path
) -> None:
    """60,000 empty entries took 32 s to write."""
    FORMATS[archive_format](tmp_path / "a", FILES | {"set/notes.txt": b""})
    assert not (unpack(tmp_path / "a", tmp_path / "unpacked") / "set/notes.txt").exists()
    FORMATS[archive_format](tmp_path / "b", {f"set/train/a/{number}.jpg": b"" for number in range(1000)})
    assert_refused(tmp_path / "b", tmp_path, "'set/train/a/0.jpg' is empty")


def test_an_archive_of_many_empty_entries_is_refused(tmp_path: Path) -> None:
    FORMATS["tar.gz"](tmp_path / "a", FILES | {f"set/{number}.txt": b"" for number in range(30)})
    assert_refused(tmp_path / "a", tmp_path, "more than 20 folders and empty files", Limits(empty_entries=20))
