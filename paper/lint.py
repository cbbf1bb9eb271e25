"""Reads a specification beside the paper's protocol and says where the two differ, field by field.

The paper's values are those of `RunSpec` with every optional field left out: they stand in one place.
"""

from paper.findings import Finding, Severity
from trainer.catalog import BUILT_IN
from trainer.spec import PlateauSchedule, RunSpec, StepSchedule

# Sec. 4.2 and Table 6: n = 3, 5, 7, 9, 18, 200. Plain nets: Fig. 6 (left), n = 3, 5, 7, 9 and 110.
DEPTHS = (20, 32, 44, 56, 110, 1202)
PLAIN_DEPTHS = (20, 32, 44, 56, 110)
# Sec. 4.2: 45k for training, 5k for validation.
SPLIT = 45_000

# Field, the sentence's subject, and the section that fixes it.
FIXED = (
    ("iterations", "iterations", "4.2"),
    ("batch_size", "the batch size", "4.2"),
    ("lr", "the learning rate", "4.2"),
    ("momentum", "the momentum", "4.2"),
    ("weight_decay", "the weight decay", "4.2"),
    ("augment", "the augmentation", "4.2"),
)


def findings(spec: RunSpec) -> list[Finding]:
    """Every difference worth a sentence, in the order of the spec's fields."""
    paper = RunSpec(depth=spec.depth, shortcut=spec.shortcut, dataset="cifar10")
    found = [
        *_network(spec),
        *_data(spec),
        *_fixed(spec, paper),
        *_schedule(spec, paper),
        *_warmup(spec, paper),
        *_split(spec),
        *_precision(spec),
    ]
    order = list(RunSpec.model_fields)
    return sorted(found, key=lambda finding: order.index(finding.field))


def deviations(spec: RunSpec) -> list[Finding]:
    """Those that keep a result from standing beside the paper's unmarked."""
    return [finding for finding in findings(spec) if finding.severity == "deviation"]


def _network(spec: RunSpec) -> list[Finding]:
    found = []
    if spec.shortcut in ("B", "C"):
        found.append(
            _finding("shortcut", "deviation", f"the paper uses option A on CIFAR-10, this is {spec.shortcut}", "4.2")
        )
    published = PLAIN_DEPTHS if spec.shortcut == "none" else DEPTHS
    if spec.depth not in published:
        listed = ", ".join(map(str, published))
        what = "plain nets" if spec.shortcut == "none" else "ResNets"
        found.append(
            _finding("depth", "info", f"the paper trains {what} of depth {listed}: there is no result for this", "4.2")
        )
    return found


def _data(spec: RunSpec) -> list[Finding]:
    if spec.dataset == "cifar10":
        return []
    return [_finding("dataset", "deviation", f"the paper's data is CIFAR-10, this is {spec.dataset}", "4.2")]


def _fixed(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    return [
        _finding(field, "deviation", f"{subject}: the paper uses {wanted}, this is {given}", section)
        for field, subject, section in FIXED
        if (given := getattr(spec, field)) != (wanted := getattr(paper, field))
    ]


def _schedule(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    if spec.schedule == paper.schedule:
        return []
    if not isinstance(spec.schedule, StepSchedule) or not isinstance(paper.schedule, StepSchedule):
        return [_finding("schedule", "deviation", "the paper drops the rate at fixed iterations on CIFAR-10", "4.2")]
    if spec.schedule == _in_proportion(spec):
        drops = " and ".join(map(str, spec.schedule.at)) or "never"
        text = f"the drops are kept in proportion to the iterations: at {drops}"
        return [_finding("schedule", "info", text, "4.2")]
    late = [at for at in spec.schedule.at if at >= spec.iterations]
    found = [_finding("schedule", "deviation", "the paper divides the rate by 10 at 32000 and 48000 of 64000", "4.2")]
    if late:
        text = f"a drop at {late[0]} is never reached: training stops at {spec.iterations}"
        found.append(_finding("schedule", "warning", text, None))
    return found


def _warmup(spec: RunSpec, paper: RunSpec) -> list[Finding]:
    if spec.warmup == paper.warmup:
        return []
    if spec.warmup is None:
        text = "the paper warms up at this depth: rate 0.01 until the training error is below 80 %"
    elif paper.warmup is None:
        text = "the paper warms up only the 110-layer net and deeper ones"
    else:
        text = f"the paper warms up with {paper.warmup.lr} until {paper.warmup.until_train_error:g} % training error"
    return [_finding("warmup", "deviation", text, "4.2")]


def _split(spec: RunSpec) -> list[Finding]:
    data = BUILT_IN.get(spec.dataset)
    if spec.train_images is None or (data and spec.train_images == data.train_images):
        text = (
            "no training image is kept apart, so there is no validation error and no best; the paper's split keeps 5000"
        )
        return [_finding("train_images", "info", text, "4.2")]
    if spec.dataset == "cifar10" and spec.train_images != SPLIT:
        text = f"the paper trains on 50000 images, or on {SPLIT} of them; this is {spec.train_images}"
        return [_finding("train_images", "deviation", text, "4.2")]
    return []


def _precision(spec: RunSpec) -> list[Finding]:
    found = []
    if spec.precision != "fp32":
        text = f"arithmetic is {spec.precision}; the protocol here is fp32 (assumption: the paper does not say)"
        found.append(_finding("precision", "deviation", text, None))
    if not spec.deterministic:
        found.append(_finding("deterministic", "warning", "a second run with this seed may end differently", None))
    if spec.evaluate_every > spec.iterations:
        text = "the errors are measured only once, at the end: evaluate_every is beyond the last iteration"
        found.append(_finding("evaluate_every", "info", text, None))
    return found


def _in_proportion(spec: RunSpec) -> StepSchedule | PlateauSchedule:
    return RunSpec(depth=spec.depth, shortcut=spec.shortcut, dataset=spec.dataset, iterations=spec.iterations).schedule


def _finding(field: str, severity: Severity, message: str, section: str | None) -> Finding:
    return Finding(field=field, severity=severity, message=message, section=section)
