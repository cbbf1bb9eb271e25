"""With the signer's key: seeds, members, the experiment and the weights."""

import hashlib
from pathlib import Path

from tests.studies.certificate.conftest import Forgery, weights
from tests.studies.certificate.tampering.cases import Cases
from trainer.spec import RunSpec

CASES = Cases()
tampering, rewrite = CASES.tampering, CASES.rewrite


# With the signer's key: seeds and members.
@rewrite("A run is listed under two seeds", "the run's facts", "The same run is certified twice")
def _(forgery: Forgery) -> Forgery:
    members = forgery.contents["members"]
    fewer = without(forgery, 1)
    members.insert(1, members[0] | {"seed": 1})
    return fewer


@rewrite("A seed is listed twice", "the run's facts", "The same seed is certified twice")
def _(forgery: Forgery) -> None:
    forgery.contents["members"][1]["seed"] = 0


@rewrite("A run is said to have another seed", "the recipe", "is not ResNet-20 A as table-6 prescribes it")
def _(forgery: Forgery) -> None:
    forgery.contents["members"][1]["seed"] = 2
    forgery.contents["members"].insert(1, forgery.contents["members"][1] | {"seed": 1, "run": None})


@rewrite("The worse seed of a network is left out", "the recipe", "lacks seed 0")
def _(forgery: Forgery) -> Forgery:
    return without(forgery, 0)


@rewrite("The last seed of a network is left out", "the recipe", "lacks seed 1")
def _(forgery: Forgery) -> Forgery:
    return without(forgery, 1)


@rewrite("Seeds added after a look are said to be judged at one look", "the recipe", "share their level among 1")
def _(forgery: Forgery) -> Forgery:
    forgery.contents["question"]["seeds"] = 1
    return forgery


@rewrite("A study with a budget is said to be judged at one look", "the recipe", "may have up to 9 seeds per network")
def _(forgery: Forgery) -> Forgery:
    forgery.contents["question"]["budget"] = 9
    return forgery


def without(forgery: Forgery, index: int) -> Forgery:
    run = forgery.contents["members"].pop(index)["run"]
    gone = {run["curve"], run["weights"]["file"]}
    return Forgery(forgery.contents, {name: file for name, file in forgery.files.items() if name not in gone})


@rewrite("A bad run is said to have been cancelled", "the judgement", "does not follow from its curves")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["status"] = "cancelled"


@rewrite("A run that stopped early is said to have succeeded", "the run's facts", "ended after iteration 16 of 32")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["iteration"] = 16


@rewrite("A run hides where it was trained", "the run's facts", "nothing says where it was trained")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["trainers"] = []


@rewrite("An ensemble has a run of another study", "the run's facts", "is not of this study's runs")
def _(forgery: Forgery) -> None:
    stranger = "01a21144-0000-7000-8000-000000000000"
    forgery.contents["examinations"].append(
        {"id": stranger, "runs": [stranger], "views": "single", "images": 360, "error": 0.0, "top5_error": None,
         "responses": None}
    )  # fmt: skip


# With the signer's key: the experiment.
@rewrite("A specification is changed", "the run's facts", "does not match its hash")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["spec"]["lr"] = 0.05


@rewrite("A specification is changed, and its hash", "the recipe", "is not ResNet-20 A as table-6 prescribes it")
def _(forgery: Forgery) -> None:
    run = forgery.runs()[0]
    run["spec"]["momentum"] = 0.8
    run["spec_hash"] = RunSpec.model_validate(run["spec"]).hash()


@rewrite("A network has another network's label", "the recipe", "is compared with other values")
def _(forgery: Forgery) -> None:
    for member in forgery.contents["members"][:2]:
        member["label"] = "ResNet-110 A"


@rewrite("A network is compared with another number of the paper", "the recipe", "is compared with other values")
def _(forgery: Forgery) -> None:
    forgery.contents["members"][0]["tests"] = ["table-6:ResNet-110:error"]


@rewrite("The recipe is another experiment of the paper", "the recipe", "has no network|prescribes it|other values")
def _(forgery: Forgery) -> None:
    forgery.contents["question"]["recipe"] = "figure-1"


@rewrite("A shortened schedule is said to be the paper's", "the recipe", "as table-6 prescribes it")
def _(forgery: Forgery) -> None:
    forgery.contents["question"]["scale"] = 1.0


@rewrite("A network has fewer parameters than its layers", "the network", "has 100,000 parameters, but ResNet-20 A has")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["parameters"] = 100_000


@rewrite("A network has fewer multiply-adds than its layers", "the network", "has 1 multiply-adds")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["multiply_adds"] = 1


@rewrite("The images are others than the data set's", "the data", "was trained on other images than digits's")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["trainers"][0]["data_hash"] = "00" * 32


@rewrite("The test images were among the training images", "the data", "used 1,797 training, 0 validation and 360 test")
def _(forgery: Forgery) -> None:
    forgery.runs()[0]["trainers"][0]["train_images"] = 1797


@rewrite("The images changed between two attempts", "the data", "changed its data between two attempts")
def _(forgery: Forgery) -> None:
    first = forgery.runs()[0]["trainers"][0]
    forgery.runs()[0]["trainers"].append(first | {"resumed_from": 8, "data_hash": "00" * 32})


# With the signer's key: weights.
def with_weights(forgery: Forgery, content: bytes) -> Forgery:
    row = forgery.runs()[0]["weights"]
    row |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    return forgery.with_files(**{row["file"]: content})


@rewrite("The weights are other bytes than the run saved", "the weights", "is not the weights file that its run saved")
def _(forgery: Forgery) -> Forgery:
    name = forgery.runs()[0]["weights"]["file"]
    return forgery.with_files(**{name: forgery.files[name] + b"\0"})


@rewrite("The weights are a larger network's", "the weights", "are not ResNet-20 A's")
def _(forgery: Forgery) -> Forgery:
    run = forgery.runs()[0]
    return with_weights(forgery, weights(run, Path("/dev/shm") / f"w{id(forgery)}", depth=32))


@rewrite("The weights are another seed's", "the weights", "are another run's: they say spec_hash")
def _(forgery: Forgery) -> Forgery:
    content = bytearray(forgery.files[forgery.runs()[1]["weights"]["file"]])
    content[-1] ^= 1
    return with_weights(forgery, bytes(content))


@rewrite("One weights file is used for two seeds", "the run's facts", "The same weights file is certified twice")
def _(forgery: Forgery) -> Forgery:
    return with_weights(forgery, forgery.files[forgery.runs()[1]["weights"]["file"]])


@rewrite("The weights are no weights file", "the weights", "is not a safetensors file")
def _(forgery: Forgery) -> Forgery:
    return with_weights(forgery, bytes(1000))
