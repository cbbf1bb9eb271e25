"""Owns a check: the topics in their order, under the same conditions, and what happens when one breaks."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import monotonic

from trainer.acceptance import (
    arithmetic,
    convolutions,
    determinism,
    graph,
    loop,
    memory,
    photographs,
    resume,
    scaling,
    speed,
    synchronisation,
)
from trainer.acceptance.conditions import Conditions
from trainer.acceptance.report import LayerShare, Measurement, Report, now

log = logging.getLogger(__name__)

Topic = Callable[[Conditions], Iterator[Measurement | LayerShare]]
TOPICS: dict[str, Topic] = {
    module.TOPIC: module.measure
    for module in (
        *(arithmetic, determinism, graph, resume, memory, synchronisation),
        *(loop, speed, convolutions, scaling, photographs),
    )
}


def check(conditions: Conditions, topics: Sequence[str], show: Callable[[Measurement], None]) -> Report:
    """Measure the topics one after the other. `show` gets each measurement as soon as it is made."""
    machine, started_at, start_s = conditions.describe(), now(), monotonic()
    measurements: list[Measurement] = []
    layers: list[LayerShare] = []
    for topic in topics:
        for result in _measure(topic, conditions):
            if isinstance(result, LayerShare):
                layers.append(result)
            else:
                measurements.append(result)
                show(result)
        log.info("%s: done after %.1f s, %.1f s of CPU time", topic, monotonic() - start_s, _cpu_seconds())
    return Report(
        machine=machine,
        is_short=conditions.is_short,
        started_at=started_at,
        seconds=monotonic() - start_s,
        measurements=tuple(measurements),
        layers=tuple(layers),
    )


def _cpu_seconds() -> float:
    """Of this process, and of those that it started and that have ended."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def _measure(topic: str, conditions: Conditions) -> Iterator[Measurement | LayerShare]:
    """A topic that breaks is a measurement that failed; the others are still measured."""
    with tempfile.TemporaryDirectory(dir=conditions.workdir, prefix=f"{topic}-") as folder:
        try:
            yield from TOPICS[topic](replace(conditions, workdir=Path(folder)))
        except Exception as error:
            log.exception("%s could not be measured", topic)
            yield Measurement(
                topic=topic,
                what=f"{topic}: measuring it",
                measured=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
                verdict="failed",
                reason="It broke off; the log on stderr has the whole story.",
            )
