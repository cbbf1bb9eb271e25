"""`python -m trainer check` in its short form, in this process; its trainers are forked from a warm one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tests.trainer.conftest import CPU
from trainer.__main__ import main
from trainer.acceptance import arithmetic, command
from trainer.acceptance.check import TOPICS, check
from trainer.acceptance.conditions import Conditions
from trainer.acceptance.report import NO_BAR, NO_GPU, Measurement, Report
from trainer.networks import Network
from trainer.spec import RunSpec
from trainer.training import begin

# What a CPU measures against a bar, and what the load of a test's machine cannot change.
CERTAIN = {"arithmetic": 4, "determinism": 1, "resume": 1, "memory": 1}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Report:
    torch.set_num_threads(1)
    shown: list[Measurement] = []
    conditions = Conditions(CPU, tmp_path_factory.mktemp("check"), is_short=True)
    whole = check(conditions, command.TOPICS, shown.append)
    assert list(whole.measurements) == shown
    return whole


@pytest.mark.long
def test_a_cpu_passes_every_claim_that_it_can_test(report: Report) -> None:
    assert tuple(TOPICS) == command.TOPICS
    assert list(dict.fromkeys(measurement.topic for measurement in report.measurements)) == list(command.TOPICS)
    verdicts = [(m.topic, m.verdict, m.measured) for m in report.measurements if m.bar != NO_BAR]
    assert [topic for topic, verdict, _ in verdicts if verdict == "passed"] == [
        topic for topic, count in CERTAIN.items() for _ in range(count)
    ], verdicts
    assert report.is_accepted
    assert all(measurement.reason.endswith(".") for measurement in report.measurements)


@pytest.mark.long
def test_what_needs_a_gpu_says_so(report: Report) -> None:
    assert [m.topic for m in report.measurements if m.measured == NO_GPU] == ["graph", "graph", "synchronisation"]


@pytest.mark.long
def test_each_kind_of_convolution_has_its_share(report: Report) -> None:
    assert [share.count for share in report.layers] == [1, 6, 1, 5, 1, 5]
    assert [share.input_gradient is None for share in report.layers] == [True, *[False] * 5]
    assert all(share.forward > 0 and share.weight_gradient > 0 for share in report.layers)


@pytest.mark.long
def test_the_report_is_a_page_or_json_by_the_files_name(report: Report, tmp_path: Path) -> None:
    report.write(tmp_path / "report.json")
    assert Report.model_validate_json((tmp_path / "report.json").read_text()) == report
    report.write(tmp_path / "report.md")
    page = (tmp_path / "report.md").read_text()
    assert all(measurement.row() in page for measurement in report.measurements)
    assert report.machine.source in page


def _rounded(inputs: Tensor) -> Tensor:
    """As TF32 reads float32: 13 of the 24 binary digits are dropped. The gradient passes."""
    return inputs + (inputs.view(torch.int32).bitwise_and(~0x1FFF).view(torch.float32) - inputs).detach()


def test_a_device_that_computes_in_tf32_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def build(spec: RunSpec, device: torch.device) -> Network:
        network = begin(spec, 10 if spec.family == "cifar" else 1000, "", device).network
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.register_forward_pre_hook(lambda _, inputs: (_rounded(inputs[0].contiguous()),))
        return network

    monkeypatch.setattr(arithmetic, "_network", build)
    first = next(arithmetic.measure(Conditions(CPU, tmp_path, is_short=True)))
    assert first.verdict == "failed", first


def test_what_breaks_is_a_failure_and_the_rest_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(conditions: Conditions) -> Iterator[Measurement]:
        raise RuntimeError("no such kernel\nin detail")

    monkeypatch.setitem(TOPICS, "speed", broken)
    page = check(Conditions(CPU, tmp_path, is_short=True), ("speed", "devices"), lambda _: None)
    assert [(m.topic, m.verdict) for m in page.measurements] == [("speed", "failed"), ("devices", "not run")]
    assert page.measurements[0].measured == "RuntimeError: no such kernel"
    assert not page.is_accepted
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--only", "speed,spede", "'spede' is not among arithmetic, "),
        ("--devices", "0", "'0' is not a number of devices"),
    ],
)
def test_a_bad_option_is_refused_with_what_is_allowed(
    option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["check", option, value])
    assert message in capsys.readouterr().err
