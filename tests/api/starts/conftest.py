"""A detector starts from what is uploaded: its fixtures are those of runs."""

from tests.api.runs.conftest import register, shapes

__all__ = ["register", "shapes"]
