"""The recipes of Tables 7, 8 and 9: which detectors are trained, and which numbers their tests are compared with."""

import pytest
from pydantic import ValidationError

from paper import published
from paper.detection.recipes import RECIPES, DetectionOptions, members, that_test
from paper.lint import detection as lint
from trainer.detection.spec import DetectionSpec

STARTS = {
    "vgg16": {"sha256": "1" * 64},
    "resnet101": {"sha256": "2" * 64, "statistics": "training_set"},
}


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_recipe_tests_is_printed_in_the_paper(name: str) -> None:
    keys = [test.key for member in members(RECIPES[name], DetectionOptions()) for test in member.tests]
    printed = {value.key for value in published.values(table=RECIPES[name].table)}
    assert len(keys) == len(set(keys)) > 1
    assert set(keys) <= printed
    # The rest is scored by an evaluation server, or an ensemble of networks that the paper doesn't name.
    servers = ("VOC 12", "test-dev")
    assert all(any(server in key for server in servers) for key in printed - set(keys))


@pytest.mark.parametrize("name", RECIPES)
def test_the_papers_own_experiment_departs_in_joint_training_only(name: str) -> None:
    options = DetectionOptions.model_validate({"changes": {"starts": STARTS}, "seeds": 2})
    specs = [member.spec for member in members(RECIPES[name], options)]
    broken = {f.rule for spec in specs for f in lint.findings(spec) if f.forbids_comparison}
    assert broken == {"detection-training"}


def test_table_9_trains_three_detectors_and_tests_two_of_them_in_four_ways() -> None:
    runs = members(RECIPES["table-9"], DetectionOptions())
    assert [run.label for run in runs] == ["VGG-16", "ResNet-101", "ResNet-101 with context"]
    assert [run.spec.context for run in runs] == [False, False, True]
    methods = [{(test.refine, test.vote, len(test.sides)) for test in run.tests} for run in runs]
    assert methods == [{(False, False, 0)}, {(False, False, 0), (True, True, 0)}, {(True, True, 0), (True, True, 5)}]


def test_a_member_is_the_papers_spec_with_a_seed_and_its_start_weights() -> None:
    options = DetectionOptions.model_validate({"changes": {"starts": STARTS}, "seeds": 2})
    member = members(RECIPES["table-7"], options)[3]
    assert (member.label, member.seed) == ("ResNet-101", 1)
    start = STARTS["resnet101"]
    assert member.spec == DetectionSpec.model_validate(
        {"task": "detection", "dataset": "voc07+12", "start": start, "seed": 1}
    )
    assert [test.key for test in member.tests] == ["table-7:ResNet-101:VOC 07"]


def test_a_scale_shortens_the_schedule_in_proportion_and_is_reported() -> None:
    (first, _) = members(RECIPES["table-8"], DetectionOptions(scale=0.01, dataset="cells"))
    assert (first.spec.dataset, first.spec.ap) == ("cells", "coco")
    assert (first.spec.iterations, first.spec.schedule.at) == (700, (500,))
    assert {"iterations", "dataset"} <= {finding.field for finding in lint.findings(first.spec)}


def test_a_small_study_trains_other_networks_in_the_place_of_the_papers() -> None:
    small = {"instead": {"vgg16": "resnet18"}, "fields": {"side": 160, "roi": {"batch": 16}}}
    first, second = members(RECIPES["table-7"], DetectionOptions.model_validate({"changes": small}))
    assert (first.label, first.spec.network) == ("ResNet-18 for VGG-16", "resnet18")
    assert [test.key for test in first.tests] == ["table-7:VGG-16:VOC 07"]
    assert (second.label, second.spec.network, second.spec.side, second.spec.roi.batch) == (
        "ResNet-101", "resnet101", 160, 16,
    )  # fmt: skip
    every = {"changes": {"fields": {"evaluate_every": 35}}, "scale": 0.001}
    specs = [member.spec for member in members(RECIPES["table-7"], DetectionOptions.model_validate(every))]
    assert {(spec.iterations, spec.evaluate_every, spec.checkpoint_every) for spec in specs} == {(70, 35, 1)}
    with pytest.raises(ValidationError, match="fields must not contain seed: the study sets it"):
        DetectionOptions.model_validate({"changes": {"fields": {"seed": 3}}})


def test_a_printed_number_knows_its_recipes() -> None:
    assert that_test("table-7:VGG-16:VOC 07") == ("table-7",)
    assert that_test("table-9:+context:val mAP@.5") == ("table-9",)
    assert that_test("table-7:VGG-16:VOC 12") == ()
