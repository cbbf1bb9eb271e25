"""Weights that a detector can start from, as `client.starts`."""

from pathlib import Path

from reslab.client.connection import Connection
from reslab.client.schema import StartWeights, StartWeightsList


class Starts:
    """Name the `sha256` and `statistics` of one of them in the `start` of a detector's specification.

    >>> [start.sha256 for start in client.starts.list("resnet101")]
    []
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, network: str) -> list[StartWeights]:
        """Uploaded files for this network, then the weights of finished classifiers.

        >>> client.starts.list("vgg16")
        []
        """
        return self._connection.get(StartWeightsList, "/start-weights", network=network).items

    def upload(self, network: str, file: Path, name: str | None = None) -> StartWeights:
        """Store a classifier's weights (safetensors), byte for byte. Safe to repeat.

        Raises OSError, and ApiError with the first tensor that isn't the network's.

        >>> _ = Path("empty.safetensors").write_bytes(b"")
        >>> client.starts.upload("vgg16", Path("empty.safetensors"))
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        declared = {"network": network} | ({"name": name} if name else {})
        with file.open("rb") as content:
            files = {"weights": (file.name, content, "application/octet-stream")}
            return self._connection.ask(StartWeights, "POST", "/start-weights", data=declared, files=files)

    def delete(self, sha256: str) -> None:
        """Delete an uploaded file. Raises ApiError (409) while a detector that starts from it has not ended.

        >>> client.starts.delete("0" * 64)
        Traceback (most recent call last):
        reslab.client.connection.ApiError: ...
        """
        self._connection.send("DELETE", f"/start-weights/{sha256}")
