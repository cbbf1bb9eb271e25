"""The data sets."""

from collections.abc import Iterable

from reslab.client.schema import Dataset
from reslab.screen.text import table


def datasets(rows: Iterable[Dataset]) -> str:
    return table(
        rows,
        [
            ("NAME", lambda dataset: dataset.name),
            ("KIND", lambda dataset: dataset.kind),
            ("CLASSES", lambda dataset: f"{dataset.classes:,}"),
            ("TRAIN", lambda dataset: f"{dataset.train_images:,}"),
            ("TEST", lambda dataset: f"{dataset.test_images:,}"),
            ("ABOUT", lambda dataset: dataset.about),
        ],
    )
