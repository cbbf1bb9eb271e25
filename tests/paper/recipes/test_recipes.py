"""Every experiment of the paper as runs: which, what each tests, and what a scale or other data makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from paper import lint, published, recipes
from paper.recipes import RECIPES, RecipeOptions, WrongData, departures, members, that_test
from trainer.spec import RunSpec

NAMES = sorted(RECIPES)


def labels(name: str) -> list[str]:
    return [member.label for member in members(RECIPES[name], RecipeOptions())]


def test_every_experiment_that_this_service_can_train_is_a_recipe() -> None:
    assert set(NAMES) == {
        "table-1", "table-2", "table-3", "table-4", "table-5", "table-6", "figure-1", "figure-4", "figure-6-plain",
        "figure-6-resnet", "figure-6-1202", "figure-7", "footnote-3", "footnote-4", "footnote-5", "split-45k",
    }  # fmt: skip


@pytest.mark.parametrize("figure", [1, 4, 6, 7])
def test_a_figures_recipes_train_its_networks_and_plain_110(figure: int) -> None:
    drawn = {figure.number: set(figure.networks) for figure in published.figures()}[figure]
    trained = {label for recipe in RECIPES.values() if figure in recipe.figures for label in labels(recipe.name)}
    assert trained - {"plain-110"} == drawn


def test_every_number_of_the_papers_networks_in_tables_1_to_6_has_a_recipe() -> None:
    ours = {value.key for value in published.values() if value.network} | {"table-5:ResNet (ILSVRC'15):top-5"}
    assert {key for key in ours if not that_test(key)} == set()
    assert that_test("table-6:ResNet-110:error")[0] == "table-6"
    assert that_test("table-3:plain-34:top-5") == ("table-3",)
    assert that_test("table-6:Maxout [10]:error") == ()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_recipe_tests_is_printed_in_the_paper(name: str) -> None:
    statements = {f"statement:{statement.id}" for statement in published.statements()}
    keys = {value.key for value in published.values()} | statements
    tested = {key for member in members(RECIPES[name], RecipeOptions()) for key in member.tests}
    assert tested <= keys
    assert {f"statement:{statement}" for statement in RECIPES[name].statements} | set(RECIPES[name].together) <= keys


@pytest.mark.parametrize("name", NAMES)
def test_the_papers_own_experiment_has_no_departures(name: str) -> None:
    assert departures(RECIPES[name], RecipeOptions(seeds=3)) == ()


def test_a_member_is_the_papers_spec_with_a_seed() -> None:
    member = members(RECIPES["table-6"], RecipeOptions(seeds=5))[-6]
    assert (member.label, member.seed) == ("ResNet-110 A", 4)
    assert member.spec == RunSpec(depth=110, shortcut="A", dataset="cifar10", seed=4)
    assert member.tests == tuple(f"table-6:ResNet-110:{column}" for column in ("layers", "params", "error"))


def test_what_an_experiment_varies_is_not_the_network_of_the_table() -> None:
    with_warmup, without = members(RECIPES["footnote-5"], RecipeOptions())
    assert "table-6:ResNet-110:error" in with_warmup.tests
    assert without.tests == ("statement:without-warmup",)
    assert (with_warmup.spec.warmup is None, without.spec.warmup is None) == (False, True)
    split = members(RECIPES["split-45k"], RecipeOptions())[0]  # another reading of the same table
    assert "table-6:ResNet-20:error" in split.tests
    longer = members(RECIPES["footnote-3"], RecipeOptions())[0].spec
    assert longer.iterations == 3 * RunSpec(depth=18, shortcut="none", dataset="imagenet").iterations


def test_the_ensembles_two_152_layer_networks_have_different_seeds() -> None:
    deepest = [member for member in members(RECIPES["table-5"], RecipeOptions(seeds=2)) if member.spec.depth == 152]
    assert len({member.spec.hash() for member in deepest}) == 4


def test_a_scale_shortens_everything_that_counts_iterations() -> None:
    shorter = members(RECIPES["table-6"], RecipeOptions(scale=0.1))[4].spec
    assert (shorter.iterations, shorter.evaluate_every, shorter.checkpoint_every) == (6400, 100, 100)
    assert shorter.schedule.kind == "steps"
    assert shorter.schedule.at == (3200, 4800)
    assert shorter.warmup == RunSpec(depth=110, shortcut="A", dataset="cifar10").warmup
    imagenet = members(RECIPES["table-2"], RecipeOptions(scale=0.01))[0].spec
    assert (imagenet.iterations, imagenet.evaluate_every, imagenet.schedule.kind) == (6000, 50, "plateau")


@given(st.sampled_from(NAMES), st.floats(1e-9, 1, exclude_max=True))
def test_any_scale_below_1_gives_valid_runs_and_is_a_departure(name: str, scale: float) -> None:
    options = RecipeOptions(scale=scale)
    assert all(member.spec.evaluate_every >= 1 for member in members(RECIPES[name], options))
    assert departures(RECIPES[name], options)[0].rule == "scale"


def test_the_protocol_check_reports_a_shortened_run_too() -> None:
    shorter = members(RECIPES["figure-1"], RecipeOptions(scale=0.005))[0].spec
    assert [finding.rule for finding in lint.departures(shorter)] == ["scale"]


def test_other_data_is_a_departure_and_data_of_the_other_family_is_refused() -> None:
    copy = RecipeOptions(dataset="cifar10-jpeg75", scale=0.005)
    assert [finding.rule for finding in departures(RECIPES["figure-1"], copy)] == ["scale", "image-copy"]
    own = members(RECIPES["table-2"], RecipeOptions(dataset="imagenette"))[0].spec
    assert (own.family, own.dataset) == ("imagenet", "imagenette")
    with pytest.raises(WrongData, match="table-2 trains networks for ImageNet, so it can't use digits"):
        members(RECIPES["table-2"], RecipeOptions(dataset="digits"))
    with pytest.raises(WrongData, match="split-45k can't be trained on digits: train_images must be at most 1437"):
        departures(RECIPES["split-45k"], RecipeOptions(dataset="digits"))


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"scale": 1.01}, {"seeds": 0}, {"seeds": 101}, {"seed": 1}])
def test_a_scale_is_above_0_and_at_most_1_and_seeds_are_counted(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        RecipeOptions.model_validate(wrong)


def test_names_are_the_keys() -> None:
    assert all(name == recipe.name for name, recipe in recipes.RECIPES.items())
