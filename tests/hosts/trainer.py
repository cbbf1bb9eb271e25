"""The workers' trainer: for `synthetic` the chain trainer, whose pace a test can set, for the rest the real one.

`python trainer.py ORDERS run --spec …`, as for tests/faults/chain_trainer.py.
"""

import json
import runpy
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))


def main() -> int:
    arguments = sys.argv[2:]
    if "--spec" in arguments and _dataset(arguments[arguments.index("--spec") + 1]) != "synthetic":
        sys.argv[1:] = arguments
        runpy.run_module("trainer", run_name="__main__", alter_sys=True)
    from tests.faults import chain_trainer

    return chain_trainer.main()


def _dataset(spec: str) -> object:
    return json.loads(Path(spec).read_text())["dataset"]


if __name__ == "__main__":
    sys.exit(main())
