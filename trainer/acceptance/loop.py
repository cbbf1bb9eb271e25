"""Owns the comparison of the training loop with its own step, and with the script that people usually start from."""

import os
from collections.abc import Iterator

from trainer.acceptance.conditions import Conditions, cifar
from trainer.acceptance.report import Measurement, Verdict
from trainer.acceptance.turns import Ratio, bare_step, compare, in_turns, noise, usual_script, whole_loop
from trainer.environment import Environment
from trainer.process.supervision import Stop

TOPIC = "loop"
# The loop may cost a few percent of a step.
LEAST_OF_STEP = 0.95
LEAST_OF_USUAL = 1.0
ROUNDS = 5


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """Two ratios. The short form leaves them out: on a network small enough for it, they say nothing."""
    spec = cifar(20)
    what = [f"{spec.name}: the whole loop against {other}" for other in ("the bare step", "the usual script")]
    if conditions.is_short:
        reason = "Small networks say nothing about it, and this one takes a minute."
        yield from (
            Measurement(topic=TOPIC, what=claim, measured="not run in the short form", verdict="not run", reason=reason)
            for claim in what
        )
        return
    data = noise(50_000, conditions.device)
    environment = Environment(conditions.workdir, conditions.device, Stop())
    with usual_script(spec.batch_size, conditions.device, len(os.sched_getaffinity(0))) as usual:
        step = bare_step(spec, data, conditions.device)
        runners = {"loop": whole_loop(spec, data, environment), "step": step, "usual": usual}
        turns = in_turns(runners, spec.batch_size, ROUNDS, 200 if conditions.is_gpu else 4)
    unit = "Images a second." if conditions.is_gpu else "Images a second of CPU time."
    yield _measurement(
        what[0],
        compare(turns["loop"], turns["step"], by_cpu_time=not conditions.is_gpu),
        LEAST_OF_STEP,
        f"Batches, augmentation, metrics and events must cost next to nothing. {unit}",
    )
    yield _measurement(
        what[1],
        compare(turns["loop"], turns["usual"], by_cpu_time=not conditions.is_gpu),
        LEAST_OF_USUAL,
        f"A DataLoader of PIL images, torch's SGD and default settings. {unit}",
    )


def _measurement(what: str, ratio: Ratio, least: float, reason: str) -> Measurement:
    """On a busy machine turns differ: the claim fails if none of them reaches the bar."""
    verdict: Verdict = "passed" if ratio.median >= least else "failed" if ratio.highest < least else "measured"
    busy = " The turns differ too much to decide: check again on an idle machine." if verdict == "measured" else ""
    return Measurement(
        topic=TOPIC, what=what, measured=f"{ratio}", bar=f"≥ {least:g}", verdict=verdict, reason=reason + busy
    )
