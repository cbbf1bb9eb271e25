"""The library for notebooks: `Reslab` and the objects that it answers. Its examples are tested.

from reslab import Reslab

lab = Reslab()
run = lab.submit(depth=20, shortcut="A", dataset="digits", iterations=400, evaluate_every=20)
run.wait().curves().test_error.dropna()
"""

from reslab.lab.comparison import Comparison
from reslab.lab.figure import Figure
from reslab.lab.lab import Reslab
from reslab.lab.run import Run, RunFailed
from reslab.lab.study import Study

__all__ = ["Comparison", "Figure", "Reslab", "Run", "RunFailed", "Study"]
