"""Owns the options of the commands on finished weights, as their parsers checked them. Loads no torch."""

from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from trainer.examination import Views
from trainer.process.options import DeviceChoice

ExportFormat = Literal["safetensors", "pt", "onnx"]
EXPORT_FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)


class WeightsOptions(BaseModel):
    """With a `workdir`, the command is a job that ends with the process `supervised`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    weights: tuple[Path, ...]
    device: DeviceChoice
    threads: int | None
    workdir: Path | None
    supervised: int | None


class DataSetOptions(WeightsOptions):
    data: Path
    folder: Path | None
    dataset: str | None


class ResponsesOptions(DataSetOptions):
    batch: int | None


class EvaluateOptions(ResponsesOptions):
    views: Views
    recompute_bn: bool


class StatisticsOptions(ResponsesOptions):
    out: Path | None


class DetectOptions(DataSetOptions):
    refine: bool
    vote: bool
    sides: tuple[int, ...]
    loaders: int | None


class PredictOptions(WeightsOptions):
    image: Path


class ExportOptions(WeightsOptions):
    to: ExportFormat
    out: Path | None
