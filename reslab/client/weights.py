"""The download of weights: whole or not at all, and checked."""

import hashlib
from pathlib import Path

from reslab.client.connection import Connection, check


def download(connection: Connection, run_id: str, file: Path, at: str, file_format: str) -> str:
    """Write the weights to `file` and return their SHA-256. Raises OSError if it isn't the one that the API names."""
    parameters = {"at": at, "format": file_format}
    draft = file.with_name(f"{file.name}.part")
    digest = hashlib.sha256()
    with connection.http.stream("GET", f"/runs/{run_id}/weights", params=parameters) as response:
        check(response)
        with draft.open("wb") as out:
            for chunk in response.iter_bytes():
                digest.update(chunk)
                out.write(chunk)
        expected = response.headers["ETag"].strip('"')
    if digest.hexdigest() != expected:
        draft.unlink()
        raise OSError(
            f"The weights arrived damaged: their SHA-256 is {digest.hexdigest()}, and should be {expected}. Try again."
        )
    draft.replace(file)
    return expected
