"""What the chapter says, beyond its own numbers."""

import inspect
from fractions import Fraction
from itertools import pairwise
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near
from public import modules, public
from strategies import fractions

from gdbook.examples.forward_propagation import (
    neuron,
    one_weight,
    single_layer,
    two_layers,
    word_inputs,
)
from gdbook.examples.weight_update import repeated
from gdbook.glue import defaults

FEW = settings(max_examples=30)
PAIRS = st.tuples(fractions(), fractions())
FED = st.lists(PAIRS, min_size=1, max_size=6)


@pytest.mark.claims(
    "It meets the target … at the weight …, another way to an error of zero than the "
    "weights ….",
    "Both inputs stay … and ….",
    "The three products add up to ….",
    "A neuron with three inputs and a bias.",
)
def test_both_examples_start_alike() -> None:
    """The page puts the weights of the one beside those of the other."""
    net, moved = (defaults(each) for each in (two_layers, one_weight))
    for name in ("output_weights", "target"):
        assert moved[name] == net[name]
    assert defaults(single_layer)["inputs"] == net["inputs"]
    assert (len(neuron().products), len(two_layers().hidden)) == (3, 2)


@pytest.mark.claims(
    "A word is not: numbering the words of a list would say that the third is three "
    "times the first.",
    "So each word gets an input of its own, which is $1$ for this word and $0$ for "
    "every other: a one-hot vector.",
    "A phrase is the sum of the vectors of its words, which counts how often each is "
    "said.",
    "Each word has one number to say, its weight, and a word that is not said has "
    "nothing to say.",
    "What the sum forgets is the order; a network that has to know it gets the vectors "
    "side by side.",
)
@FEW
@given(
    said=st.lists(st.sampled_from(word_inputs().vocabulary), min_size=1, max_size=6),
    weights=st.tuples(fractions(), fractions(), fractions()),
)
def test_words(said: list[str], weights: Any) -> None:
    """The weights of the words, added as often as they are said, in any order."""
    found = word_inputs(said, weights)
    names = found.vocabulary
    for word, row in zip(said, found.one_hot, strict=True):
        assert row == tuple(int(name == word) for name in names)
    assert found.inputs == tuple(said.count(name) for name in names)
    own = dict(zip(names, weights, strict=True))
    assert found.prediction == sum(own[word] for word in said)
    back = word_inputs(said[::-1], weights)
    assert back[3:] == found[3:]
    assert back.one_hot == found.one_hot[::-1]
    numbered: Any = [single_layer((k,), (Fraction(2),), 0).prediction for k in (1, 3)]
    assert numbered[1] == 3 * numbered[0]


@pytest.mark.claims(
    "The input layer has no weights and computes nothing, so this book does not count "
    "it: here are two layers.",
)
def test_the_input_layer_is_not_counted() -> None:
    """What it hands on are the inputs, and the weights belong to the two others."""
    net = two_layers()
    assert net.inputs == defaults(two_layers)["inputs"]
    assert [name for name in net._fields if name.endswith("_weights")] == [
        "hidden_weights",
        "output_weights",
    ]


@pytest.mark.claims(
    "The whole book keeps this order, prediction minus target, so that a sign has the "
    "same meaning everywhere.",
)
def test_error_is_prediction_minus_target() -> None:
    """In every example of the book that has errors, predictions and targets."""
    looked_at = set()
    chapters = (one for one in modules() if ".examples." in one.__name__)
    for module in chapters:
        for name, example in public(module).items():
            hints = get_type_hints(example) if inspect.isfunction(example) else {}
            fields = {*getattr(hints.get("return"), "_fields", ())}
            for error, says in (("error", "prediction"), ("errors", "predictions")):
                if not {error, says} <= fields:
                    continue
                given = defaults(example) | example()._asdict()
                targets = given.get("target", given.get("targets"))
                off = np.array(given[says]) - np.array(targets)
                assert np.array(given[error]) == near(off)
                looked_at.add(name)
    assert len(looked_at) > 10
    run = repeated()
    assert run.errors[0] == run.weights[0] * run.input_value - run.target


@pytest.mark.claims(
    "On its way each input is multiplied by a number of its own, its weight.",
    "A neuron does the same with any number of inputs, and then adds one more number, "
    "its bias $b$:",
    "A node multiplies each of its inputs by a weight, adds the products up, and adds "
    "its bias.",
)
@FEW
@given(fed=FED, bias=fractions())
def test_any_number_of_inputs(
    fed: list[tuple[Fraction, Fraction]], bias: Fraction
) -> None:
    """A neuron is one layer and its bias."""
    inputs, weights = zip(*fed, strict=True)
    products = tuple(x * weight for x, weight in fed)
    layer, node = single_layer(inputs, weights), neuron(inputs, weights, bias)
    assert layer.products == node.products == products
    assert layer.prediction == node.total == sum(products)
    assert node.prediction == sum(products) + bias


@pytest.mark.claims(
    "The second weight is negative and its input positive, so this input pulls the "
    "prediction down: its product is ….",
    "The products are … and …, so the prediction is ….",
    "The target is …, so the error is … − … = ….",
    "The value of each node stands in it, and the prediction … is too small by the "
    "size of the error.",
)
@FEW
@given(fed=FED, target=fractions())
def test_which_way_an_input_pulls(
    fed: list[tuple[Fraction, Fraction]], target: Fraction
) -> None:
    """Against the others where it and its weight have two signs."""
    inputs, weights = zip(*fed, strict=True)
    layer = single_layer(inputs, weights, target)
    without = single_layer((0, *inputs[1:]), weights, target)
    pull = layer.prediction - without.prediction
    assert (pull < 0) == (inputs[0] * weights[0] < 0)
    assert layer.prediction - target == layer.error
    assert neuron().weights[1] < 0 < neuron().inputs[1]
    assert neuron().bias > 0
    assert max(single_layer().error, two_layers().error) < 0


@pytest.mark.claims(
    "An output weight multiplies what feeds it, so raising the weight by $\\delta$ "
    "adds $\\delta$ times that number to its product, and the other products stay:",
    "A prediction is a sum of products with the weights, and that is how other "
    "weights can make another prediction.",
    "Raising an output weight by $\\delta$ adds $\\delta$ times what feeds it to the "
    "prediction; for a weight before a hidden node, this is multiplied by the output "
    "weight behind the node.",
)
@FEW
@given(
    inputs=PAIRS,
    hidden_weights=st.tuples(PAIRS, PAIRS),
    output_weights=PAIRS,
    delta=fractions(),
)
def test_how_far_a_weight_moves_the_prediction(
    inputs: Any, hidden_weights: Any, output_weights: Any, delta: Fraction
) -> None:
    """An output weight by what feeds it, a hidden one by the way behind it too."""
    before = two_layers(inputs, hidden_weights, output_weights)
    (w, *row), other = hidden_weights
    v, u = output_weights
    after = two_layers(inputs, hidden_weights, (v + delta, u))
    assert after.prediction - before.prediction == delta * before.hidden[0]
    assert after.output_products[1] == before.output_products[1]
    behind = two_layers(inputs, ((w + delta, *row), other), output_weights)
    assert behind.prediction - before.prediction == delta * inputs[0] * v


def test_a_hidden_weight_of_the_page() -> None:
    """One more on the first leads from 9 to 13, twice as far as 2 that feeds it."""
    assert two_layers(hidden_weights=((2, 1), (-1, 1))).prediction == 13


@pytest.mark.claims(
    "Only the first output weight moves, in steps of one unit.",
    "Every step adds …, the value of the hidden node that feeds the weight.",
    "The error is … at weight … and … at weight …, so somewhere in between it is zero.",
    "It meets the target … at the weight …, another way to an error of zero than the "
    "weights ….",
)
def test_the_line_of_one_weight() -> None:
    """The sign of the error changes once, around the weight that meets the target."""
    moved = one_weight()
    assert {after - before for before, after in pairwise(moved.weights)} == {1}
    assert {after - before for before, after in pairwise(moved.predictions)} == {
        moved.fed_by
    }
    assert moved.fed_by == two_layers().hidden[0]
    assert moved.errors[2] < 0 < moved.errors[3]
    assert moved.weights[2] < moved.meets_target < moved.weights[3]
    exact = one_weight(target=Fraction(13))
    second = two_layers().output_weights[1]
    for weights in ((exact.meets_target, second), (3, -2)):
        assert two_layers(output_weights=weights).error == 0


@pytest.mark.claims(
    "The prediction is the same for any inputs, because equation … contains nothing "
    "but sums and products with fixed weights.",
    "What it does to its sum before it sends it on is called its activation; here it "
    "is the identity, which changes nothing.",
    "The first input reaches the prediction on two paths, one through each hidden "
    "node.",
    "Along a path the weights multiply, and the two paths add up; the second input "
    "does likewise.",
)
@FEW
@given(inputs=PAIRS, hidden_weights=st.tuples(PAIRS, PAIRS), output_weights=PAIRS)
def test_one_layer_takes_the_place_of_two(
    inputs: Any, hidden_weights: Any, output_weights: Any
) -> None:
    """Along a path weights multiply, and the two paths add up."""
    (a, b), (c, d) = hidden_weights
    v, u = output_weights
    both = two_layers(inputs, hidden_weights, output_weights)
    one = single_layer(inputs, (a * v + c * u, b * v + d * u))
    assert one.prediction == both.prediction
    assert both.hidden == tuple(map(sum, both.hidden_products))
    assert both.prediction == sum(both.output_products)


@pytest.mark.claims(
    "An error of zero for one set of inputs does not make the weights right; the "
    "errors of many have to be weighed together.",
)
@FEW
@given(inputs=PAIRS)
def test_where_two_settings_agree(inputs: Any) -> None:
    """About multiples of the inputs they were chosen for, and no others."""
    exact = one_weight(target=Fraction(13))
    second = two_layers().output_weights[1]
    says = {
        two_layers(inputs, output_weights=weights).prediction
        for weights in ((3, -2), (exact.meets_target, second))
    }
    assert (len(says) == 1) == (3 * inputs[0] == 2 * inputs[1])
