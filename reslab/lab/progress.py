"""A bar of a run's or study's progress, in a terminal and in a notebook."""

import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Progress(NamedTuple):
    """How far the training is: iterations, and a note such as the newest test error."""

    iteration: int
    note: str = ""


def shown(steps: Iterable[Progress], iterations: int, label: str, *, visible: bool) -> Iterator[Progress]:
    """The same steps, drawn as they pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook without ipywidgets gets the bar as text, and no advice
        from tqdm.auto import tqdm
    with tqdm(total=iterations, desc=label, unit="it", disable=not visible) as bar:
        for step in steps:
            bar.update(max(0, step.iteration - bar.n))
            if step.note:
                bar.set_postfix_str(step.note, refresh=False)
            yield step
