"""The lines of a check that depend on how busy the machine is, and on how many devices it has."""

from pathlib import Path

import pytest
import torch

from tests.trainer.conftest import CPU
from trainer.acceptance import loop, scaling
from trainer.acceptance.conditions import Conditions
from trainer.acceptance.report import Measurement
from trainer.acceptance.turns import Ratio, Turn, compare


def line(tmp_path: Path, threads: int, devices: int) -> Measurement:
    torch.set_num_threads(threads)
    (only,) = scaling.measure(Conditions(CPU, tmp_path, devices, is_short=True))
    return only


@pytest.mark.parametrize(
    ("threads", "devices", "why"),
    [
        (2, 1, "not run: see --devices"),
        (1, 2, "not run here: 2 devices, but 1 thread"),
        (2, 3, "not run here: 3 devices, but 2 threads"),
    ],
)
def test_where_devices_cannot_be_compared_the_line_says_why(
    threads: int, devices: int, why: str, tmp_path: Path
) -> None:
    refused = line(tmp_path, threads, devices)
    assert (refused.verdict, refused.measured) == ("not run", why)


BUSY = " The turns differ too much to decide: check again on an idle machine."


@pytest.mark.parametrize(
    ("ours", "verdict", "advice"),
    [
        ([96, 97, 80], "passed", ""),
        ([90, 91, 96], "measured", BUSY),
        ([90, 91, 94], "failed", ""),
    ],
)
def test_only_turns_that_disagree_ask_for_an_idle_machine(ours: list[float], verdict: str, advice: str) -> None:
    """By CPU time, which does not count what other programs take: the clock would say the opposite here."""
    ratio = compare([Turn(1, rate) for rate in ours], [Turn(2, 100) for _ in ours], by_cpu_time=True)
    assert ratio == Ratio(sorted(ours)[1] / 100, min(ours) / 100, max(ours) / 100, 3, sorted(ours)[1], 100)
    measurement = loop._measurement("the loop", ratio, loop.LEAST_OF_STEP, "It must cost little.")
    assert (measurement.verdict, measurement.reason) == (verdict, f"It must cost little.{advice}")
