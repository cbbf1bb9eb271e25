"""Sample images of a data set with boxes as the API sends them.

They are stored with the data set, because its images are in an archive or on another machine; the trainer draws them
(trainer/data/annotated/samples.py).
"""

from pydantic import Field

from api.http.schema import Response


class SampleBox(Response):
    box: list[float] = Field(description="Left, top, right, bottom in pixels of the sample.")
    label: str


class Sample(Response):
    """A training image, scaled down."""

    path: str
    width: int
    height: int
    picture: str = Field(description="A JPEG as a `data:` address.")
    boxes: list[SampleBox]


class Samples(Response):
    items: list[Sample]
