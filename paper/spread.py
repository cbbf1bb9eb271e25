"""Owns the assumption about the spread between seeds until two of our own runs have ended, and its source."""

from pydantic import BaseModel, ConfigDict, Field

from paper import published, references


class Prior(BaseModel):
    """A standard deviation between seeds, in points, reported elsewhere and assumed until two runs have ended."""

    model_config = ConfigDict(frozen=True)

    std: float
    source: str = Field(description="Who reports it, as part of a sentence.")


def prior(network: str | None, data: str) -> Prior | None:
    """The spread to assume for a network, by its spec's name, on "CIFAR-10" or "ImageNet".

    It is the paper's for this network, else another implementation's, else the largest that any reports on that data
    set; None if none reports one, as on ImageNet.
    """
    for value in published.values(network=network) if network else ():
        if value.spread:
            return _prior(value.spread.std, f"the paper's for {network} ({value.source})")
    reported = {
        other.net: other.std
        for other in references.reimplementations()
        if other.std is not None and other.dataset.startswith(data)
    }
    if network in reported:
        return _prior(reported[network], f"reported by others for {network}")
    if not reported:
        return None
    net = max(reported, key=reported.__getitem__)
    return _prior(reported[net], f"the largest that others report on {data} ({net})")


def _prior(std: float, origin: str) -> Prior:
    return Prior(std=std, source=f"a spread of {std:.2f} points, {origin}")
