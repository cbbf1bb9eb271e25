"""The API's answers as types. Generated from openapi.json by `make openapi`; do not edit."""

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from reslab.client.answer import Answer


class Addition(Answer):
    """How many seeds to add to one network, and why."""

    network: str
    add: int
    reason: str


class Anchors(Answer):
    """The reference boxes at every position: each size (the root of the area) in each ratio (height to width)."""

    sizes: list[int]
    ratios: list[float] = [0.5, 1.0, 2.0]


class AnnotatedObject(Answer):
    box: list[float]
    label: str
    counts: bool


class ApiCurvesSchemaLast(Answer):
    """A series' last value, which neither the window nor the buckets change."""

    iteration: int
    value: float
    points: int
    runs: int


class ApiRunsSchemaLast(Answer):
    """
    The last evaluation, percent. A run's result is its last test error or, of a detector, its last test mAP, at the
    end of training.
    """

    val_error: float | None
    test_error: float | None
    val_map: float | None = None
    test_map: float | None = None


class Artifact(Answer):
    """A file in the object store; it was verified before it was listed."""

    role: Literal["checkpoint", "weights", "report", "picture", "detections"] | str
    format: Literal["safetensors", "pt", "json", "image"] | str
    iteration: int
    attempt: int | None
    sha256: str
    size_bytes: int
    created_at: AwareDatetime
    missing_at: AwareDatetime | None


class Artifacts(Answer):
    items: list[Artifact]


class AttemptStart(Answer):
    number: int
    resumed_from: int
    started_at: AwareDatetime


class AuditEntry(Answer):
    """A request that changed something or was refused. It is written before its response leaves, and never changed."""

    id: int
    at: AwareDatetime
    person: str | None
    key_id: str | None
    action: str
    subject: str
    project: str | None
    address: str
    status: int
    detail: dict[str, Any] | None


class AuditPage(Answer):
    items: list[AuditEntry]
    next_cursor: int | None


class Band(Answer):
    """The mean and spread over the runs that have a point in the bucket."""

    iteration: list[int]
    x: list[float] | None
    mean: list[float]
    smoothed: list[float] | None
    points: int
    last: ApiCurvesSchemaLast | None
    n: list[int]
    std: list[float | None]
    sem: list[float | None]
    least: list[float]
    most: list[float]


class Best(Answer):
    """
    The lowest errors of all evaluations, or a detector's highest mAP, percent.

    Weights are chosen on validation only, never on test.
    """

    val_error: float | None
    val_iteration: int | None
    test_error: float | None
    val_map: float | None = None
    test_map: float | None = None
    evaluations: int


class Boxes(Answer):
    """What is known of a data set with boxes. Counts are by class; sides are the root of a box's area, in pixels."""

    train_boxes: dict[str, int]
    test_boxes: dict[str, int]
    median_side: dict[str, float | None]
    largest_image: list[int]
    warnings: list[str]


class Casualty(Answer):
    """A known case of this going wrong."""

    text: str
    issue: str


class Channel(Answer):
    id: str
    name: str
    kind: Literal["webhook", "slack", "matrix", "mail"] | str
    address: str
    about: list[str]
    project: str | None
    owner: str
    created_at: AwareDatetime
    paused_at: AwareDatetime | None


class Channels(Answer):
    items: list[Channel]


class ClaimObservation(Answer):
    """A network's runs in one comparison: their number, mean and standard deviation."""

    net: str
    runs: int
    mean: float | None
    std: float | None


class ClaimStanding(Answer):
    """One claim in one study."""

    claim: str
    status: Literal["holds", "does not hold", "undecided", "not testable here", "not testable by these runs"] | str
    is_provisional: bool
    bound: (
        Literal["holds", "does not hold", "undecided", "not testable here", "not testable by these runs"] | str | None
    )
    seeds: str
    departures: list[str]
    missing: list[str]
    study: str
    name: str
    dataset: str
    scale: float


class ClaimStandings(Answer):
    items: list[ClaimStanding]


class ClassPrecision(Answer):
    """A class's average precision, percent, and its curve: precision at `recalls`, null beyond the highest recall."""

    class_: str = Field(..., alias="class")
    objects: int
    ap: float | None
    precision: list[float | None]
    score: list[float | None]


class ClassProbability(Answer):
    class_: str = Field(..., alias="class")
    probability: float


class Curve(Answer):
    """`least` and `most` are null if every bucket holds a single point."""

    iteration: list[int]
    x: list[float] | None
    mean: list[float]
    smoothed: list[float] | None
    points: int
    last: ApiCurvesSchemaLast | None
    least: list[float] | None
    most: list[float] | None


class Delivery(Answer):
    """A notice on its way to one channel. It has ended with `delivered_at` or `gave_up_at`."""

    id: str
    channel_id: str
    channel: str
    kind: str
    title: str
    sentence: str
    path: str
    created_at: AwareDatetime
    tries: int
    next_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    gave_up_at: AwareDatetime | None
    error: str | None


class Deliveries(Answer):
    items: list[Delivery]


class Detection(Answer):
    box: list[float]
    label: str
    score: float
    outcome: Literal["right", "false", "neither"] | str
    object: int | None


class DetectionReport(Answer):
    """A detector's test on the test images. Percent."""

    dataset: str
    is_the_data_trained_on: bool | None
    refine: bool
    vote: bool
    sides: list[int]
    images: int
    detections: int
    images_per_s: float
    form: str
    map: float
    map_50: float
    map_50_95: float
    ious: list[float]
    map_by_iou: list[float | None]
    map_by_size: dict[str, float | None]
    recalls: list[float]
    classes: list[ClassPrecision]


class DetectorPart(Answer):
    """`multiply_adds` are for one image in tests, with every proposal classified."""

    name: str
    parameters: int
    multiply_adds: int


class Event(Answer):
    """An event in a run's history; `body` depends on `kind`."""

    seq: int
    kind: (
        Literal[
            "created",
            "imported",
            "changed",
            "claimed",
            "started",
            "steps",
            "evaluated",
            "saved",
            "warned",
            "cancel_requested",
            "pause_requested",
            "paused",
            "resumed",
            "returned",
            "lease_expired",
            "succeeded",
            "failed",
            "cancelled",
        ]
        | str
    )
    attempt: int | None
    actor: str
    at: AwareDatetime
    body: dict[str, Any]


class Events(Answer):
    items: list[Event]
    last_seq: int


class FieldError(Answer):
    field: str
    message: str
    allowed: list[str] | None = None


class FileColumn(Answer):
    """The column of the file that holds a series."""

    name: str
    measure: Literal["error", "accuracy", "error_fraction", "accuracy_fraction"] | str | None = None


class Finding(Answer):
    """What one rule reports about one field, with the paper's sentence and a known case of it going wrong."""

    rule: str
    field: str
    severity: Literal["departure", "unknown", "warning", "info"] | str
    message: str
    section: str | None
    quote: str | None
    casualty: Casualty | None


class Findings(Answer):
    items: list[Finding]
    neighbours: list[str]


class Gap(Answer):
    """
    The deeper network's error minus the shallower one's over the window, in points, with its confidence interval.

    The interval counts the noise of the mini-batches, with their autocorrelation, and the spread between seeds. Each
    end is one-sided at 5 %.
    """

    value: float
    low: float
    high: float


class Comparison(Answer):
    """What two curves say about depth, for these two runs. `confidence` is in the diagnosis; null without one."""

    diagnosis: Literal["degradation", "overfitting", "no degradation", "no difference found", "too early"] | str
    sentence: str
    confidence: float | None = None
    train: Gap | None = None
    test: Gap | None = None
    start: int
    end: int


class DepthComparison(Answer):
    """Two runs with the same seed that differ in depth."""

    shallow: str
    deep: str
    seed: int
    comparison: Comparison


class GroupCurves(Answer):
    group: dict[str, str]
    runs: list[str]
    series: dict[str, Band]


class Health(Answer):
    status: Literal["ok"] = "ok"


class Inconsistency(Answer):
    """Where the paper disagrees with itself. `about` lists keys of values and statements."""

    text: str
    about: list[str]


class Key(Answer):
    id: str
    name: str
    owner: str
    project: str | None
    scopes: list[Literal["read", "write", "admin"] | str]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class Keys(Answer):
    items: list[Key]


class LayerResponse(Answer):
    layer: str
    std: float


class LayerRow(Answer):
    """One row of the paper's tables (sec. 4.2, Table 1). `name` is the module's name in the state dict."""

    name: str
    output_size: str
    blocks: str
    convolutions: list[str]
    channels: int
    stride: int
    max_pool: str | None
    shortcuts: list[Literal["identity", "padding", "projection"] | str]
    weighted_layers: int
    parameters: int
    multiply_adds: int


class LearningRateDrop(Answer):
    """The learning rate falls to `lr` after this iteration."""

    iteration: int
    lr: float


class LeftOut(Answer):
    """A result that does not count, and why."""

    where: str
    why: str


class Limits(Answer):
    """Omitted or null: no limit."""

    running: int | None = None
    queued: int | None = None
    device_hours: float | None = None
    kept_bytes: int | None = None


class HolderUse(Answer):
    """What a person or project uses now, and the limits that hold for it."""

    kind: Literal["person", "project"] | str
    name: str
    running: int
    queued: int
    device_hours: float
    kept_bytes: int
    limits: Limits
    is_default: bool


class LogGap(Answer):
    """The lines after line `after` that were dropped because the log reached its size limit."""

    after: int
    lines: int
    size_bytes: int


class LogLine(Answer):
    """`number` counts from 1 over all attempts; `at` is exact to about a second."""

    number: int
    at: AwareDatetime
    attempt: int
    level: Literal["debug", "info", "warning", "error"] | str
    text: str


class Log(Answer):
    """Lines of a log, oldest first."""

    lines: list[LogLine]
    last: int
    first_error: int | None
    gap: LogGap | None


class Logins(Answer):
    """How one can sign in besides a key."""

    provider: str | None


class Measurement(Answer):
    """A line of `python -m trainer check`."""

    topic: str
    what: str
    measured: str
    bar: str
    verdict: Literal["passed", "failed", "measured", "not run"] | str
    reason: str


class MachineCheck(Answer):
    """What the trainer found out about a worker's machine when the worker was first idle on it."""

    started_at: AwareDatetime
    seconds: float
    measurements: list[Measurement]


class Memory(Answer):
    """Bytes that training needs on each device. The framework's own memory comes on top."""

    weights_bytes: int
    gradients_bytes: int
    momentum_bytes: int
    activations_bytes: int


class DetectionPlan(Answer):
    """A detection specification's network, known exactly without any data on disk."""

    name: str
    task: Literal["detection"] = "detection"
    classes: int
    image: tuple[int, int]
    weighted_layers: int
    parameters: int
    trained_parameters: int
    frozen_batch_norm_values: int
    multiply_adds: int
    parts: list[DetectorPart]
    memory: Memory
    memory_bytes: int


class Misreading(Answer):
    where: str
    reading: str
    paper: str


class MissingRuns(Answer):
    """How many more runs of a network would decide; null if it would take more than a hundred."""

    net: str
    runs: int | None


class MissingSeed(Answer):
    """A seed whose error does not count, and why."""

    seed: int
    fate: Literal["unfinished", "failed", "cancelled", "deleted", "not evaluated"] | str
    reason: str | None = None


class Attrition(Answer):
    """How many of the planned seeds count, what became of the others, and how much rests on them."""

    counted: int
    planned: int
    missing: list[MissingSeed]
    is_provisional: bool
    bound: Literal["reproduced", "better", "worse", "inconclusive", "not comparable"] | str | None = None
    tips_below: float | None = None
    tips_above: float | None = None
    sentence: str


class DeletedNetwork(Answer):
    """A network of which every run was deleted."""

    label: str
    attrition: Attrition


class Mistake(Answer):
    image: int
    label: int
    prediction: int
    probability: float
    label_probability: float


class Mistakes(Answer):
    """Some of the wrongly classified images. Their pixels are tiles of `GET /examinations/{id}/picture`."""

    tile_px: int
    columns: int
    items: list[Mistake]


class MonthlyUse(Answer):
    month: date
    person: str
    project: str
    device_hours: float


class MonthlyUses(Answer):
    items: list[MonthlyUse]


class Network(Answer):
    """A network of a recipe. `changes` are fields that the experiment varies; `first_seed` separates equal networks."""

    depth: int
    shortcut: Literal["none", "A", "B", "C"] | str
    changes: dict[str, Any] | None = None
    suffix: str = ""
    is_reading: bool = False
    first_seed: int = 0
    statements: list[str] = []


class NetworkCounts(Answer):
    """The counts of one network, for 10 classes at 32×32 or 1000 at 224×224. BN counts γ and β only."""

    dataset: Literal["CIFAR-10", "ImageNet"] | str
    depth: int
    shortcut: Literal["none", "A", "B", "C"] | str
    stride_in_1x1: bool = True
    parameters: int
    conv_weights: int
    batch_norm: int
    fc_weights: int
    fc_bias: int
    shortcuts: int
    projections: int
    projection_weights: int
    projection_batch_norm: int
    multiply_adds: int
    projection_multiply_adds: int
    without_batch_norm: int


class NetworkOutcome(Answer):
    """How one network's runs ended, in a sentence to stand beside its verdict."""

    network: str
    sentence: str
    departs: bool


class NetworkPlan(Answer):
    """A specification's network, known exactly without any data on disk."""

    name: str
    family: str
    classes: int
    weighted_layers: int
    parameters: int
    batch_norm_parameters: int
    multiply_adds: int
    shortcuts: int
    projections: int
    layers: list[LayerRow]
    memory: Memory
    memory_bytes: int
    recomputed_activations_bytes: int


class NetworkSeeds(Answer):
    """The seeds of one network that a claim rests on."""

    network: str
    counted: int
    planned: int
    missing: list[MissingSeed]
    not_evaluated: int


class ClaimAttrition(Answer):
    """What a claim rests on, network by network."""

    id: str
    networks: list[NetworkSeeds]
    is_provisional: bool
    bound: (
        Literal["holds", "does not hold", "undecided", "not testable here", "not testable by these runs"] | str | None
    )
    sentence: str


class NewChannel(Answer):
    id: str
    name: str
    kind: Literal["webhook", "slack", "matrix", "mail"] | str
    address: str
    about: list[str]
    project: str | None
    owner: str
    created_at: AwareDatetime
    paused_at: AwareDatetime | None
    secret: str | None


class NewKey(Answer):
    id: str
    name: str
    owner: str
    project: str | None
    scopes: list[Literal["read", "write", "admin"] | str]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    token: str


class OpenSession(Answer):
    """A browser that is signed in."""

    id: str
    owner: str
    name: str
    created_at: AwareDatetime
    last_used_at: AwareDatetime
    expires_at: AwareDatetime
    is_this: bool


class OutdatedFile(Answer):
    run_id: str
    run: str
    role: str
    iteration: int
    size_bytes: int


class PaperClaim(Answer):
    """A claim of the paper: its words, and the comparisons that test it."""

    id: str
    section: str
    quote: str
    sentence: str
    comparisons: list[str]
    networks: list[str]
    recipes: list[str]
    untestable: str | None


class PaperClaims(Answer):
    items: list[PaperClaim]


class PartStatus(Answer):
    """One comparison. `p_value` is one-sided and Holm-corrected over all tests made together."""

    sentence: str
    status: Literal["holds", "does not hold", "undecided", "not testable here", "not testable by these runs"] | str
    observations: list[ClaimObservation]
    difference: float | None
    p_value: float | None
    note: str | None
    missing: list[MissingRuns]


class ClaimStatus(Answer):
    """A claim of the paper and its status according to these runs."""

    id: str
    section: str
    sentence: str
    quote: str
    status: Literal["holds", "does not hold", "undecided", "not testable here", "not testable by these runs"] | str
    reason: str | None
    parts: list[PartStatus]
    missing: list[MissingRuns]
    departures: list[str]
    recipes: list[str]


class Person(Answer):
    name: str
    is_administrator: bool
    subject: str | None
    is_service: bool
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None
    roles: dict[str, Literal["viewer", "member", "maintainer"] | str]


class People(Answer):
    items: list[Person]


class PlannedClaim(Answer):
    """A claim of the paper that the study tests."""

    id: str
    sentence: str


class PlannedMember(Answer):
    label: str
    seed: int
    spec_hash: str
    predicted_s: float | None
    reuse: str | None


class PlannedRun(Answer):
    """A run to train. The hash is that of its specification, which says everything that decides its result."""

    seed: int
    spec_hash: str


class PlannedNetwork(Answer):
    label: str
    runs: list[PlannedRun]


class PlateauSchedule(Answer):
    """Multiplies the rate by `factor` when the error has not fallen for `patience` evaluations (sec. 3.4)."""

    kind: Literal["plateau"]
    factor: float = 0.1
    patience: int = 5
    threshold: float = 0.1


class PoolHeterogeneity(Answer):
    """How much the labs differ beyond their seeds."""

    tau: float
    tau_interval: tuple[float, float]
    q: float
    df: int
    p: float
    i2: float


class PoolLab(Answer):
    """A lab's runs that count, and its part in the mean."""

    name: str
    errors: list[float]
    mean: float
    weight: float


class Pool(Answer):
    """Several labs' results on one network and protocol as one. Errors are percent."""

    network: str
    sentence: str
    mean: float
    interval: tuple[float, float]
    spread: float | None
    heterogeneity: PoolHeterogeneity | None
    prediction: tuple[float, float] | None
    labs: list[PoolLab]
    left_out: list[LeftOut]
    notes: list[str]


class PredictedObject(Answer):
    class_: str = Field(..., alias="class")
    score: float
    box: list[float]


class PredictedObjects(Answer):
    """The objects in a picture, the likeliest first."""

    width: int
    height: int
    detections: list[PredictedObject]


class PrintedAxis(Answer):
    label: str
    low: float
    high: float


class PrintedColumn(Answer):
    name: str
    metric: str
    protocol: str | None = None
    split: str | None = None
    unit: str | None = None
    decimals: int = 0


class PrintedFigure(Answer):
    """A figure of curves. The paper prints no number in any of them, only the axes."""

    number: int
    title: str
    section: str
    text: str
    networks: list[str]
    panels: list[str]
    x: PrintedAxis | None = None
    y: PrintedAxis | None = None
    preset: Literal["fig4", "fig6"] | str | None = None
    dataset: str | None = None
    panel_networks: list[list[str]] | None = None
    training: Literal["thin", "dashed"] | str | None = None
    bold: Literal["val_error", "test_error"] | str | None = None


class Project(Answer):
    name: str
    about: str
    is_public: bool
    created_at: AwareDatetime
    role: Literal["viewer", "member", "maintainer"] | str | None


class ProjectMember(Answer):
    person: str
    role: Literal["viewer", "member", "maintainer"] | str


class ProjectDetails(Answer):
    name: str
    about: str
    is_public: bool
    created_at: AwareDatetime
    role: Literal["viewer", "member", "maintainer"] | str | None
    members: list[ProjectMember]


class Projects(Answer):
    items: list[Project]


class QueueEntry(Answer):
    run: str
    name: str
    examines: str | None
    owner: str
    project: str
    dataset: str
    seed: int
    priority: int
    queue: Literal["cpu", "gpu"] | str | None
    machines: int
    position: int | None
    waits_for: str
    starts_in_s: float | None
    created_at: AwareDatetime


class QueueState(Answer):
    """The waiting runs, in the order in which workers would claim them now, and the number of workers."""

    waiting: list[QueueEntry]
    running: int
    workers: int
    free_workers: int


class Readiness(Answer):
    database: bool
    objects: bool
    disk: bool
    shortage: str | None


class Reading(Answer):
    """How to read the file."""

    format: Literal["csv", "tensorboard", "wandb"] | str | None = None
    step_column: str | None = None
    counts_from: Literal[0, 1] | str | None = None
    iterations_per_step: int = 1
    columns: dict[str, FileColumn] = Field({}, validate_default=True)


class Origin(Answer):
    """Where an imported run is from. `unknown` are the fields of its specification that nobody declared."""

    format: Literal["csv", "tensorboard", "wandb"] | str
    file: str
    sha256: str
    size_bytes: int
    lab: str | None
    source: str | None
    unknown: list[str]
    test_images: int | None
    evaluations: int
    weights_sha256: str | None = None
    reading: Reading | None = None


class Recipe(Answer):
    """An experiment. It tests `tables`, `figures` and `statements`; `protocol` is how its errors are measured."""

    name: str
    title: str
    section: str
    about: str
    family: Literal["cifar", "imagenet"] | str
    kind: Literal["train", "evaluate", "ensemble", "responses", "count"] | str
    protocol: Literal["single view", "centre crop", "10-crop", "dense multi-scale", "ensemble"] | str | None
    networks: list[Network]
    tables: list[int] = []
    figures: list[int] = []
    statements: list[str] = []
    together: list[str] = []
    dataset: str


class RecipeOptions(Answer):
    """How to run a recipe: how many seeds, how much of the schedule, and on which data set."""

    seeds: int = 1
    scale: float = 1.0
    dataset: str | None = None


class Recipes(Answer):
    items: list[Recipe]
    most_seeds: int


class Registration(Answer):
    """What a study will do, frozen before its first run exists."""

    format: Literal["reslab registration 1"] = "reslab registration 1"
    study: str
    name: str
    owner: str
    registered_at: AwareDatetime
    question: str
    claims: list[PlannedClaim]
    recipe: str
    dataset: str
    scale: float
    seeds: int
    budget: int | None
    networks: list[PlannedNetwork]
    stopping_rule: str
    exclusion_rule: str
    source: str
    public_key: str


class Reimplementation(Answer):
    """The result of another implementation. Errors are percent; `protocol` says how each was measured."""

    dataset: str
    implementation: str
    net: str
    top1_error: float | None = None
    top5_error: float | None = None
    std: float | None = None
    best_on_test: float | None = None
    final_train_error: float | None = None
    protocol: str | None = None
    address: str | None = None


class RetentionPlan(Answer):
    """What a rule would delete and archive now."""

    runs: int
    files: int
    size_bytes: int
    first: list[OutdatedFile]
    archived: int


class Rights(Answer):
    refusals: dict[str, str]
    most_priority: int


class Roi(Answer):
    """The regions that are classified: pooled from the shared maps before conv5_1 (App. A)."""

    pooling: Literal["pool", "align"] | str | None = None
    size: int
    batch: int = 128
    positive_share: float = 0.25
    positive_overlap: float = 0.5


class Rpn(Answer):
    """The region proposal network ([32])."""

    channels: int = 512
    batch: int = 256
    positive_share: float = 0.5
    positive_overlap: float = 0.7
    negative_overlap: float = 0.3
    nms: float = 0.7
    min_size: float = 16.0
    train_before_nms: int = 12000
    train_after_nms: int = 2000
    test_before_nms: int = 6000
    test_after_nms: int = 300


class Rule(Answer):
    project: str
    checkpoints_days: int | None
    weights_days: int | None
    archive_days: int | None
    owner: str


class Rules(Answer):
    items: list[Rule]


class RunCurves(Answer):
    run: str
    attempts: list[AttemptStart]
    series: dict[str, Curve]


class Curves(Answer):
    """All runs on one grid: bucket b holds the iterations b·step+1 … (b+1)·step in every window."""

    first: int
    last: int
    step: int
    runs: list[RunCurves]
    groups: list[GroupCurves]


class RunEvent(Answer):
    seq: int
    kind: (
        Literal[
            "created",
            "imported",
            "changed",
            "claimed",
            "started",
            "steps",
            "evaluated",
            "saved",
            "warned",
            "cancel_requested",
            "pause_requested",
            "paused",
            "resumed",
            "returned",
            "lease_expired",
            "succeeded",
            "failed",
            "cancelled",
        ]
        | str
    )
    attempt: int | None
    actor: str
    at: AwareDatetime
    body: dict[str, Any]
    run_id: str


class News(Answer):
    """The events of several runs, each run's in order, up to `position`."""

    position: str
    reread: bool
    events: list[RunEvent] = Field([], validate_default=True)
    logged: list[str] = []
    deleted: list[str] = []


class SampleBox(Answer):
    box: list[float]
    label: str


class Sample(Answer):
    """A training image, scaled down."""

    path: str
    width: int
    height: int
    picture: str
    boxes: list[SampleBox]


class Samples(Answer):
    items: list[Sample]


class SeedPlan(Answer):
    """What a number of seeds can decide about one network."""

    network: str
    seeds: int
    std: float | None
    assumption: str | None
    needed: int | None
    power: float | None
    needed_per_network: int | None
    smallest_difference: float | None
    sentence: str


class NetworkJudgement(Answer):
    """One network of the study, over its seeds. Errors are percent."""

    label: str
    runs: int
    ended: int
    attrition: Attrition
    test_error: str
    train_error: str
    findings: list[Finding]
    plan: SeedPlan


class Sentence(Answer):
    """A sentence of the paper, quoted."""

    id: str
    section: str
    text: str


class LintRule(Answer):
    name: str
    looks_at: Literal["spec", "result"] | str
    severity: Literal["departure", "unknown", "warning", "info"] | str
    demands: str
    sentences: list[Sentence]
    casualties: list[Casualty]


class LintRules(Answer):
    items: list[LintRule]


class SeriesSummary(Answer):
    """A series as it was understood. Errors are percent."""

    series: (
        Literal[
            "train_loss",
            "train_error",
            "lr",
            "rpn_class_loss",
            "rpn_box_loss",
            "class_loss",
            "box_loss",
            "foreground",
            "val_error",
            "val_loss",
            "val_top5_error",
            "test_error",
            "test_loss",
            "test_top5_error",
            "val_map",
            "val_map_50",
            "val_map_50_95",
            "test_map",
            "test_map_50",
            "test_map_50_95",
        ]
        | str
    )
    column: str
    points: int
    first_iteration: int
    last_iteration: int
    last: float
    lowest: float


class Session(Answer):
    """The caller, their scopes, and their role in each project that they may see."""

    owner: str
    scopes: list[Literal["read", "write", "admin"] | str]
    is_administrator: bool
    roles: dict[str, Literal["viewer", "member", "maintainer"] | str]


class Sessions(Answer):
    items: list[OpenSession]


class Sheet(Answer):
    """The layout of `GET /datasets/{name}/sheet`: a row of small images for each of the first classes."""

    rows: int
    columns: int
    tile_px: int


class Dataset(Answer):
    name: str
    task: Literal["classification", "detection"] | str
    kind: Literal["built-in", "archive", "folder"] | str
    about: str
    classes: int
    class_names: list[str] | None
    train_images: int
    test_images: int
    augment: Literal["paper", "crop", "none"] | str
    project: str | None
    owner: str | None
    manifest_hash: str | None
    size_bytes: int | None
    created_at: AwareDatetime | None
    boxes: Boxes | None = None
    sheet: Sheet | None


class Datasets(Answer):
    items: list[Dataset]


class SignedRegistration(Answer):
    """A registration as a file to publish: readable, and exactly as it was signed."""

    registration: Registration
    canonical: str
    sha256: str
    signature: str


class SigningKey(Answer):
    """The key that signs this service's certificates."""

    public_key: str
    fingerprint: str


class Size(Answer):
    """A run's storage in bytes: its rows as the database stores them, without indexes, and its files."""

    curves_bytes: int
    log_bytes: int
    history_bytes: int
    files: int
    files_bytes: int
    total_bytes: int


class SpecField(Answer):
    """A field of a specification, and the paper's sentences on it."""

    field: str
    about: str
    cifar: Sentence | None
    imagenet: Sentence | None


class SpecFields(Answer):
    items: list[SpecField]


class Spread(Answer):
    """The spread over several runs, in the unit of the value it belongs to: best (mean±std)."""

    mean: float
    std: float
    runs: int | None = None


class PrintedCell(Answer):
    """A number, or the text printed instead of it or around it."""

    value: float | None = None
    text: str | None = None
    spread: Spread | None = None
    network: str | None = None
    note: str | None = None


class PrintedRow(Answer):
    label: str
    network: str | None = None
    cells: dict[str, PrintedCell]


class ListedTable(Answer):
    number: int
    title: str
    section: str
    note: str | None = None
    columns: list[PrintedColumn]
    rows: list[PrintedRow]
    training: str


class PaperTables(Answer):
    items: list[ListedTable]


class PrintedTable(Answer):
    """A table as printed. A row has no cell where the paper prints a dash."""

    number: int
    title: str
    section: str
    note: str | None = None
    columns: list[PrintedColumn]
    rows: list[PrintedRow]


class Start(Answer):
    """The classifier whose weights the detector starts from."""

    sha256: str
    statistics: Literal["moving_average", "training_set"] | str | None = None


class StartWeights(Answer):
    """Weights that a detector can start from: name `sha256` and `statistics` in the specification's `start`."""

    sha256: str
    statistics: Literal["moving_average", "training_set"] | str
    network: Literal["vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"] | str
    stride_in_1x1: bool | None
    name: str
    dataset: str | None
    seed: int | None
    run: str | None
    project: str
    owner: str
    size_bytes: int
    created_at: AwareDatetime


class StartWeightsList(Answer):
    items: list[StartWeights]


class StatementResult(Answer):
    """A statement of the paper about a network, with a number, and our result."""

    statement: str
    section: str
    text: str
    theirs: str
    network: str
    ours: str
    runs: int


class Step(Answer):
    """One step of the arithmetic, such as "difference", "6.5 − 6.25", 0.25. Errors are percent."""

    name: str
    sum: str
    value: float


class StepSchedule(Answer):
    """Multiplies the rate by `factor` after each iteration in `at` (sec. 4.2: 32k, 48k)."""

    kind: Literal["steps"] = "steps"
    at: list[int]
    factor: float = 0.1


class StudyExamination(Answer):
    """An examination of the study's weights. `GET /api/v1/examinations/{id}` has its whole report."""

    id: str | None
    kind: Literal["evaluate", "responses", "predict", "detect", "statistics"] | str
    views: Literal["single", "ten-crop", "multi-scale"] | str | None
    runs: list[str]
    status: Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"] | str | None
    message: str | None
    error: float | None
    top5_error: float | None
    refine: bool | None = None
    sides: list[int] = []
    map: float | None = None


class StudyMember(Answer):
    label: str
    seed: int
    run: str | None
    reused: bool
    tests: list[str]
    status: Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"] | str | None
    iteration: int | None
    iterations: int | None
    train_error: float | None
    test_error: float | None
    test_map: float | None


class StudyProgress(Answer):
    runs: int
    by_status: dict[str, int]
    iteration: int
    iterations: int
    deleted: int
    examinations: int
    examinations_succeeded: int


class StudyRegistration(Answer):
    """What the study was registered with, and what departed from it since. `GET …/registration` has all of it."""

    networks: list[NetworkOutcome]
    departures: list[str]
    registered_at: AwareDatetime
    question: str
    stopping_rule: str
    exclusion_rule: str
    sha256: str
    fingerprint: str


class StudySummary(Answer):
    id: str
    name: str
    project: str
    owner: str
    recipe: str
    title: str
    section: str
    seeds: int
    scale: float
    dataset: str
    budget: int | None
    looks: int
    settled_at: AwareDatetime | None
    created_at: AwareDatetime
    status: Literal["queued", "running", "paused", "ended"] | str
    progress: StudyProgress


class SeedsAdded(Answer):
    study: StudySummary
    added: list[Addition]


class StudyPage(Answer):
    items: list[StudySummary]
    next_cursor: str | None = None
    total: int


class TestImage(Answer):
    path: str
    width: int
    height: int
    picture: str
    detections: list[Detection]
    objects: list[AnnotatedObject]


class TestImages(Answer):
    total: int
    items: list[TestImage]


class TestedFigure(Answer):
    number: int
    title: str
    section: str
    text: str
    networks: list[str]
    panels: list[str]
    x: PrintedAxis | None = None
    y: PrintedAxis | None = None
    preset: Literal["fig4", "fig6"] | str | None = None
    dataset: str | None = None
    panel_networks: list[list[str]] | None = None
    training: Literal["thin", "dashed"] | str | None = None
    bold: Literal["val_error", "test_error"] | str | None = None
    recipes: list[str]


class PaperFigures(Answer):
    items: list[TestedFigure]


class TestedStatement(Answer):
    id: str
    section: str
    text: str
    value: float | list[float] | None = None
    unit: str | None = None
    recipes: list[str]


class PaperText(Answer):
    """The numbers in the text, the paper's inconsistencies, and common misreadings."""

    statements: list[TestedStatement]
    inconsistencies: list[Inconsistency]
    misreadings: list[Misreading]


class TestedValue(Answer):
    key: str
    table: int
    row: str
    column: str
    metric: str
    protocol: str | None
    split: str | None
    unit: str | None
    network: str | None
    value: float
    spread: Spread | None
    printed: str
    notes: list[str]
    recipes: list[str]


class PaperTable(Answer):
    """A table as printed, and each of its numbers with its conditions."""

    table: ListedTable
    values: list[TestedValue]


class Testing(Answer):
    """Which detections are reported."""

    min_score: float = 0.05
    nms: float = 0.3
    most: int = 100


class DetectionSpec(Answer):
    """One detection run of the paper. mAP is percent, rates are per iteration, sizes are pixels."""

    task: Literal["detection"]
    dataset: str
    network: Literal["vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"] | str | None = None
    stride_in_1x1: bool = True
    start: Start | None = None
    batch_norm: Literal["frozen", "live"] | str | None = None
    freeze_up_to: int | None = None
    side: int = 600
    longest: int = 1000
    anchors: Anchors | None = None
    rpn: Rpn | None = None
    roi: Roi | None = None
    context: bool = False
    test: Testing | None = None
    training: Literal["joint", "four_step"] | str | None = None
    seed: int = 0
    iterations: int | None = None
    batch_size: int | None = None
    lr: float = 0.001
    momentum: float = 0.9
    weight_decay: float = 0.0001
    schedule: StepSchedule | None = None
    augment: Literal["paper", "none"] | str | None = None
    validation: bool = False
    ap: Literal["voc07", "area", "coco"] | str | None = None
    precision: Literal["fp32", "tf32", "bf16"] | str | None = None
    evaluate_every: int = 10000
    checkpoint_every: int = 1000
    log_every: int = 1
    deterministic: bool = True
    devices: int = 1


class DetectionRunPlan(Answer):
    """The detection run that a spec describes, before it is queued."""

    spec_hash: str
    predicted_s: float | None
    predicted_from: str
    planned_drops: list[LearningRateDrop]
    findings: list[Finding]
    name: str
    task: Literal["detection"] = "detection"
    classes: int
    image: tuple[int, int]
    weighted_layers: int
    parameters: int
    trained_parameters: int
    frozen_batch_norm_values: int
    multiply_adds: int
    parts: list[DetectorPart]
    memory: Memory
    memory_bytes: int
    spec: DetectionSpec


class UseList(Answer):
    items: list[HolderUse]


class Verdict(Answer):
    """The conclusion, in a sentence, and every number that leads to it. Errors are percent."""

    outcome: Literal["reproduced", "better", "worse", "inconclusive", "not comparable"] | str
    sentence: str
    ours: str
    theirs: str
    steps: list[Step] = Field([], validate_default=True)
    difference: float | None = None
    interval: tuple[float, float] | None = None
    assumption: str | None = None
    reasons: list[str] = []
    warnings: list[str] = []
    more_seeds: int | None = None


class StudyCell(Answer):
    """One number of the paper that a network of the study tests."""

    key: str
    network: str
    theirs: str
    ours: str
    runs: int
    verdict: Verdict | None
    is_same: bool | None = None
    attrition: Attrition | None = None


class RunVerdict(Answer):
    cells: list[StudyCell]
    runs: list[str]
    seeds: str | None


class Study(Answer):
    """A study and everything that is known about it so far, during training or afterwards."""

    id: str
    name: str
    project: str
    owner: str
    recipe: str
    title: str
    section: str
    seeds: int
    scale: float
    dataset: str
    budget: int | None
    looks: int
    settled_at: AwareDatetime | None
    created_at: AwareDatetime
    status: Literal["queued", "running", "paused", "ended"] | str
    progress: StudyProgress
    about: str
    kind: Literal["train", "evaluate", "ensemble", "responses", "count", "detect"] | str
    protocol: Literal["single view", "centre crop", "10-crop", "dense multi-scale", "ensemble"] | str | None
    finishes_in_s: float | None
    members: list[StudyMember]
    tables: list[PrintedTable]
    figures: list[PrintedFigure]
    examinations: list[StudyExamination]
    cells: list[StudyCell]
    statements: list[StatementResult]
    networks: list[NetworkJudgement]
    claims: list[ClaimStatus]
    claim_attrition: list[ClaimAttrition]
    deleted_networks: list[DeletedNetwork]
    depths: list[DepthComparison]
    departures: list[Finding]
    registration: StudyRegistration | None
    provenance: list[str]


class StudyPlan(Answer):
    """The plan of a study. Nothing is queued."""

    recipe: str
    title: str
    section: str
    options: RecipeOptions
    members: list[PlannedMember]
    runs: int
    reusable: int
    examinations: int
    device_hours: float | None
    finishes_in_s: float | None
    predicted_from: str
    seed_plans: list[SeedPlan]
    counts: list[StudyCell]
    claims: list[ClaimStatus]
    departures: list[Finding]


class VggCounts(Answer):
    """The networks that sec. 3.3 and 4.1 compare FLOPs with, counted with and without their fc layers."""

    network: str
    parameters: int
    multiply_adds: int
    convolution_multiply_adds: int


class Counts(Answer):
    networks: list[NetworkCounts]
    vgg: list[VggCounts]


class PaperReferences(Answer):
    """References beside the paper's numbers: exact counts, and the results of other implementations."""

    counts: Counts
    reimplementations: list[Reimplementation]


class Warmup(Answer):
    """Trains with `lr` until the running training error is below `until_train_error` percent (sec. 4.2, 110 layers)."""

    lr: float = 0.01
    until_train_error: float = 80.0


class RunSpec(Answer):
    """One training run of the paper. Errors are percent, rates are per iteration, sizes are images."""

    dataset: str
    family: Literal["cifar", "imagenet"] | str | None = None
    depth: int
    shortcut: Literal["none", "A", "B", "C"] | str
    seed: int = 0
    iterations: int | None = None
    batch_size: int | None = None
    lr: float = 0.1
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0001
    decay_batch_norm: bool = True
    init: Literal["fan_out", "fan_in"] | str | None = None
    schedule: StepSchedule | PlateauSchedule | None = Field(None, discriminator="kind")
    warmup: Warmup | None = None
    train_images: int | None = None
    augment: Literal["paper", "crop", "none"] | str | None = None
    stride_in_1x1: bool = True
    precision: Literal["fp32", "tf32", "bf16"] | str | None = None
    recompute_activations: bool = False
    evaluate_every: int | None = None
    checkpoint_every: int = 1000
    log_every: int = 1
    deterministic: bool = True
    devices: int = 1


class ImportPlan(Answer):
    """What an import would be. Nothing is stored."""

    format: Literal["csv", "tensorboard", "wandb"] | str
    series: list[SeriesSummary]
    others: list[str]
    iteration: int
    problem: FieldError | None
    spec: RunSpec | None
    unknown: list[str]
    findings: list[Finding]


class Member(Answer):
    """One run of a recipe. Runs with the same label differ only in their seed."""

    label: str
    seed: int
    spec: RunSpec
    tests: list[str]
    spec_hash: str


class ExpandedRecipe(Answer):
    """A recipe's runs, and where they depart from the paper's experiment."""

    recipe: Recipe
    options: RecipeOptions
    members: list[Member]
    departures: list[Finding]


class Run(Answer):
    id: str
    name: str
    project: str
    owner: str
    tags: list[str]
    notes: str
    priority: int
    queue: Literal["cpu", "gpu"] | str | None
    machines: int
    origin: Origin | None
    task: Literal["classification", "detection"] | str
    spec: RunSpec | DetectionSpec
    spec_hash: str
    parameters: int
    multiply_adds: int
    weighted_layers: int
    status: Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"] | str
    reason: str | None
    message: str | None
    stop_request: Literal["cancel", "pause"] | str | None
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    archived_at: AwareDatetime | None = None
    parent_id: str | None
    parent_iteration: int | None
    iteration: int
    iterations: int
    images_per_s: float | None
    train_error: float | None
    advice: str | None
    examines: str | None = None
    planned_drops: list[LearningRateDrop]
    attempts: int
    last: ApiRunsSchemaLast
    best: Best
    main_error: Literal["val_error", "test_error"] | str
    eta_s: float | None
    is_silent: bool
    queue_position: int | None
    waits_for: str | None
    starts_in_s: float | None
    departures: list[Finding]


class RunPage(Answer):
    items: list[Run]
    next_cursor: str | None = None
    total: int


class RunPlan(Answer):
    """The run that a spec describes, before it is queued."""

    spec_hash: str
    predicted_s: float | None
    predicted_from: str
    planned_drops: list[LearningRateDrop]
    findings: list[Finding]
    name: str
    family: str
    classes: int
    weighted_layers: int
    parameters: int
    batch_norm_parameters: int
    multiply_adds: int
    shortcuts: int
    projections: int
    layers: list[LayerRow]
    memory: Memory
    memory_bytes: int
    recomputed_activations_bytes: int
    spec: RunSpec


class WeightsReference(Answer):
    """The weights that were examined, and the errors that their run reported."""

    file: str
    name: str
    dataset: str
    iteration: int
    spec_hash: str
    data_hash: str
    reported: dict[str, float]


class EvaluationReport(Answer):
    """An evaluation on the test images. Errors are percent."""

    weights: list[WeightsReference]
    dataset: str
    data_hash: str
    is_the_data_trained_on: bool | None
    versions: dict[str, str]
    views: Literal["single", "ten-crop", "multi-scale"] | str
    batch_norm: str
    images: int
    error: float
    top5_error: float | None
    loss: float
    classes: list[str]
    confusion: list[list[int]] | None
    mistakes: Mistakes | None = None


class PredictionReport(Answer):
    weights: WeightsReference
    classes: list[ClassProbability]


class ResponsesReport(Answer):
    """The standard deviation of each 3×3 layer's output on the test set (Fig. 7)."""

    weights: list[WeightsReference]
    dataset: str
    data_hash: str
    is_the_data_trained_on: bool | None
    versions: dict[str, str]
    measured: str
    layers: list[LayerResponse]
    descending: list[float]


class StatisticsReport(Answer):
    """A copy of the weights with exact batch norm statistics; `GET /runs/{id}/weights` with the examination's id."""

    weights: list[WeightsReference]
    dataset: str
    data_hash: str
    is_the_data_trained_on: bool | None
    versions: dict[str, str]
    images: int
    batch: int
    sha256: str
    size_bytes: int


class Examination(Answer):
    """An examination's id is also a run's id: cancel it and read its log and events as a run's."""

    id: str
    kind: Literal["evaluate", "responses", "predict", "detect", "statistics"] | str
    views: Literal["single", "ten-crop", "multi-scale"] | str | None
    recompute_bn: bool | None
    runs: list[str]
    owner: str
    status: Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"] | str
    reason: str | None
    message: str | None
    waits_for: str | None
    created_at: AwareDatetime
    ended_at: AwareDatetime | None
    error: float | None
    top5_error: float | None
    images: int | None
    map: float | None = None
    result: (
        EvaluationReport
        | ResponsesReport
        | PredictionReport
        | DetectionReport
        | PredictedObjects
        | StatisticsReport
        | None
    )


class Examinations(Answer):
    items: list[Examination]


class Worker(Answer):
    id: str
    name: str
    host: str
    pid: int
    address: str | None
    queue: Literal["cpu", "gpu"] | str
    device: str
    devices: int
    memory_bytes: int | None
    slot: int
    slots: int
    version: str
    draining: bool
    run_id: str | None
    awaits: str | None
    trouble: str | None
    trouble_since: AwareDatetime | None
    machine_check: MachineCheck | None
    started_at: AwareDatetime
    seen_at: AwareDatetime
    alive: bool


class Workers(Answer):
    items: list[Worker]
