"""What the paper prints, as data: cells, spreads, statements, notes; and each number in one place only."""

import re
from pathlib import Path

import pytest

from paper import published, references
from trainer.spec import RunSpec

ROOT = Path(__file__).parents[2]
# Not the tests: a case that was worked out by hand has its numbers written out.
SOURCES = ("trainer", "paper", "store", "worker", "api", "reslab", "benchmarks", "frontend/src")


def test_every_table_and_every_figure_with_curves_is_included() -> None:
    assert [table.number for table in published.tables()] == list(range(1, 15))
    assert [figure.number for figure in published.figures()] == [1, 4, 6, 7]


def test_networks_in_a_table_have_the_names_of_their_specs() -> None:
    nets = [value.network for value in published.values(table=6) if value.network and value.column == "error"]
    assert nets == [RunSpec(depth=d, shortcut="A", dataset="cifar10").name for d in (20, 32, 44, 56, 110, 1202)]
    nets = [value.network for value in published.values(table=3) if value.network and value.column == "top-1"]
    assert nets == [
        RunSpec.model_validate({"depth": depth, "shortcut": shortcut, "dataset": "imagenet"}).name
        for depth, shortcut in [(34, "none"), (34, "A"), (34, "B"), (34, "C"), (50, "B"), (101, "B"), (152, "B")]
    ]


def test_resnet_110_has_the_spread_of_its_five_runs() -> None:
    error = published.value(6, "ResNet-110", "error")
    assert (error.metric, error.protocol, error.unit) == ("test error", "single view", "%")
    assert error.spread is not None
    assert error.spread.runs == 5
    assert error.printed == f"{error.value:.2f} ({error.spread.mean:.2f}±{error.spread.std:.2f})"
    assert [value.row for value in published.values(table=6) if value.spread] == [
        "Highway [42,43], 19 layers",
        "ResNet-110",
    ]


def test_the_papers_own_order_holds_between_its_numbers() -> None:
    errors = [published.value(6, f"ResNet-{depth}", "error").value for depth in (20, 32, 44, 56, 110)]
    assert errors == sorted(errors, reverse=True)
    assert published.value(6, "ResNet-1202", "error").value > errors[-1]
    two, three = (published.values(network="ResNet-34 A", table=table)[0].value for table in (2, 3))
    assert two == three  # printed twice


def test_an_inconsistency_is_noted_at_its_number() -> None:
    assert any("truncation" in note for note in published.value(1, "50-layer", "FLOPs").notes)
    statements = {f"statement:{statement.id}" for statement in published.statements()}
    keys = {value.key for value in published.values()} | statements
    assert {key for note in published.notes().inconsistencies for key in note.about} <= keys


def test_the_text_agrees_with_the_defaults_of_a_spec() -> None:
    cifar = RunSpec(depth=110, shortcut="A", dataset="cifar10")
    assert cifar.warmup is not None
    assert (cifar.warmup.lr, cifar.warmup.until_train_error) == (_value("warmup-lr"), _value("warmup-until"))
    assert (cifar.iterations, cifar.batch_size, cifar.lr) == (
        _value("cifar-iterations"),
        _value("cifar-batch"),
        _value("cifar-lr"),
    )
    assert (cifar.weight_decay, cifar.momentum) == (_value("weight-decay"), _value("momentum"))
    assert cifar.schedule.kind == "steps"
    assert cifar.schedule.at == _value("cifar-drops")
    imagenet = RunSpec(depth=18, shortcut="A", dataset="imagenet")
    assert (imagenet.iterations, imagenet.batch_size) == (_value("imagenet-iterations"), _value("imagenet-batch"))


def test_table_6_prints_the_parameters_that_were_counted() -> None:
    for network in references.counts().networks:
        if (network.dataset, network.shortcut) == ("CIFAR-10", "A"):
            text = published.value(6, f"ResNet-{network.depth}", "params").printed
            assert f"{network.parameters / 1e6:.{len(text.partition('.')[2])}f}" == text


def test_a_value_that_is_not_printed_raises_key_error() -> None:
    with pytest.raises(KeyError):
        published.table(15)
    with pytest.raises(KeyError):
        published.value(3, "GoogLeNet [44]", "top-1")


def test_a_result_of_the_paper_is_typed_nowhere_in_the_source() -> None:
    """Results with two decimals (Tables 2 to 6): fewer could be any number. They are read from the data files."""
    results = {value.value for table in (2, 3, 4, 5, 6) for value in published.values(table=table) if value.unit == "%"}
    results |= {value.spread.mean for value in published.values() if value.spread}
    telling = [f"{result:.2f}" for result in results if f"{result:.2f}"[-1] != "0"]
    typed = re.compile(rf"(?<![\d.])(?:{'|'.join(map(re.escape, telling))})(?!\d)")
    matches = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".ts", ".tsx")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in typed.finditer(line)
    ]
    assert matches == []
    assert len(telling) > 40


def _value(id: str) -> object:  # noqa: A002 (as in the data)
    return published.statement(id).value
