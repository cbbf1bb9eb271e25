"""RoI pooling: the form for GPUs, whose gradient adds up in a fixed order, equals torchvision's."""

import torch

from trainer.detection.network.pooling import RoIPool, pool_deterministically


def test_equals_torchvision_forward_and_backward() -> None:
    source = torch.Generator().manual_seed(0)
    maps = torch.randn(2, 5, 9, 12, generator=source, requires_grad=True)
    # Overlapping, tiny, and beyond the map.
    regions = [
        torch.tensor([[0.0, 0, 80, 90], [10, 10, 100, 60], [3, 3, 5, 5]]),
        torch.tensor([[150.0, 100, 400, 300]]),
    ]
    expected = RoIPool(4)(maps, regions)
    ours = pool_deterministically(maps, regions, 4)
    torch.testing.assert_close(ours, expected, rtol=0, atol=0)
    flow = torch.randn(expected.shape, generator=source)
    (theirs,) = torch.autograd.grad(expected, maps, flow)
    (gradient,) = torch.autograd.grad(ours, maps, flow)
    torch.testing.assert_close(gradient, theirs)
