"""The figures of the chapter `forward_propagation` show their traces."""

from drawings import Contract, Kind, pictures, texts
from matplotlib.patches import Circle

from gdbook.examples import forward_propagation
from gdbook.plotting import forward_propagation as draw

KINDS = [
    Kind(
        draw.network_diagram,
        forward_propagation.single_layer,
        ("2 and 3", "prediction 3.1", "0.5 and 0.7"),
    ),
    Kind(
        draw.prediction_line,
        forward_propagation.one_weight,
        ("−1, 4, 9, 14 and 19", "0, 1, 2, 3 and 4", "rises by 5", "13", "2.8"),
        marks=((0, -1), (1, 4), (2, 9), (3, 14), (4, 19), (2.8, 13)),
        notes=(("weight 2.8", (2.8, 13)),),
    ),
]

drawn, _ = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestNetworkDiagram:
    """Draw a network with its value in every node and its weight on every edge."""

    def test_single_layer(self) -> None:
        """Two inputs, two weights, one prediction."""
        figure = drawn("network_diagram")
        assert {"2", "3", "× 0.5", "× 0.7", "3.1"} <= set(texts(figure))
        circles = [p for p in figure.axes[0].patches if isinstance(p, Circle)]
        assert len(circles) == 3

    def test_two_layers(self) -> None:
        """Two inputs, two hidden nodes, one prediction, six weights."""
        figure = draw.network_diagram(forward_propagation.two_layers())
        circles = [p for p in figure.axes[0].patches if isinstance(p, Circle)]
        weights = [text for text in texts(figure) if text.startswith("×")]
        assert len(circles) == 5
        assert sorted(weights) == ["× 1", "× 1", "× 1", "× 2", "× −1", "× −1"]
        assert {"hidden", "5", "9"} <= set(texts(figure))
        assert "hidden node 5" in figure.alt
        assert "hidden node 1" in figure.alt

    def test_neuron(self) -> None:
        """A neuron shows its bias."""
        figure = draw.network_diagram(forward_propagation.neuron())
        assert "+ bias 4" in texts(figure)
        assert "The bias is 4." in figure.alt
