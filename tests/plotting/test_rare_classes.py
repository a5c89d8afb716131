"""The figures of the chapter `rare_classes` show their traces."""

from fractions import Fraction
from typing import Any

from drawings import Contract, Kind

from gdbook.examples import rare_classes
from gdbook.plotting import rare_classes as draw

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)

SEEN: tuple[Any, ...] = (
    *(8, 20, 4, 0.8, (1, 2), (1, 0), (0.8, 0.9), (0.5, 1), (0.25, 0.5)),
    *((1 / 3, 2 / 3), (0.5, 0.75), ((0.25, 1), (0.5, 1)), ((0.5, 0.2), (1, 0.2))),
    *(2, 1, 5, 0.1, 1),
)
KINDS = [
    Kind(
        draw.cost_curves,
        lambda: rare_classes.ThresholdCosts(
            *(3, 0.25, (0.25, 0.5, 0.75), ((4, 6, 9), (2, 8, 9))),
            *((6, 8), (4, 2), (4, 2), 12),
        ),
        (
            *("from 2 seeds", "a miss costs 3 false alarms"),
            *("it is 7 at the threshold of a half", "3 at 0.25", "no to all costs 12"),
        ),
        marks=((0.25, 3), (0.5, 7)),
        notes=(("0.25: 3", (0.25, 3)), ("0.5: 7", (0.5, 7))),
    ),
    Kind(
        draw.precision_over_rate,
        lambda: rare_classes.base_rates((HALF, QUARTER), HALF, QUARTER),
        # The odds 1 and 1/3 become 2 and 2/3.
        ("0.667 where it is 0.5", "0.4 where it is 0.25"),
        marks=((0.5, 2 / 3), (0.25, 0.4)),
        notes=(("0.667", (0.5, 2 / 3)), ("0.4", (0.25, 0.4))),
    ),
    Kind(
        draw.ranking_steps,
        lambda: rare_classes.ranking((3, 2, 1), (1, 0, 1)),
        # Precisions 1, 1/2 and 2/3; the area is (1 + 2/3)/2.
        (
            *("for 3 samples, 2 of them true", "from (0.5, 1) to (1, 0.667)"),
            *("area 0.833", "base rate is 0.667", "highest, 0.8, after sample 3"),
        ),
        marks=((0.5, 1), (0.5, 0.5), (1, 2 / 3)),
    ),
    Kind(
        draw.rare_curves,
        lambda: rare_classes.RareDigit(*SEEN),
        (
            *("4 pictures of the digit 8 among 20, from 2 seeds", "0.5 to 0.75"),
            *("base rate 0.2", "the recall is 0.25 to 0.5"),
        ),
        marks=((0.25, 0.5), (0.5, 1)),
        notes=(("threshold of a half", (0.5, 1)),),
    ),
    Kind(
        draw.screened_people,
        lambda: rare_classes.screening(19, 1, 2, 1),
        ("23 people", "Of 21 who are ill, 19 get a yes and 2 a no", "Of 2 who are"),
        # Columns of twenty, from above: 19 found, two missed, an alarm and a right no.
        marks=((0, 0), (0, -18), (0, -19), (1, 0), (1, -1), (1, -2)),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
