"""Owns what is assumed of the spread between seeds before two of ours have ended, and whose figure it is."""

from pydantic import BaseModel, ConfigDict, Field

from paper import published, references


class Prior(BaseModel):
    """A standard deviation between seeds, in points, taken from elsewhere: an assumption until two runs have ended."""

    model_config = ConfigDict(frozen=True)

    std: float
    source: str = Field(description="Whose it is, as part of a sentence.")


def prior(network: str | None, data: str) -> Prior | None:
    """Of a network by its spec's name, on "CIFAR-10" or "ImageNet".

    The paper's own spread of it, else another's of it, else the largest that anybody reports on that data; None where
    nobody reports one, as on ImageNet.
    """
    for value in published.values(network=network) if network else ():
        if value.spread:
            return _prior(value.spread.std, f"the paper's own for {network} ({value.source})")
    reported = {
        other.net: other.std
        for other in references.reimplementations()
        if other.std is not None and other.dataset.startswith(data)
    }
    if network in reported:
        return _prior(reported[network], f"what others report for {network}")
    if not reported:
        return None
    net = max(reported, key=reported.__getitem__)
    return _prior(reported[net], f"the largest that others report on {data} (for {net})")


def _prior(std: float, whose: str) -> Prior:
    return Prior(std=std, source=f"a spread of {std:.2f} points, {whose}")
