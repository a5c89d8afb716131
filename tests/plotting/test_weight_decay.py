"""The figures of the chapter `weight_decay` show their traces."""

from fractions import Fraction

from drawings import Contract, Kind

from gdbook.examples import weight_decay
from gdbook.plotting import weight_decay as draw

KINDS = [
    Kind(
        draw.five_places,
        weight_decay.shifts,
        ("A 0 in 5 places", "one pixel further down"),
    ),
    Kind(
        draw.kept_of_curvatures,
        lambda: weight_decay.kept_shares((3, Fraction(1, 3)), 1),
        ("decay of 1", "0.75 at 3", "0.25 at 0.333", "a half where the curvature is 1"),
        marks=((3, 0.75), (1 / 3, 0.25)),
        notes=(("0.75", (3, 0.75)), ("0.25", (1 / 3, 0.25))),
    ),
    Kind(
        draw.loss_over_width,
        lambda: (
            weight_decay.DoubleDescent(
                *(20, 4, 0, (10, 20, 40), ((1, 1), (0.5, 0.5), (0.1, 0.1))),
                *(((1, 2), (8, 16), (0.5, 0.75)), (1.5, 12, 0.625), 1),
            ),
        ),
        (
            *("from 10 to 40", "fitted to 20 digits", "over 2 seeds is 1.5 at first"),
            *("With no decay", "12 at its highest, with 20 nodes, and 0.625 at last"),
        ),
        marks=((10, 1.5), (20, 12), (40, 0.625)),
    ),
    Kind(
        draw.searched_decays,
        lambda: weight_decay.DecaySearch(
            *(50, 10, 1, 8, 40, 2, (0, 1), (0.1, 0.2), ((0.5, 0.25), (0.75, 0.625))),
            *(
                ((1, 3), (2, 0.875)),
                ((0.5, 0.25), (0.5, 0.75)),
                (0, 1),
                ((1, 1), (1, 1)),
            ),
        ),
        (
            *("8 hidden nodes on 50 digits", "decays 0 and 1", "At the rate 0.2"),
            *("0.25 and 0.625", "3 and 0.875", "the latter is 1 and 0.875"),
        ),
        marks=((0, 0.25), (1, 0.625), (0, 3), (1, 0.875), (0, 1), (1, 0.875)),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
