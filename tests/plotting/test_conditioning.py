"""The figures of the chapter `conditioning` show their traces."""

import numpy as np
from drawings import ROUNDED, Contract, Kind, pictures
from near import near

from gdbook.examples import conditioning
from gdbook.plotting import conditioning as draw

KINDS = [
    Kind(
        draw.downhill_aims,
        conditioning.aims,
        # Both (1, 8) against (5, 2) and (0.8, 4) against (4, 1) are angles.
        ("from 7 places", "From (−6, 0)", "from (−5, −2) it misses it by 61.1", "64.7"),
        marks=((-5, -2), (-6, 0), (0, -2), (4, 1), (-4, 1), (6, 0), (0, 2), (0, 0)),
    ),
    Kind(
        draw.factor_envelope,
        conditioning.measured_factors,
        ("least, 0.905, at the rate 0.476", "passes 1 at 0.5", "0.92 at 0.4"),
        # The best rate 10/21 with factor 19/21, the bound 2/4, and 1 − 0.4/5 at 0.4.
        marks=((10 / 21, 19 / 21), (0.5, 1), (0.4, 0.92)),
        notes=(("best: 0.476", (10 / 21, 19 / 21)), ("bound: 0.5", (0.5, 1))),
    ),
    Kind(
        draw.part_sizes,
        lambda: conditioning.zig_zag(num_steps=2),
        ("over 2 steps", "from 5 to 4.14, by 0.91", "from 2 to 1.28, by 0.8"),
        # 5 · 0.91, 5 · 0.91²; 2 · 0.8, 2 · 0.8².
        marks=((0, 5), (1, 4.55), (2, 4.1405), (0, 2), (1, 1.6), (2, 1.28)),
        notes=(("flat: × 0.91", (1, 4.55)), ("steep: × −0.8", (1, 1.6))),
    ),
    Kind(
        draw.scaled_valleys,
        conditioning.standardised,
        ("number of 17.4 and 190 steps", "centred, 2.57 and 27 steps", "1 and 1 step"),
    ),
    Kind(
        draw.slope_parts,
        conditioning.linear_step_parts,
        ("slope 0.0429 over 200 steps", "from −0.528", "step 5", "0.446", "from 0.485"),
    ),
    Kind(
        draw.split_error,
        lambda: conditioning.linear_step_parts(num_steps=1),
        ("line (0.0429, 1.05)", "start at (0, 0)", "−0.823 along", "−0.653 across"),
        marks=((0, 0), (0.26, 0.22), (3 / 70, 21 / 20)),
        notes=(("start", (0, 0)), ("best", (3 / 70, 21 / 20))),
    ),
    Kind(
        draw.zig_zag_path,
        lambda: conditioning.zig_zag(num_steps=2),
        ("at (−5, −2)", "2 steps", "x₂ by −0.8", "x₁ by 0.91", "at (−4.14, −1.28)"),
        marks=((-5, -2), (-4.55, 1.6), (-4.1405, -1.28), (0, 0)),
        notes=(("start", (-5, -2)), ("step 2", (-4.1405, -1.28))),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


drawn, traced = pictures(KINDS)


class TestLines:
    """What is drawn without markers lies where the numbers are, too."""

    def test_ellipses_have_one_height(self) -> None:
        """On each the loss is that of the start, a third of it, and so on."""
        ellipses = [
            points
            for line in drawn("zig_zag_path").axes[0].lines
            if len(points := np.asarray(line.get_xydata())) == 121
        ]
        highest = traced("zig_zag_path").losses[0]
        for ellipse, share in zip(ellipses, (27, 9, 3, 1), strict=True):
            heights = [conditioning.valley_loss(place) for place in ellipse]
            assert heights == near([highest / share] * 121, rel=ROUNDED)

    def test_the_slower_factor_is_green(self) -> None:
        """At every rate it is the larger of the other two lines."""
        lines = [
            points
            for line in drawn("factor_envelope").axes[0].lines
            if len(points := np.asarray(line.get_xydata())) == 241
        ]
        slower, flat, steep = (line[:, 1] for line in lines)
        assert np.array_equal(slower, np.maximum(flat, steep))
