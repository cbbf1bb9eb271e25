"""Files of other tools become curves here, or are refused with the line that is wrong and what is allowed."""

import io
import json

import numpy as np
import pytest

from store.db.errors import Refused
from store.imports import reading
from store.imports.content import MOST_ROWS
from store.imports.declaration import FileColumn, Reading
from store.imports.reading import ForeignCurve


def read(text: str, **how: object) -> ForeignCurve:
    return reading.read([io.BytesIO(text.encode())], Reading.model_validate(how))


def refusal(text: str | bytes, **how: object) -> str:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Refused) as error:
        reading.read([io.BytesIO(content)], Reading.model_validate(how))
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500
    return str(error.value)


def lines(*rows: dict[str, object]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def test_a_table_is_read_by_its_header() -> None:
    curve = read("\ufeffiteration,train_error,lr,note,test_error\n1,90,0.1,,\n2,89,0.1,,91.5\n\n3,88,0.01,,\n")
    assert curve.format == "csv"
    assert curve.iteration == 3
    assert curve.others == ("note",)
    assert curve.series["train_error"].value.tolist() == [90, 89, 88]
    assert curve.series["test_error"].iteration.tolist() == [2]
    assert {*curve.series} == {"train_error", "lr", "test_error"}


def test_epochs_counted_from_zero_become_iterations() -> None:
    text = "epoch,test_error\n0,60\n1,50\n"
    curve = read(text, step_column="epoch", counts_from=0, iterations_per_step=391)
    assert curve.series["test_error"].iteration.tolist() == [391, 782]


@pytest.mark.parametrize(
    ("measure", "value", "percent"),
    [("error", 8.75, 8.75), ("accuracy", 91.25, 8.75), ("error_fraction", 0.5, 50), ("accuracy_fraction", 0.75, 25)],
)
def test_a_column_says_what_it_measures(measure: str, value: float, percent: float) -> None:
    columns = {"test_error": {"name": "eval/acc", "measure": measure}}
    curve = read(f"iteration,eval/acc\n10,{value}\n", columns=columns)
    assert curve.series["test_error"].value.tolist() == [percent]


def test_wandb_history_is_read_as_json_lines_and_as_csv() -> None:
    history = lines(
        {"_step": 0, "_runtime": 1.5, "train_error": 90.0, "test_error": None},
        {"_step": 1, "_timestamp": 1.7e9, "test_error": 80.0},
    )
    curve = read(history, counts_from=0)
    assert (curve.format, curve.iteration) == ("wandb", 2)
    assert curve.series["train_error"].iteration.tolist() == [1]
    assert curve.series["test_error"].value.tolist() == [80]
    chart = '"Step","brisk-sky - test/error","brisk-sky - test/error__MIN"\n"100","8.5","8.4"\n'
    curve = read(chart, columns={"test_error": {"name": "brisk-sky - test/error"}})
    assert (curve.format, curve.series["test_error"].value.tolist()) == ("wandb", [8.5])
    assert curve.others == ("brisk-sky - test/error__MIN",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("\n\n", "It must begin with a line that names its columns"),
        ("iteration,test_error\n", "The file has a header but no rows."),
        ("test_error\n8\n", "has no column that counts iterations. It has 'test_error'."),
        ("iteration,accuracy\n1,8\n", "The file has no series of errors. It has 'accuracy'."),
        ("iteration,test_error,test_error\n1,8,8\n", "Two columns are named 'test_error'."),
        ("iteration,test_error\n1,8\n2\n", "Line 3 has 1 cells, but the header names 2 columns."),
        ("iteration,test_error\n1,8\n2,nan\n", "Line 3: test_error is 'nan'. Leave it empty"),
        ("iteration,test_error\n1,inf\n", "Line 2: test_error is 'inf'."),
        ("iteration,test_error\n1,eight\n", "Line 2: test_error must be a number, or empty"),
        ("iteration,test_error\n2,8\n1,9\n", "Line 3: iteration 1 follows 2. The rows must ascend"),
        ("iteration,test_error\n1,8\n1,9\n", "Line 3: iteration 1 follows 1."),
        ("iteration,test_error\n1.5,8\n", "Line 2: iteration must be a whole number, not '1.5'."),
        ("iteration,test_error\n-1,8\n", "must be a whole number"),
        ("iteration,test_error\n,8\n", "Line 2: iteration must be a whole number, not ''."),
        ("iteration,test_error\n0,80\n", "begins at step 0. If the file counts from 0, say so"),
        ("iteration,test_error\n1,101\n", "is 101 at iteration 1. It must be between 0 and 100."),
        ("iteration,test_error,lr\n1,8,-0.1\n", "'lr' is -0.1 at iteration 1."),
        ("iteration,test_error\n1,0.9\n2,0.1\n", "is at most 0.9 everywhere. Errors are percent"),
        ("iteration,test_error\n20000000,8\n", "has iteration 20,000,000. At most 10,000,000 are allowed."),
        (f"iteration,test_error\n{'9' * 400},8\n", "iteration"),
        ("iteration,test_error\n1,\0\n", "Line 2"),
        (f'iteration,test_error\n1,"{"x" * 200_000}"\n', "Line 2 can't be read as CSV"),
        (b"iteration,test_error\n1,\xff\n", "The file is not UTF-8 text."),
        (b"PAR1....PAR1", "Parquet can't be read here."),
        ("[{}]", "A JSON array can't be read here."),
        ('{"_step": 1, "test_error": 8}\n{"_step": }\n', "Line 2 is not a JSON object."),
        ('{"_step": 1, "test_error": 8}\n[1]\n', "Line 2 is not a JSON object."),
        ('{"_step": 1, "test_error": "NaN"}\n', "Line 1: test_error is 'NaN'."),
        ('{"_step": true, "test_error": 8}\n', "_step"),
        ('{"_step": 1, "test_error": [8]}\n', "must be a number"),
        ('{"_step": 1, "test_error": 1e999}\n', "test_error is 'inf'."),
        (f'{{"_step": 1, "test_error": {"9" * 400}}}\n', "must be a number"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "is not a JSON object"),
    ],
)
def test_a_table_that_is_wrong_gets_a_sentence(text: str | bytes, sentence: str) -> None:
    assert sentence in refusal(text)


def test_a_file_of_too_many_rows_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_ROWS == 1_000_000
    monkeypatch.setattr("store.imports.tables.MOST_ROWS", 1000)
    rows = b"iteration,test_error\n" + b"".join(b"%d,50\n" % number for number in range(1, 1002))
    assert refusal(rows) == "The file has more than 1,000 rows. Keep every tenth, for example."


def test_a_named_column_must_be_there() -> None:
    columns = {"test_error": FileColumn(name="eval")}
    assert "The file has no numbers in 'eval'. It has 'train_error'." in refusal(
        "iteration,train_error\n1,90\n", columns=columns
    )


def test_values_at_uneven_iterations_stay_where_they_are() -> None:
    curve = read("iteration,train_error\n1,90\n2,80\n10,70\n64000,5\n")
    assert np.array_equal(curve.series["train_error"].iteration, [1, 2, 10, 64_000])
