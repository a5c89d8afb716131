"""The figures of the chapter `slopes` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import slopes
from gdbook.plotting import slopes as draw

KINDS = [
    Kind(
        draw.chords,
        slopes.parabola,
        # From (2, 4) to (3, 9), from (1, 1) to (3, 9), and the point itself.
        ("tangent has slope 4", "from x = 2 to 3", "slope 5", "from x = 1 to 3"),
        marks=((2, 4), (3, 9), (1, 1), (3, 9), (2, 4)),
        # At 2.6 the first chord has climbed 0.6 · 5; at 1.65 the second 0.65 · 4.
        notes=(
            ("forward: slope 5", (2.6, 7)),
            ("central: slope 4", (1.65, 3.6)),
            ("tangent: slope 4", (1.25, 1)),
        ),
    ),
    Kind(
        draw.differences,
        slopes.parabola,
        ("4, 4 and 4 for steps 1, 0.5 and 0.25", "slope 4", "5, 4.5 and 4.25"),
        marks=((1, 5), (0.5, 4.5), (0.25, 4.25), (1, 4), (0.5, 4), (0.25, 4)),
        notes=(("forward", (1, 5)), ("central", (1, 4))),
    ),
    Kind(
        draw.felt_slopes,
        lambda: slopes.dark_field(num_steps=2),
        # Each place is 0.6 times the one before, its slope twice it.
        ("slope 4 at x = 2", "slope 2.4 at x = 1.2", "slope 1.44 at x = 0.72"),
        marks=((2, 4), (1.2, 2.4), (0.72, 1.44)),
        notes=(
            ("slope 4", (2, 4)),
            ("slope 2.4", (1.2, 2.4)),
            ("slope 1.4", (0.72, 1.44)),
        ),
    ),
    Kind(
        draw.tangent,
        slopes.parabola,
        ("x = 2", "height is 4", "rises by 4"),
        marks=((2, 4),),
    ),
    Kind(
        draw.tangents,
        slopes.slope_signs,
        ("x = −2 the slope is −4", "x = 0 the slope is 0", "x = 2 the slope is 4"),
        marks=((-2, 4), (-1, 1), (0, 0), (1, 1), (2, 4)),
    ),
    Kind(
        draw.walk,
        lambda: slopes.dark_field(num_steps=3),
        ("3 steps", "x = 2 with slope 4", "x = 0.432 with slope 0.864"),
        marks=((2, 4), (1.2, 1.44), (0.72, 0.5184), (0.432, 0.186624)),
        notes=(
            ("start, slope 4", (2, 4)),
            ("after 3 steps, slope 0.86", (0.432, 0.186624)),
        ),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
