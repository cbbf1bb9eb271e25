"""What a file that can't be read or decoded is called."""

from pathlib import Path

import pytest

from trainer.archive import BadDataSet
from trainer.data.decoding import decode


def test_a_file_that_is_gone_is_named_as_the_data_set_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadDataSet) as refusal:
        decode(tmp_path / "train/1.jpg", "train/1.jpg")
    assert str(refusal.value) == "train/1.jpg cannot be read: No such file or directory."
