"""The figures of the chapter `backpropagation` show their traces."""

from typing import Any

import numpy as np
from bad_input import refused
from drawings import Contract, Kind, pictures, texts
from matplotlib.patches import Circle
from matplotlib.text import Annotation
from near import near

from gdbook.examples import backpropagation
from gdbook.plotting import backpropagation as draw

KINDS = [
    Kind(
        draw.check_curve,
        lambda: backpropagation.check_errors((1e-1, 1e-5, 1e-9)),
        (
            "from about 0.001 at the step 0.1 to about 10⁻¹¹ at 10⁻⁵",
            "rises to about 10⁻⁷ at 10⁻⁹",
            "a dashed one at the step 6.06 × 10⁻⁶",
        ),
    ),
    Kind(
        draw.backward_circuit,
        backpropagation.circuit,
        (
            *("inputs 2 and 3", "nodes 5 and 1", "prediction 9", "loss 16"),
            *("slope −8 along the prediction", "−16 and 8", "−24 and −8"),
            *("2 and −1 have slopes −40 and −8", "1 and 1 of a hidden node"),
            *("have slopes −32 and −48", "have slopes 16 and 24"),
        ),
    ),
    Kind(
        draw.gate_slopes,
        backpropagation.gates,
        ("Add: 3 and 4 give 7", "2 becomes 8 and 6", "give 4; the slope 2 becomes 0"),
    ),
    Kind(
        draw.hidden_plane,
        backpropagation.hand_made,
        ("(0, 0) at (0, 0)", "(1, 0) at (1, 0)", "(1, 1) at (2, 1)", "0, 1, 1 and 0"),
        marks=((0, 0), (1, 0), (1, 0), (2, 1)),
    ),
    Kind(
        draw.learned_surfaces,
        lambda: backpropagation.learn_xor(epochs=(0, 100), resolution=9),
        ("epochs 0 and 100", "and 1 are right"),
        # The plane from −1/2 to 3/2 is drawn as a square of 1, the next one 1.08 on.
        marks=(
            *((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)),
            *((1.33, 0.25), (1.33, 0.75), (1.83, 0.25), (1.83, 0.75)),
        ),
    ),
    Kind(
        draw.pass_counts,
        lambda: backpropagation.passes(((2, 2, 1), (2, 8, 1))),
        ("9 and 33 weights", "take 18 and 66 passes", "takes 2 and 2"),
        marks=((9, 18), (33, 66), (9, 2), (33, 2)),
        notes=(("differences: 66", (33, 66)), ("backpropagation: 2", (33, 2))),
    ),
    Kind(
        draw.split_line,
        backpropagation.best_split,
        ("4 samples", "45 degrees", "3 right, a share of 0.75, and 1 wrong"),
        # Four samples, and a ring around the one that is wrong.
        marks=((0, 0), (0, 1), (1, 0), (1, 1), (1, 1)),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestLinesAndWords:
    """Values stand above, slopes below, and lines where they were found."""

    def test_circuit(self) -> None:
        """Six numbers flow, each with a slope; six weights have a value and a slope."""
        figure = drawn("backward_circuit")
        circles = [p for p in figure.axes[0].patches if isinstance(p, Circle)]
        assert len(circles) == 6  # two inputs, two hidden nodes, prediction, loss
        weights = sorted(text for text in texts(figure) if text.startswith("×"))
        assert weights == ["× 1", "× 1", "× 1", "× 2", "× −1", "× −1"]
        slopes = {"−32", "−48", "16", "24", "−40", "−8", "−24", "−16", "8", "1"}
        assert slopes | {"target 13", "loss", "9"} <= set(texts(figure))

    def test_slope_is_below_its_value(self) -> None:
        """Value and slope of the first output weight are written at one place."""
        notes: dict[str, Any] = {
            text.get_text(): text
            for text in drawn("backward_circuit").axes[0].texts
            if isinstance(text, Annotation)
        }
        value, slope = notes["× 2"], notes["−40"]
        assert value.xy == slope.xy
        aligned = [note.get_verticalalignment() for note in (value, slope)]
        assert aligned == ["bottom", "top"]

    def test_each_gate_says_what_it_does(self) -> None:
        """A sum distributes, a product swaps, a maximum routes."""
        written = texts(drawn("gate_slopes"))
        assert {"distributes", "swaps", "routes", "+", "×", "max"} <= set(written)

    def test_split_line(self) -> None:
        """The line for XOR runs where the inputs add up to one half."""
        line = drawn("split_line").axes[0].lines[-1]
        sums = np.asarray(line.get_xydata()).sum(axis=1)
        assert sums.tolist() == near([0.5, 0.5], rel=1e-12)

    def test_split_of_many(self) -> None:
        """Rings lie around all samples that are wrong, and no other."""
        trace = backpropagation.moons_split(60, num_angles=12)
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
        made = backpropagation.hand_made(((1, 1),), (0,), (1,))
        says = "has 1 hidden nodes but must have 2 to be drawn in a plane"
        with refused(ValueError, "trace", says):
            draw.hidden_plane(made)

    def test_surfaces(self) -> None:
        """Each panel has a border where samples change sides, in words and in place."""
        trace = backpropagation.learn_xor(epochs=(0, 100), resolution=9)
        figure = draw.learned_surfaces(trace)
        assert {"epoch 0", "epoch 100", "right: 1"} <= set(texts(figure))
        borders = [one for one in figure.axes[0].collections if not one.get_zorder()]
        assert borders

    def test_panels_stand_in_two_columns(self) -> None:
        """The third panel stands below the first one."""
        trace = backpropagation.learn_xor(epochs=(0, 1, 2), resolution=3)
        figure = draw.learned_surfaces(trace)
        written = {text.get_text(): text for text in figure.axes[0].texts}
        first, _, third = (
            np.array(written[f"epoch {n}"].get_position()) for n in (0, 1, 2)
        )
        assert (first - third).tolist() == near([0, 1.3])
