"""The time of a verdict and of all claims, CPU time of one process: `python -m benchmarks.verdict_times`.

The process's first verdict loads scipy and numpy; the others are on errors that are all different, so that no cache
answers.
"""

import resource
import time
from collections.abc import Callable
from functools import partial
from statistics import median

VERDICTS, CLAIMS = 200, 5


def main() -> None:
    before = _memory_mb()
    first, *others = (_cpu_ms(partial(_verdict, number * 1e-6)) for number in range(VERDICTS + 1))
    print(f"the first verdict: {first:,.0f} ms and {_memory_mb() - before:.0f} MB")
    others.sort()
    print(f"the next {VERDICTS}: median {median(others):.2f} ms, p95 {others[VERDICTS * 95 // 100]:.2f} ms")
    from paper.claims import evaluate
    from tests.paper.test_claims import CIFAR, world

    results = world(CIFAR, "cifar10", "single view")
    took = median(_cpu_ms(lambda: evaluate(results)) for _ in range(CLAIMS))
    print(f"all claims on {len(results)} runs: median {took:.0f} ms")


def _verdict(shift: float) -> None:
    from paper import published
    from paper.results import LastError, LastErrors
    from paper.verdicts import verdict

    errors = tuple(LastError(error + shift) for error in (8.47, 8.74, 9.03, 8.6))
    verdict(LastErrors(errors), published.value(6, "ResNet-20", "error"))


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
