"""The figures of the page of measurements show their traces."""

from drawings import Contract, Kind

from gdbook.examples.measurements import Measured
from gdbook.plotting import measurements as draw

KINDS = [
    Kind(
        draw.ratios,
        lambda: Measured(
            "seconds a step",
            ("3 × 2", "100 × 10"),
            ("ours", "by hand", "other"),
            ((2, 1, 6), (4, 3, 2)),
            ((1, 0.5, 3), (1, 0.75, 0.25)),
            (3, 3),
        ),
        (
            *("by hand from 0.5 to 0.75 and other from 0.25 to 3", "2 cases"),
            *("Beside ours", "the line at 1"),
        ),
        marks=((0.5, 0), (0.75, 1), (3, 0), (0.25, 1)),
    ),
]


class TestContract(Contract):
    """Every figure of the page keeps the contract of the package."""

    module, kinds = draw, KINDS
