"""The views of a photograph (fact 18): ten crops and five scales."""

import torch
from PIL import Image

from trainer.finished.views import SCALES, centre_crop, pixels_of, ten_crop, views_of


def photograph(width: int, height: int) -> Image.Image:
    """Every pixel encodes its position: red the column, green the row (in 256 shades)."""
    image = torch.zeros(height, width, 3, dtype=torch.uint8)
    image[..., 0] = (torch.arange(width) * 255 // (width - 1))[None, :]
    image[..., 1] = (torch.arange(height) * 255 // (height - 1))[:, None]
    return Image.fromarray(image.numpy())


def test_ten_crops_are_the_corners_the_centre_and_their_mirror_images() -> None:
    pixels = torch.arange(3 * 10 * 12, dtype=torch.uint8).reshape(3, 10, 12)
    crops = ten_crop(pixels, size=4)
    assert crops.shape == (10, 3, 4, 4)
    assert torch.equal(crops[0], pixels[:, :4, :4])
    assert torch.equal(crops[1], pixels[:, :4, -4:])
    assert torch.equal(crops[2], pixels[:, -4:, :4])
    assert torch.equal(crops[3], pixels[:, -4:, -4:])
    assert torch.equal(crops[4], pixels[:, 3:7, 4:8])
    assert torch.equal(crops[5:], crops[:5].flip(3))


def test_ten_crop_uses_shorter_side_256() -> None:
    views = views_of(photograph(512, 300), "ten-crop")
    assert [tuple(view.shape) for view in views] == [(1, 3, 224, 224)] * 10
    scaled = pixels_of(photograph(512, 300).resize((437, 256), Image.Resampling.BILINEAR))
    assert torch.equal(views[0][0], scaled[:, :224, :224])
    assert torch.equal(views[3][0], scaled[:, -224:, -224:])


def test_multi_scale_uses_the_whole_image_five_times() -> None:
    views = views_of(photograph(300, 450), "multi-scale")
    assert [view.shape[3] for view in views] == list(SCALES) == [224, 256, 384, 480, 640]
    assert [view.shape[2] for view in views] == [336, 384, 576, 720, 960]


def test_a_single_view_is_the_centre_of_shorter_side_256() -> None:
    (view,) = views_of(photograph(256, 400), "single")
    assert torch.equal(view[0], pixels_of(photograph(256, 400))[:, 88:312, 16:240])
    assert torch.equal(view[0], centre_crop(pixels_of(photograph(256, 400))))
