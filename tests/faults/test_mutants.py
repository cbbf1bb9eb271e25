"""The mutants fit the current source, so `make mutants` can be run at any time."""

import pytest

from tests.faults.mutants import MUTANTS, ROOT, Mutant, Unfit, passes, source_copy


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_fits_its_file_and_names_a_test(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text()
    compile(mutant.apply(source), mutant.file, "exec")
    file, _, test = mutant.caught_by.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text()


def test_the_page_on_reliability_lists_every_mutant() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text()
    for mutant in MUTANTS:
        file, _, test = mutant.caught_by.partition("::")
        sentence = test.removeprefix("test_").replace("_", " ")
        assert f"| {mutant.name} | `{file.removeprefix('tests/')}`: {sentence} |" in page


def test_a_mutant_that_no_longer_fits_is_reported() -> None:
    with pytest.raises(Unfit, match="0 times"):
        MUTANTS[0].apply("another text")


def test_the_tests_of_the_copy_run_against_the_copy() -> None:
    with source_copy() as copy:
        test = copy / "test_it.py"
        test.write_text(f"def test_it():\n    import store\n    assert store.__file__.startswith({str(copy)!r})\n")
        assert passes(copy, test.name)
        (copy / "store" / "__init__.py").write_text("raise RuntimeError")
        assert not passes(copy, test.name)
