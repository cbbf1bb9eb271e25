"""The results of examinations: an evaluation, a detector's test, layer responses, a prediction."""

from collections.abc import Iterator

from reslab.client.schema import (
    DetectionReport,
    EvaluationReport,
    Examination,
    PredictedObjects,
    PredictionReport,
    ResponsesReport,
    StatisticsReport,
)


def result(examination: Examination) -> str:  # noqa: PLR0911 - one for each kind
    """What a finished examination measured; empty if it has no result."""
    match examination.result:
        case EvaluationReport() as report:
            return "\n".join(_evaluation(report))
        case ResponsesReport() as report:
            return "\n".join(f"{layer.std:8.4f}  {layer.layer}" for layer in report.layers)
        case PredictionReport() as report:
            return "\n".join(f"{guess.probability:8.2%}  {guess.class_}" for guess in report.classes)
        case DetectionReport() as report:
            return "\n".join(_detection(report))
        case StatisticsReport() as report:
            return f"batch norm statistics of {report.images:,} training images; weights {report.sha256}"
        case PredictedObjects() as report:
            return "\n".join(
                f"{guess.score:8.2%}  {guess.class_}  {', '.join(f'{side:.0f}' for side in guess.box)}"
                for guess in report.detections
            )
        case None:
            return ""


def _evaluation(report: EvaluationReport) -> Iterator[str]:
    top5 = "" if report.top5_error is None else f", top-5 {report.top5_error:.2f} %"
    yield f"test error {report.error:.2f} %{top5} of {report.images:,} images of {report.dataset}"
    networks = "1 network" if len(report.weights) == 1 else f"{len(report.weights)} networks"
    yield f"  {networks}, views {report.views}, {report.batch_norm}"
    if report.is_the_data_trained_on is False:
        yield f"  this copy of {report.dataset} differs from the one that the weights were trained on"


def _detection(report: DetectionReport) -> Iterator[str]:
    yield f"test mAP {report.map:.2f} % ({report.form}) of {report.images:,} images of {report.dataset}"
    yield f"  mAP@.5 {report.map_50:.2f}, mAP@[.5,.95] {report.map_50_95:.2f}"
    for precision in report.classes:
        ap = "no objects" if precision.ap is None else f"{precision.ap:.2f}"
        yield f"  {precision.class_}: {ap}"
    if report.is_the_data_trained_on is False:
        yield f"  this copy of {report.dataset} differs from the one that the weights were trained on"
