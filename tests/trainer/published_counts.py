"""The oracle of exact counts: CIFAR networks of He et al. 2015, sec. 4.2, 10 classes, 3×32×32 input.

Source: the paper's architecture, counted independently of this code; with two decimals option A's parameters are
Table 6's (0.27, 0.46, 0.66, 0.85, 1.73 and 19.42 M). Multiply-adds count a multiply and its add once.
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
