"""An evaluation: its precision, the network that it leaves, and how the ranks of a run share it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from tests.trainer.conftest import CPU, small_spec
from tests.trainer.together import together
from trainer.data.images import Data
from trainer.evaluation import evaluate
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import begin


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_network_is_evaluated_in_its_runs_precision(precision: str, small_data: Callable[[RunSpec], Data]) -> None:
    spec = small_spec(precision=precision)
    data = small_data(spec)
    training = begin(spec, 10, data.hash, CPU)
    evaluation = evaluate(training, data.test, data.mean, Stop())
    assert evaluation is not None
    losses = {}
    network = training.network.eval()
    for name in ("fp32", "bf16"):
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=name == "bf16"):
            (inputs, labels), *_ = data.test.views(data.mean)
            logits = network(inputs)
        losses[name] = F.cross_entropy(logits.float(), labels).item()
    assert evaluation.loss == pytest.approx(losses[precision], rel=1e-6)
    assert losses["fp32"] != pytest.approx(losses["bf16"], rel=1e-6)


# Each rank has running statistics of its own, as after training. Batches are of 7 images.
SHARED = """
import os
import time
from dataclasses import asdict
from threading import Event
from trainer.data import synthetic
from trainer.data.images import Images, arrange
from trainer.evaluation import evaluate
from trainer.process import pulse
from trainer.process.ranks import ALONE
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import begin
Images.views_per_batch = 7
spec = RunSpec(depth=8, shortcut="A", dataset="synthetic")
data = arrange(synthetic.load(), None, 0, torch.device("cpu"))
training, stop = begin(spec, 10, "", torch.device("cpu")), Stop()
training.ranks = ranks
with torch.no_grad():
    for name, buffer in training.network.named_buffers():
        buffer.add_(rank)
views = Images.views
"""


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("count", [pytest.param(2, marks=pytest.mark.long), 3, pytest.param(4, marks=pytest.mark.long)])
def test_ranks_that_share_an_evaluation_count_what_rank_0_alone_counts(count: int, tmp_path: Path) -> None:
    """Bit for bit, also where a rank has no image of its own."""
    source = SHARED + (
        "ranks.spread(training.network.buffers())\n"
        "reports = []\n"
        "for images in (64, 5):\n"
        "    part = data.test.cut(slice(0, images))\n"
        "    reports.append(asdict(evaluate(training, part, data.mean, stop)))\n"
        "training.ranks = ALONE\n"
        "for images in (64, 5):\n"
        "    part = data.test.cut(slice(0, images))\n"
        "    reports.append(asdict(evaluate(training, part, data.mean, stop)))\n"
        "print(json.dumps(reports))"
    )
    first, *others = together(count, tmp_path / "run", source)
    assert first[:2] == first[2:]
    assert first[0]["images"] == 64
    assert all(other[:2] == first[:2] for other in others)


@pytest.mark.usefixtures("warm")
def test_rank_0_is_asked_to_stop_and_all_ranks_leave_the_evaluation(tmp_path: Path) -> None:
    """The others' images never end."""
    source = SHARED + (
        "def endless(self, mean):\n"
        "    while True:\n"
        "        yield from views(self, mean)\n"
        "        stop.is_requested = ranks.is_first\n"
        "Images.views = endless\n"
        "is_abandoned = evaluate(training, data.test.cut(slice(0, 64)), data.mean, stop) is None\n"
        "print(json.dumps([is_abandoned, training.network.training]))"
    )
    assert together(2, tmp_path / "run", source) == [[True, True]] * 2


@pytest.mark.usefixtures("warm")
def test_a_rank_that_hangs_in_an_evaluation_is_named_and_a_slow_one_is_not(tmp_path: Path) -> None:
    source = SHARED + (
        "pulse.TICK_S, pulse.HUNG_S = 0.05, 1.0\n"
        "def give_up(other, seconds):\n"
        "    print(json.dumps(['named', other]), flush=True)\n"
        "    (folder / 'named').touch()\n"
        "    os._exit(0)\n"
        "if rank:\n"
        "    pulse.show(ranks.pulse, ranks.store, rank, Event())\n"
        "else:\n"
        "    pulse.watch(ranks.pulse, ranks.store, count, Event(), give_up)\n"
        "def slow(self, mean):\n"
        "    for batch in views(self, mean):\n"
        "        time.sleep(0.3 * rank)\n"  # a second in all, and less at a time
        "        yield batch\n"
        "Images.views = slow\n"
        "test = data.test.cut(slice(0, 64))\n"
        "evaluate(training, test, data.mean, stop)\n"
        "def stuck(self, mean):\n"
        "    if rank:\n"
        "        print(json.dumps(['hangs']), flush=True)\n"
        "        while not (folder / 'named').exists():\n"
        "            time.sleep(0.05)\n"
        "        os._exit(0)\n"
        "    yield from views(self, mean)\n"
        "Images.views = stuck\n"
        "evaluate(training, test, data.mean, stop)"
    )
    assert together(2, tmp_path / "run", source) == [["named", 1], ["hangs"]]
