"""Owns the way from a data set's name to its images: which loader, and where its files lie."""

from pathlib import Path

from trainer.data.images import Decoded
from trainer.failure import Failure


def load(dataset: str, data_folder: Path, folder: Path | None = None) -> Decoded:
    """The images of a built-in data set, or of your own in `folder` (a folder or an archive).

    Raises Failure(`data`) where files are missing and cannot be fetched, or are not what they should be.
    """
    match dataset:
        case "digits":
            from trainer.data import digits

            return digits.load()
        case "synthetic":
            from trainer.data import synthetic

            return synthetic.load()
        case _:
            raise Failure("data", f"{dataset} is no built-in data set: say where its images are with --folder")
