"""Without the signer's key: changes of the signed file. With it: of the file's form."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studies.certificate import bundle
from studies.certificate.contents import CONTENTS, JUDGEMENT
from tests.studies.certificate.conftest import SIGNER, Forgery
from tests.studies.certificate.tampering.cases import OTHER, SIGNATURE, Cases, Catch, Tampering

CASES = Cases()
tampering, rewrite = CASES.tampering, CASES.rewrite


def bytes_changed(what: str, catch: Catch, message: str) -> Callable[[Callable[[bytearray], bytes]], None]:
    """Without any key: a change of the signed file's bytes."""

    def add(change: Callable[[bytearray], bytes]) -> None:
        def write(forgery: Forgery, path: Path) -> None:
            path.write_bytes(change(bytearray(forgery.sign(path).read_bytes())))

        CASES.append(Tampering(what, "no key", catch, message, write))

    return add


def flip(content: bytearray, offset: int) -> bytes:
    content[offset] ^= 1
    return bytes(content)


NOT_ONE = "This is not a certificate"


# Without the key.
bytes_changed("A digit of certificate.json is changed", "the signature", SIGNATURE)(
    lambda file: bytes(file).replace(b'"seed":', b'"Seed":', 1).replace(b'"Seed":', b'"seed":', 1)[:-1] + b"\1"
)
bytes_changed("One bit of a curve is flipped", "the signature", SIGNATURE)(
    lambda file: flip(file, file.index(b"\x93NUMPY") + 500)
)
bytes_changed("One bit of a weight is flipped", "the signature", SIGNATURE)(
    lambda file: flip(file, file.index(b"num_batches_tracked") + 90_000)
)
bytes_changed("The date in an entry's header is changed", "the signature", SIGNATURE)(lambda file: flip(file, 10))
bytes_changed("A byte is put before the file", "the signature", SIGNATURE)(lambda file: b"\0" + file)
bytes_changed("A byte is appended", "the file's form", NOT_ONE)(lambda file: bytes(file) + b"\0")
bytes_changed("The last byte is cut off", "the file's form", NOT_ONE)(lambda file: bytes(file[:-1]))
bytes_changed("Half of the file is cut off", "the file's form", NOT_ONE)(lambda file: bytes(file[: len(file) // 2]))
bytes_changed("The signature is replaced by zeros", "the signature", SIGNATURE)(
    lambda file: bytes(file[:-64]) + bytes(64)
)


@tampering("The signature is taken from the signer's other certificate", "no key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    other = forgery.copy()
    other.contents["name"] = "Another study"
    signature = other.sign(path).read_bytes()[-64:]
    path.write_bytes(forgery.sign(path).read_bytes()[:-64] + signature)


@tampering("An entry is added with a zip tool", "no key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(forgery.sign(path), "a") as archive:
        archive.writestr("note.txt", "better than the paper")


@tampering("A curve is taken out, the signature kept", "no key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(forgery.sign(path)) as archive:
        kept = [
            (info, archive.read(info)) for info in archive.infolist() if forgery.runs()[0]["curve"] != info.filename
        ]
        comment = archive.comment
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in kept:
            archive.writestr(info, content)
        archive.comment = comment


@tampering("An error is lowered; another key signs, the signer's is named", "another key", "the signature", SIGNATURE)
def _(forgery: Forgery, path: Path) -> None:
    entries = dict(forgery.entries(SIGNER))
    contents = json.loads(entries[CONTENTS])
    forgery.contents.update(contents)
    with path.open("wb+") as out:
        bundle.write(out, ((name, [content]) for name, content in entries.items()), OTHER)


# With the signer's key: the file's form.
@tampering(
    "Its entries are compressed: a kilobyte becomes gigabytes", "the signer's key", "the file's form", "compressed"
)
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CONTENTS, b" " * 50_000_000)
        archive.comment = bytes(64)


@tampering("2,000 entries share one entry's bytes", "the signer's key", "the file's form", "its entries overlap")
def _(forgery: Forgery, path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", bytes(1_000_000))
        shared = archive.infolist()[0]
        for number in range(2_000):
            info = zipfile.ZipInfo(f"b{number}")
            info.header_offset, info.CRC = 0, shared.CRC
            info.file_size = info.compress_size = shared.file_size
            archive.filelist.append(info)
        archive.comment = bytes(64)
    path.write_bytes(file.getvalue())


@tampering("Two entries have one name", "the signer's key", "the file's form", "the same name")
def _(forgery: Forgery, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(CONTENTS, b"{}")
        archive.filelist.append(archive.filelist[0])
        archive.comment = bytes(64)


@tampering("The directory claims 2 GB", "the signer's key", "the file's form", "its directory has")
def _(forgery: Forgery, path: Path) -> None:
    content = bytearray(forgery.sign(path).read_bytes())
    struct.pack_into("<L", content, len(content) - 64 - 22 + 12, 2_000_000_000)
    path.write_bytes(content)


@rewrite("A file is added that no run has", "the hashes", "No run has these files: notes.txt")
def _(forgery: Forgery) -> Forgery:
    return forgery.with_files(**{"notes.txt": b"better than the paper"})


@rewrite("The judgement is nested 100,000 deep", "the judgement", "can't judge its contents")
def _(forgery: Forgery) -> Forgery:
    return forgery.with_files(**{JUDGEMENT: b"[" * 100_000 + b"]" * 100_000})


@rewrite("certificate.json is nested 100,000 deep", "the file's form", "can't be read")
def _(forgery: Forgery) -> None:
    deep: Any = []
    for _ in range(400):  # json.dumps writes no deeper ones; pydantic's limit is 200
        deep = [deep]
    forgery.runs()[0]["trainers"] = deep
