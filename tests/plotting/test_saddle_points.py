"""The figures of the chapter `saddle_points` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import saddle_points
from gdbook.plotting import saddle_points as draw

KINDS = [
    Kind(
        draw.escape_line,
        lambda: saddle_points.escape_times((0.25, 0.125), learning_rate=1.0),
        # 1/4, 31/64, more than 1/2; 1/8 goes to 127/512 and on to less than 1/2.
        (
            "from 2 steps at distance 0.25 to 3 steps at distance 0.125",
            "in theory 3.32",
        ),
        marks=((0.25, 2), (0.125, 3)),
        # Theory: ln(1/2 ÷ 1/8)/ln 2 = 2 steps; one step more for half the distance.
        notes=(
            ("measured:\n3.322 per decade", (0.125, 3)),
            ("theory:\n3.322 per decade", (0.125, 2)),
        ),
    ),
    Kind(
        draw.hill_between,
        lambda: saddle_points.two_valleys((-2, 0, 1), num_steps=200),
        (
            "a valley of height −0.417 at x = −1, a hill of height 0 at x = 0",
            "from −2 end at −1, from 0 at 0, from 1 at 2",
            "at 0.5, the curve is at −0.276 and the chord at −1.54",
        ),
        # The heights of the starts are 4 + 8/3 − 4, 0 and 1/4 − 1/3 − 1.
        marks=((-2, 8 / 3), (0, 0), (1, -13 / 12), (-1, -5 / 12), (2, -8 / 3)),
    ),
    Kind(
        draw.noise_line,
        lambda: saddle_points.noisy_escape((0.1, 0.01), num_runs=3),
        ("over the size of the noise", "noise 0.1 to", "noise 0.01", "theory 24.16"),
    ),
    Kind(
        draw.saddle_cuts,
        saddle_points.flat_places,
        ("curvature 1;", "curvature −1 between", "(0, 1) with loss −0.25, a minimum"),
        marks=((0, 0), (1, -0.25), (-1, -0.25)),
        notes=(("curvatures 1 and −1", (0, 0)),),
    ),
    Kind(
        draw.saddle_losses,
        lambda: saddle_points.three_starts((0, 0.5), learning_rate=0.5, num_steps=1),
        # At (1, 1/2) 25/64; after a step at (1/2, 0) 1/8, and at (1/2, 11/16) −0.0555.
        ("from y = 0 falls from 0.5", "ends at 0.125", "0.391", "ends at −0.0555"),
        marks=((1, 0.125), (1, -14543 / 262144)),
    ),
    Kind(
        draw.saddle_map,
        lambda: saddle_points.three_starts((0, 0.5), learning_rate=0.5, num_steps=1),
        ("loss −0.25 at y = 1", "from (1, 0) ends after 1 step with loss 0.125"),
        marks=((1, 0), (0.5, 0), (1, 0.5), (0.5, 11 / 16)),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
