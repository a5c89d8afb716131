"""The figures of the chapter `backpropagation` show their traces."""

from typing import Any

from drawings import Contract, Kind, pictures, texts
from matplotlib.patches import Circle
from matplotlib.text import Annotation

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
        draw.pass_counts,
        lambda: backpropagation.passes(((2, 2, 1), (2, 8, 1))),
        ("9 and 33 weights", "take 18 and 66 passes", "takes 2 and 2"),
        marks=((9, 18), (33, 66), (9, 2), (33, 2)),
        notes=(("differences: 66", (33, 66)), ("backpropagation: 2", (33, 2))),
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
