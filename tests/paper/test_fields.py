"""Every field of a specification stands beside a sentence of the paper, or beside none on purpose."""

from paper import fields, published
from trainer.spec import RunSpec


def test_every_field_is_listed_with_its_meaning() -> None:
    parts = {
        f"{whole}.{part}"
        for whole, models in fields.PARTS.items()
        for model in models
        for part in model.model_fields
        if whole and part != "kind"
    }
    assert set(fields.SENTENCES) == set(RunSpec.model_fields) | parts
    assert [name for name in fields.SENTENCES if not fields.about(name)] == []
    assert "warm-up ends" in fields.about("warmup.until_train_error")


def test_every_sentence_is_the_papers() -> None:
    named = {sentence for by_family in fields.SENTENCES.values() for sentence in by_family.values()}
    assert named <= {sentence.id for sentence in published.sentences()}


def test_a_sentence_is_that_of_the_family() -> None:
    batches = {family: fields.sentence("batch_size", family) for family in ("cifar", "imagenet")}
    assert {family: sentence.section if sentence else None for family, sentence in batches.items()} == {
        "cifar": "4.2",
        "imagenet": "3.4",
    }
    assert fields.sentence("precision", "cifar") is None
