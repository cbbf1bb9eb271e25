"""The model card: what was trained on what, where it departs from the paper, and how good it is, with n."""

import json
from collections.abc import Iterator, Sequence
from statistics import mean, stdev

from reslab.client.schema import Run, RunSpec
from reslab.screen.text import percent

PAPER = "[Deep Residual Learning for Image Recognition](https://arxiv.org/abs/1512.03385) (He et al. 2015)"
USE = """```python
from network import load  # network.py is in this folder; it needs torch and safetensors only

network, mean = load()
logits = network(images - mean)  # float32 RGB, 0 to 255
```"""
TIMM = """```python
import timm

network = timm.create_model("local-dir:FOLDER", pretrained=True)  # or the repository's name on the hub
```

torchvision has the same keys:

```python
torchvision.models.{architecture}(num_classes={classes}).load_state_dict(load_file("model.safetensors"))
```"""


def card(run: Run, spec: RunSpec, metadata: dict[str, str], equal: Sequence[Run], licence: str | None) -> str:
    """Markdown with the fields that Hugging Face reads at its head. JSON is YAML, so each value is JSON."""
    fields = _fields(run, licence, has_result=_has_result(run, metadata))
    head = "\n".join(f"{name}: {json.dumps(value)}" for name, value in fields.items())
    return f"---\n{head}\n---\n\n" + "\n\n".join(_sections(run, spec, metadata, equal)) + "\n"


def _has_result(run: Run, metadata: dict[str, str]) -> bool:
    """Whether the run's last test error is that of these weights, at the end of training."""
    return run.status == "succeeded" and int(metadata["iteration"]) == run.iteration


def _fields(run: Run, licence: str | None, *, has_result: bool) -> dict[str, object]:
    error = run.last.test_error if has_result else None
    accuracy = {"type": "accuracy", "value": round(100 - error, 2)} if error is not None else None
    result = {
        "task": {"type": "image-classification"},
        "dataset": {"name": run.spec.dataset, "type": run.spec.dataset, "split": "test"},
        "metrics": [accuracy] if accuracy else [],
    }
    return {
        **({"license": licence} if licence else {}),
        "pipeline_tag": "image-classification",
        "tags": ["resnet", "reslab", "arxiv:1512.03385"],
        "datasets": [run.spec.dataset],
        "model-index": [{"name": run.name, "results": [result]}],
    }


def _sections(run: Run, spec: RunSpec, metadata: dict[str, str], equal: Sequence[Run]) -> Iterator[str]:
    yield f"# {run.name}"
    yield f"The network of {PAPER}, {_made(run)} {run.parameters:,} parameters."
    yield "## Result\n\n" + "\n".join(_result(run, metadata, equal))
    yield "## Departures from the paper\n\n" + (
        "\n".join(f"- {finding.message}" for finding in run.departures) or "None that Reslab's protocol check knows of."
    )
    yield "## Protocol\n\n" + _table(run)
    yield f"## Use\n\n{USE}" + _theirs(spec, metadata)
    yield (
        f"## Origin\n\nRun `{run.id}`, specification `{run.spec_hash}`, data `{metadata['data_hash']}`, iteration "
        f"{int(metadata['iteration']):,}. Versions: `{metadata.get('versions', 'unknown')}`."
    )


def _made(run: Run) -> str:
    if run.origin is None:
        return f"trained on `{run.spec.dataset}` with Reslab."
    return (
        f"made by {run.origin.lab or 'somebody who was not named'}, said to be trained on `{run.spec.dataset}`, "
        "and imported into Reslab. Its protocol is declared, not checked."
    )


def _result(run: Run, metadata: dict[str, str], equal: Sequence[Run]) -> Iterator[str]:
    """The last error is the result; the lowest of many evaluations is lower by chance alone."""
    if run.status == "succeeded":
        seed = f"seed {_text(run, 'seed', run.spec.seed)}"
        yield f"- test error {percent(run.last.test_error)} at the end of training (n = 1 run, {seed})"
    else:
        yield f"- no result: this run is {run.status}, at iteration {run.iteration:,} of {run.iterations:,}"
    if run.best.test_error is not None:
        yield f"- lowest of {run.best.evaluations:,} evaluations: {percent(run.best.test_error)}, which is not a result"
    if int(metadata["iteration"]) != run.iteration:
        yield f"- these weights are those of iteration {int(metadata['iteration']):,} of {run.iteration:,}"
    errors = [other.last.test_error for other in equal if other.last.test_error is not None]
    if len(errors) > 1:
        spread = f"{mean(errors):.2f} ± {stdev(errors):.2f} % (mean ± std)"
        yield f"- {len(errors)} runs that differ in the seed only: {spread}"


def _table(run: Run) -> str:
    fields = run.spec.model_dump(mode="json").items()
    return "\n".join(
        ["| field | value |", "|---|---|", *(f"| {name} | {_text(run, name, value)} |" for name, value in fields)]
    )


def _text(run: Run, field: str, value: object) -> str:
    """A field's value. What nobody declared of an import stands as the paper's value in its specification."""
    if run.origin is not None and field in run.origin.unknown:
        return "not said"
    return str(value) if field == "seed" else f"`{json.dumps(value)}`"


def _theirs(spec: RunSpec, metadata: dict[str, str]) -> str:
    if spec.family != "imagenet" or (spec.depth >= 50 and spec.stride_in_1x1):
        return ""
    classes = len(json.loads(metadata["classes"]))
    return "\n\n" + TIMM.replace("{architecture}", f"resnet{spec.depth}").replace("{classes}", str(classes))
