"""An evaluation: its precision, and the network that it leaves."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from tests.trainer.conftest import CPU, small_spec
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
