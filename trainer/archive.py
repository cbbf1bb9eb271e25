"""Owns the unpacking of untrusted archives: zip, tar, tar.gz, tar.xz. Loads no torch.

Members are checked by the rules below and not by tarfile's filters, which have known holes in Python 3.11.
Sizes are counted while bytes are unpacked, because headers can lie.
"""

import gzip
import lzma
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from trainer.manifest import SUFFIXES, BadDataSet, ImageFile, Manifest, is_stray, scan

__all__ = ["BadDataSet", "ImageFile", "Limits", "Manifest", "scan", "unpack"]

CHUNK_BYTES = 1 << 20
# What a tar member may need besides its data: long names and pax fields. tarfile reads them whole into memory.
TAR_HEADER_BYTES = 1 << 20
XZ_MEMORY_BYTES = 256 << 20  # `xz -9` needs 65 MiB
ZIP_ENTRY_BYTES = 1 << 10  # of the central directory, which zipfile reads whole into memory
# With other methods, zipfile unpacks everything that it has read at once: 1 KiB of bzip2 can become 1 GiB.
ZIP_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
END_OF_TAR = bytes(tarfile.BLOCKSIZE)
DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,  # zipfile raises it for an encrypted member, and for a method that it does not know
)


@dataclass(frozen=True)
class Limits:
    """How much one archive may contain."""

    entries: int = 2_000_000
    # Folders and empty files: kilobytes hold tens of thousands, and each takes as long to read as an image.
    empty_entries: int = 20_000
    entry_bytes: int = 1 << 30
    total_bytes: int = 64 << 30
    # Times the archive's own size: images hardly shrink when packed. A small archive may exceed it up to `least_bytes`.
    ratio: int = 20
    least_bytes: int = 256 << 20

    def of(self, packed_bytes: int) -> int:
        """How many bytes may be unpacked from an archive of this size."""
        return min(self.total_bytes, max(self.ratio * packed_bytes, self.least_bytes))


class _Readable(Protocol):
    def read(self, size_bytes: int, /) -> bytes: ...


@dataclass(frozen=True)
class _Entry:
    name: str
    is_folder: bool
    size_bytes: int  # as its header says
    content: IO[bytes] | None


def unpack(archive: Path, target: Path, limits: Limits | None = None) -> Path:
    """Unpack into `target`, an empty or new folder, and return it. Stray files of desktops are skipped.

    Raises BadDataSet at the first member that breaks a rule, and OSError if the disk is full. Either way `target` is
    removed, and nothing is written outside it.
    """
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty")
    target.mkdir(parents=True, exist_ok=True)
    try:
        _unpack(archive, target, limits or Limits())
    except DAMAGE as error:
        shutil.rmtree(target)
        raise BadDataSet(f"The archive is damaged, or its format is not supported: {error}.") from error
    except BaseException:
        shutil.rmtree(target)
        raise
    return target


def _unpack(archive: Path, target: Path, limits: Limits) -> None:
    left, made, empty = limits.of(archive.stat().st_size), set[Path](), 0
    for number, entry in enumerate(_entries(archive, limits), 1):
        if number > limits.entries:
            raise BadDataSet(f"The archive has more than {limits.entries:,} entries.")
        empty += entry.size_bytes == 0
        if empty > limits.empty_entries:
            raise BadDataSet(f"The archive has more than {limits.empty_entries:,} folders and empty files.")
        parts = _parts(entry.name)
        if entry.size_bytes > limits.entry_bytes:
            raise BadDataSet(f"{entry.name!r} is larger than {limits.entry_bytes:,} bytes.")
        if not parts or any(is_stray(part) for part in parts):
            continue
        if entry.content is None:
            _make_folder(target.joinpath(*parts), entry.name)
            continue
        path = target.joinpath(*parts)
        if entry.size_bytes == 0:
            _refuse_empty(path, entry.name)
            continue
        if path.parent not in made:
            _make_folder(path.parent, entry.name)
            made.add(path.parent)
        left -= _write(entry, path, min(left, limits.entry_bytes))


def _refuse_empty(path: Path, name: str) -> None:
    # Other empty files are skipped: tens of thousands of them take seconds to create.
    if path.suffix.lower() in SUFFIXES:
        raise BadDataSet(f"{name!r} is empty. Remove it, or pack the image again.")
    if path.parent.name.lower() == "annotations":
        raise BadDataSet(f"{name!r} is empty. Pack the annotation again.")


def _parts(name: str) -> tuple[str, ...]:
    """The path's parts, relative and harmless. Raises BadDataSet."""
    if not name.isprintable() or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise BadDataSet(f"{name!a} is not a valid name: it contains characters that cannot be printed.")
    if name.startswith("/") or "\\" in name or name[1:2] == ":":
        raise BadDataSet(f"{name!r} is not a relative path with forward slashes.")
    parts = PurePosixPath(name).parts
    if ".." in parts:
        raise BadDataSet(f"{name!r} points outside the archive's folder.")
    if len(parts) > 32 or any(len(part.encode()) > 255 for part in parts):
        raise BadDataSet(f"The path {name[:80]!r}… is too long (over 255 bytes a name) or too deep (over 32).")
    return parts


def _make_folder(path: Path, name: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadDataSet(f"{name!r} is both a file and a folder.") from error


def _write(entry: _Entry, path: Path, most: int) -> int:
    """Write one file of at most `most` bytes, regardless of its header. Returns its size in bytes."""
    size_bytes = 0
    try:
        file = path.open("xb")
    except FileExistsError as error:
        raise BadDataSet(f"{entry.name!r} is in the archive twice.") from error
    except (NotADirectoryError, IsADirectoryError) as error:
        raise BadDataSet(f"{entry.name!r} is both a file and a folder.") from error
    with file:
        while entry.content and (chunk := entry.content.read(CHUNK_BYTES)):
            size_bytes += len(chunk)
            if size_bytes > most:
                raise BadDataSet(f"The archive is too large: it exceeds the limit at {entry.name!r}.")
            file.write(chunk)
    return size_bytes


def _entries(archive: Path, limits: Limits) -> Iterator[_Entry]:
    with archive.open("rb") as file:
        start = file.read(8)
        file.seek(0)
        if start.startswith(b"PK"):
            yield from _zip_entries(file, limits)
        elif start.startswith(b"\x1f\x8b"):
            yield from _tar_entries(gzip.GzipFile(fileobj=file))
        elif start.startswith(b"\xfd7zXZ\x00"):
            yield from _tar_entries(_XzReader(file))
        else:
            yield from _tar_entries(file)


def _zip_entries(file: IO[bytes], limits: Limits) -> Iterator[_Entry]:
    # Private, and exactly the directory size that ZipFile itself will rely on.
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001
    if end and end[zipfile._ECD_SIZE] > limits.entries * ZIP_ENTRY_BYTES:  # type: ignore[attr-defined]  # noqa: SLF001
        raise BadDataSet(f"The archive has more than {limits.entries:,} entries.")
    with zipfile.ZipFile(file) as members:
        for member in members.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise BadDataSet(f"{member.filename!r} is a link or a device. Use plain files only.")
            # orig_filename: zipfile cuts a name at its first NUL.
            name, is_folder = member.orig_filename, member.is_dir()
            if is_folder:
                yield _Entry(name, True, 0, None)
                continue
            if member.compress_type not in ZIP_METHODS:
                raise BadDataSet(f"{name!r} is not stored or deflated. Pack the zip again with its default method.")
            with members.open(member) as content:
                yield _Entry(name, False, member.file_size, content)


def _tar_entries(file: _Readable) -> Iterator[_Entry]:
    metered = _MeteredStream(file)
    metered.allow(TAR_HEADER_BYTES)
    with closing(tarfile.TarFile(fileobj=metered, mode="r")) as members:  # type: ignore[arg-type]  # it reads and seeks
        while (member := members.next()) is not None:
            is_folder = member.isdir()
            # A sparse member can also be a regular one with pax fields: kilobytes that unpack to gigabytes of zeros.
            is_plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
            if not is_folder and not is_plain:
                raise BadDataSet(f"{member.name!r} is a link, a device or a sparse file. Use plain files only.")
            metered.allow(max(member.size, 0) + TAR_HEADER_BYTES)
            yield _Entry(member.name, is_folder, member.size, None if is_folder else members.extractfile(member))
        # tarfile takes a broken header for the end, so half a data set would pass for a whole one.
        if metered.last != END_OF_TAR:
            raise BadDataSet("The archive is cut short or damaged: its end marker is missing.")


class _MeteredStream:
    """A tar stream that can only be read forwards, and only as far as allowed."""

    def __init__(self, file: _Readable) -> None:
        self._file = file
        self._position = 0
        self._allowed = 0
        self.last = b""  # the most recent read

    def allow(self, size_bytes: int) -> None:
        """Allow this many more bytes from the current position, instead of the previous allowance."""
        self._allowed = self._position + size_bytes

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> None:
        if position < self._position:
            raise BadDataSet("The archive is damaged: a member points backwards.")
        while self._position < position:
            if not self.read(min(CHUNK_BYTES, position - self._position)):
                return

    def read(self, size_bytes: int) -> bytes:
        if self._position + size_bytes > self._allowed:
            raise BadDataSet("The archive contains a header that is too large.")
        parts = []
        while size_bytes and (part := self._file.read(size_bytes)):
            parts.append(part)
            size_bytes -= len(part)
        self.last = b"".join(parts)
        self._position += len(self.last)
        return self.last


class _XzReader:
    """Reads xz with a memory limit, which lzma.open does not offer. Several streams may follow each other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = self._new_decoder()

    def read(self, size_bytes: int) -> bytes:
        while True:
            if self._decoder.eof:
                data = self._decoder.unused_data.lstrip(b"\0") or self._file.read(CHUNK_BYTES)
                if not data:
                    return b""
                self._decoder = self._new_decoder()
            elif self._decoder.needs_input:
                data = self._file.read(CHUNK_BYTES)
                if not data:
                    raise EOFError("the xz stream is cut short")
            else:
                data = b""
            if out := self._decoder.decompress(data, max_length=size_bytes):
                return out

    @staticmethod
    def _new_decoder() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)
