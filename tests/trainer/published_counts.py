"""The oracle of exact counts: the networks of sec. 4.2 (10 classes, 3×32×32) and of Table 1 (1000, 3×224×224).

Source: the paper's architectures, counted independently of this code; with two decimals the parameters of CIFAR's
option A are Table 6's (0.27, 0.46, 0.66, 0.85, 1.73 and 19.42 M). Multiply-adds count a multiply and its add once:
Table 1's 1.8, 3.6, 3.8, 7.6 and 11.3 × 10⁹, which only the stride in the 1×1 layers fits.
"""

from typing import NamedTuple

from trainer.spec import Shortcut


class Counts(NamedTuple):
    depth: int
    shortcut: Shortcut
    parameters: int  # convolutions, BN γ and β, fully connected with bias
    batch_norm: int  # γ and β
    shortcuts: int
    projections: int
    multiply_adds: int


COUNTS = (
    Counts(20, "none", 269_722, 1_376, 0, 0, 40_551_040),
    Counts(20, "A", 269_722, 1_376, 9, 0, 40_551_040),
    Counts(20, "B", 272_474, 1_568, 9, 2, 40_813_184),
    Counts(20, "C", 283_962, 2_048, 9, 9, 42_648_192),
    Counts(32, "none", 464_154, 2_272, 0, 0, 68_862_592),
    Counts(32, "A", 464_154, 2_272, 15, 0, 68_862_592),
    Counts(32, "B", 466_906, 2_464, 15, 2, 69_124_736),
    Counts(32, "C", 489_594, 3_392, 15, 15, 72_532_608),
    Counts(44, "none", 658_586, 3_168, 0, 0, 97_174_144),
    Counts(44, "A", 658_586, 3_168, 21, 0, 97_174_144),
    Counts(44, "B", 661_338, 3_360, 21, 2, 97_436_288),
    Counts(44, "C", 695_226, 4_736, 21, 21, 102_417_024),
    Counts(56, "none", 853_018, 4_064, 0, 0, 125_485_696),
    Counts(56, "A", 853_018, 4_064, 27, 0, 125_485_696),
    Counts(56, "B", 855_770, 4_256, 27, 2, 125_747_840),
    Counts(56, "C", 900_858, 6_080, 27, 27, 132_301_440),
    Counts(110, "none", 1_727_962, 8_096, 0, 0, 252_887_680),
    Counts(110, "A", 1_727_962, 8_096, 54, 0, 252_887_680),
    Counts(110, "B", 1_730_714, 8_288, 54, 2, 253_149_824),
    Counts(110, "C", 1_826_202, 12_128, 54, 54, 266_781_312),
    Counts(1202, "none", 19_421_274, 89_632, 0, 0, 2_829_238_912),
    Counts(1202, "A", 19_421_274, 89_632, 600, 0, 2_829_238_912),
    Counts(1202, "B", 19_424_026, 89_824, 600, 2, 2_829_501_056),
    Counts(1202, "C", 20_538_714, 134_432, 600, 600, 2_986_263_168),
)


class ImageNetCounts(NamedTuple):
    depth: int
    shortcut: Shortcut
    stride_in_1x1: bool
    parameters: int
    batch_norm: int
    shortcuts: int
    projections: int
    multiply_adds: int

    def __str__(self) -> str:
        return f"{self.depth}-{self.shortcut}{'' if self.stride_in_1x1 else '-v1.5'}"


IMAGENET_COUNTS = (
    ImageNetCounts(18, "none", True, 11_515_688, 7_808, 0, 0, 1_794_805_760),
    ImageNetCounts(18, "A", True, 11_515_688, 7_808, 8, 0, 1_794_805_760),
    ImageNetCounts(18, "B", True, 11_689_512, 9_600, 8, 3, 1_814_073_344),
    ImageNetCounts(18, "C", True, 12_043_816, 11_648, 8, 8, 1_878_298_624),
    ImageNetCounts(34, "none", True, 21_623_848, 15_232, 0, 0, 3_644_493_824),
    ImageNetCounts(34, "A", True, 21_623_848, 15_232, 16, 0, 3_644_493_824),
    ImageNetCounts(34, "B", True, 21_797_672, 17_024, 16, 3, 3_663_761_408),
    ImageNetCounts(34, "C", True, 22_716_840, 22_784, 16, 16, 3_830_747_136),
    ImageNetCounts(50, "none", True, 22_780_456, 45_440, 0, 0, 3_498_311_680),
    ImageNetCounts(50, "none", False, 22_780_456, 45_440, 0, 0, 3_729_522_688),
    ImageNetCounts(50, "A", True, 22_780_456, 45_440, 16, 0, 3_498_311_680),
    ImageNetCounts(50, "A", False, 22_780_456, 45_440, 16, 0, 3_729_522_688),
    ImageNetCounts(50, "B", True, 25_557_032, 53_120, 16, 4, 3_857_973_248),
    ImageNetCounts(50, "B", False, 25_557_032, 53_120, 16, 4, 4_089_184_256),
    ImageNetCounts(50, "C", True, 40_128_552, 75_648, 16, 16, 6_324_224_000),
    ImageNetCounts(50, "C", False, 40_128_552, 75_648, 16, 16, 6_555_435_008),
    ImageNetCounts(101, "none", True, 41_772_584, 97_664, 0, 0, 7_210_532_864),
    ImageNetCounts(101, "none", False, 41_772_584, 97_664, 0, 0, 7_441_743_872),
    ImageNetCounts(101, "A", True, 41_772_584, 97_664, 33, 0, 7_210_532_864),
    ImageNetCounts(101, "A", False, 41_772_584, 97_664, 33, 0, 7_441_743_872),
    ImageNetCounts(101, "B", True, 44_549_160, 105_344, 33, 4, 7_570_194_432),
    ImageNetCounts(101, "B", False, 44_549_160, 105_344, 33, 4, 7_801_405_440),
    ImageNetCounts(101, "C", True, 76_981_288, 162_688, 33, 33, 13_530_300_416),
    ImageNetCounts(101, "C", False, 76_981_288, 162_688, 33, 33, 13_761_511_424),
    ImageNetCounts(152, "none", True, 57_416_232, 143_744, 0, 0, 10_922_754_048),
    ImageNetCounts(152, "none", False, 57_416_232, 143_744, 0, 0, 11_153_965_056),
    ImageNetCounts(152, "A", True, 57_416_232, 143_744, 50, 0, 10_922_754_048),
    ImageNetCounts(152, "A", False, 57_416_232, 143_744, 50, 0, 11_153_965_056),
    ImageNetCounts(152, "B", True, 60_192_808, 151_424, 50, 4, 11_282_415_616),
    ImageNetCounts(152, "B", False, 60_192_808, 151_424, 50, 4, 11_513_626_624),
    ImageNetCounts(152, "C", True, 107_335_720, 239_488, 50, 50, 20_736_376_832),
    ImageNetCounts(152, "C", False, 107_335_720, 239_488, 50, 50, 20_967_587_840),
)
# Sec. 4.1: "still lower complexity than VGG-16/19 nets (15.3/19.6 billion FLOPs)"; here with their fc layers.
VGG_MULTIPLY_ADDS = {16: 15_470_264_320, 19: 19_632_062_464}
