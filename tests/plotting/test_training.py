"""The figures of the chapter `training` show their traces."""

import numpy as np
from bad_input import refused
from drawings import Contract, Kind, pictures, texts
from near import near

from gdbook.examples import training
from gdbook.plotting import training as draw

KINDS = [
    Kind(
        draw.hidden_plane,
        training.hand_made,
        ("(0, 0) at (0, 0)", "(1, 0) at (1, 0)", "(1, 1) at (2, 1)", "0, 1, 1 and 0"),
        marks=((0, 0), (1, 0), (1, 0), (2, 1)),
    ),
    Kind(
        draw.learned_surfaces,
        lambda: training.learn_xor(epochs=(0, 100), resolution=9),
        ("epochs 0 and 100", "and 1 are right"),
        # The plane from −1/2 to 3/2 is drawn as a square of 1, the next one 1.08 on.
        marks=(
            *((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)),
            *((1.33, 0.25), (1.33, 0.75), (1.83, 0.25), (1.83, 0.75)),
        ),
    ),
    Kind(
        draw.split_line,
        training.best_split,
        ("4 samples", "45 degrees", "3 right, a share of 0.75, and 1 wrong"),
        # Four samples, and a ring around the one that is wrong.
        marks=((0, 0), (0, 1), (1, 0), (1, 1), (1, 1)),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestLinesAndPanels:
    """Lines lie where they were found, samples where the network puts them."""

    def test_split_line(self) -> None:
        """The line for XOR runs where the inputs add up to one half."""
        line = drawn("split_line").axes[0].lines[-1]
        sums = np.asarray(line.get_xydata()).sum(axis=1)
        assert sums.tolist() == near([0.5, 0.5], rel=1e-12)

    def test_split_of_many(self) -> None:
        """Rings lie around all samples that are wrong, and no other."""
        trace = training.moons_split(60, num_angles=12)
        rings = draw.split_line(trace).axes[0].lines[2]
        wrong = np.array([trace.inputs[index] for index in trace.wrong], dtype=float)
        assert len(wrong)
        assert np.array_equal(rings.get_xydata(), wrong)

    def test_hidden_plane(self) -> None:
        """On the line the first node minus twice the second is one half."""
        figure = drawn("hidden_plane")
        for first, second in np.asarray(figure.axes[0].lines[-1].get_xydata()):
            assert first - 2 * second == near(0.5, rel=1e-12)
        assert "(0, 1) and (1, 0)" in texts(figure)

    def test_hidden_plane_has_two_axes(self) -> None:
        """A network with another number of hidden nodes is refused."""
        made = training.hand_made(((1, 1),), (0,), (1,))
        says = "has 1 hidden nodes but must have 2 to be drawn in a plane"
        with refused(ValueError, "trace", says):
            draw.hidden_plane(made)

    def test_surfaces(self) -> None:
        """Each panel has a border where samples change sides, in words and in place."""
        trace = training.learn_xor(epochs=(0, 100), resolution=9)
        figure = draw.learned_surfaces(trace)
        assert {"epoch 0", "epoch 100", "right: 1"} <= set(texts(figure))
        borders = [one for one in figure.axes[0].collections if not one.get_zorder()]
        assert borders

    def test_panels_stand_in_two_columns(self) -> None:
        """The third panel stands below the first one."""
        trace = training.learn_xor(epochs=(0, 1, 2), resolution=3)
        figure = draw.learned_surfaces(trace)
        written = {text.get_text(): text for text in figure.axes[0].texts}
        first, _, third = (
            np.array(written[f"epoch {n}"].get_position()) for n in (0, 1, 2)
        )
        assert (first - third).tolist() == near([0, 1.3])
