"""The figures of the chapter `gradient` show their traces."""

from drawings import Contract, Kind, close, pictures
from matplotlib.text import Annotation

from gdbook.examples import gradient
from gdbook.plotting import gradient as draw

KINDS = [
    Kind(
        draw.direction_slopes,
        gradient.directions,
        ("between −50 and 50", "(1, 0) it is 30", "(0, 1) it is 40", "it is −50"),
        # The triangle with sides 3, 4, 5 has the angle 36.87 degrees.
        marks=(
            (0, 30),
            (90, 40),
            (-36.86989764584402, 0),
            (-126.86989764584402, -50),
        ),
    ),
    Kind(
        draw.two_weight_paths,
        gradient.several_starts,
        ("from (1, 2)", "from (−1, 1)", "from (2, 1)", "or less"),
        # Steps of 0.01 times the gradients (30, 40), (−30, −40) and (24, 32).
        marks=((1, 2), (0.7, 1.6), (-1, 1), (-0.7, 1.4), (2, 1), (1.76, 0.68)),
    ),
    Kind(
        draw.two_weight_step,
        gradient.two_inputs,
        ("(1, 2) with loss 25", "(0.7, 1.6) with loss 6.25"),
        marks=((1, 2),),
        notes=(("", (0.7, 1.6)),),
    ),
]

drawn, _ = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_arrow_of_two_weight_step(self) -> None:
        """The arrow leads from (1, 2) to (0.7, 1.6)."""
        (arrow,) = (
            text
            for text in drawn("two_weight_step").axes[0].texts
            if isinstance(text, Annotation)
        )
        assert close(arrow.xyann, (1, 2))
        assert close(arrow.xy, (0.7, 1.6))
