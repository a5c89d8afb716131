"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook.activations import RELU
from gdbook.callbacks import Callback
from gdbook.examples.deep_networks import (
    _with,
    clipped_run,
    deep_losses,
    linked_chain,
    linked_scale,
    running_norm,
    two_means,
)
from gdbook.examples.vanishing_gradients import _deep, _digits, chain, remedies
from gdbook.fitting import fit
from gdbook.glue import defaults
from gdbook.initialisation import he
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import (
    Dense,
    Residual,
    backward,
    batch_norm,
    forward,
    forward_pass,
    layer_norm,
)
from gdbook.optimizers import Adam, GradientDescent, Momentum, clip_norm
from gdbook.packing import flatten
from gdbook.seeds import held

FACTORS = st.fractions(-3, 3, max_denominator=20)
trained = cache(deep_losses)
clipped = cache(clipped_run)


@pytest.mark.claims(
    "Ten layers that keep a quarter of the slope each, the best that sigmoids can do, "
    "leave one part in … of it: small factors multiply.",
    "Take two layers that multiply by …, each with a link.",
    "The slope is …, too, as everything here is a factor.",
    "Now ten such layers, one after the other, with a link around each.",
    "Of its … ways, the one around all layers has the slope one, whatever the layers "
    "do.",
    "The slope of the output along the value of each node.",
    "Without links every layer takes three quarters of it away; with links it adds a "
    "quarter.",
    "A link adds what enters a block to what leaves it, so a one is added to the "
    "block's slope, and one way back leads around all blocks.",
    "A way chooses which $k$ of the ten layers it goes through, and multiplies by $f$ "
    "in each: there are $\\binom{10}{k}$ such ways of $f^k$ each.",
    "The sum is exactly the slope.",
    "A layer that takes away what entered has the factor minus one, and its link "
    "cancels it: nothing is left.",
    "With minus a half, a half is left at each layer, and all ten leave one part in ….",
)
@settings(max_examples=20)
@given(factors=st.lists(FACTORS, min_size=1, max_size=4))
def test_ways(factors: list[Fraction]) -> None:
    """The slope is the sum over all ways, each a product of what it goes through."""
    layers = [x for f in factors for x in (Dense([[f]]), Residual())]
    passed = forward_pass(layers, [[Fraction(1)]])
    slope = backward(layers, passed, [[Fraction(1)]]).values[0].item()
    through = [
        math.prod(way, start=Fraction(1))
        for count in range(len(factors) + 1)
        for way in combinations(factors, count)
    ]
    assert len(through) == 2 ** len(factors)
    assert through[0] == 1
    assert sum(through) == slope == passed.values[-1].item()
    of_the_page = linked_chain()
    assert defaults(linked_chain)["n_layers"] == 10
    assert of_the_page.layer_factor == Fraction(1, 4) == chain().factors[0]
    assert chain().bound == float(of_the_page.plain_slopes[0])
    assert linked_chain(Fraction(-1)).slopes[0] == 0
    assert linked_chain(Fraction(-1, 2)).slopes[0] == Fraction(1, 1024)


@pytest.mark.claims(
    "Ways through two layers are …, and the long ones, which vanish in a plain "
    "network, hardly count."
)
def test_long_ways() -> None:
    """Those through more than half of the layers add less than a hundredth."""
    f = linked_chain().layer_factor
    shares = [math.comb(10, k) * f**k for k in range(11)]
    assert shares[2] / f**2 == 45
    assert sum(shares[6:]) < Fraction(1, 100) * sum(shares)


@pytest.mark.claims(
    "The layer itself has to say only by how much the value should change: the "
    "residual, after which the link is named.",
    "A link needs a layer that can leave its input as it is, as tanh and ReLU do with "
    "small weights.",
    "With small weights, tanh and ReLU make numbers close to zero; a sigmoid makes "
    "numbers close to a half.",
)
@pytest.mark.parametrize("seed", range(3))
def test_small_weights(seed: int) -> None:
    """A layer whose weights are small changes nothing, unless it is a sigmoid."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(5, 4))
    weights = 0.001 * rng.normal(size=(4, 4))
    for name, added in (("tanh", 0), ("ReLU", 0), ("sigmoid", 0.5)):
        first: Any = _deep(name, "normal", 2, 4, seed)[0]
        linked: Any = [Dense(weights, np.zeros(4), first.activation), Residual()]
        assert forward(linked, inputs)[-1] - inputs == near(added, abs=0.01)


@pytest.mark.claims(
    "Three of them get a link around every hidden layer but the first, whose input has "
    "another width.",
    "All else stays as it was: plain descent at the rate …, the same batches, the same "
    "number of steps, from … starts.",
    "Slope is the slope at the first hidden layer over that at the tenth, before "
    "training; the last two columns are the least and the greatest loss at the end.",
)
def test_same_settings() -> None:
    """The settings are those of the chapter before, and so are the failures."""
    ours, theirs = defaults(deep_losses), defaults(remedies)
    shared = ours.keys() & theirs.keys()
    assert {"learning_rate", "num_epochs", "batch_size", "n_samples"} < shared
    assert all(ours[name] == theirs[name] for name in shared)
    small = {"num_epochs": 3, "n_layers": 4, "n_nodes": 16}
    own = trained("tanh", "glorot", "plain", num_seeds=2, **small)
    before = remedies([("tanh", "glorot", False)], **small)
    starts = own.least, own.greatest
    assert any(before.last_losses[0] == near(end, rel=1e-9) for end in starts)
    assert own.ratio == near(before.ratios[0], rel=1e-9)
    linked: Any = _with("links", _deep("tanh", "normal", 10, 64, 0))
    first, *hidden, last = linked
    assert first.weights.shape == (64, 64) == hidden[0].weights.shape
    kinds = {type(layer) for layer in hidden[1::2]}
    assert (kinds, type(last)) == ({Residual}, Dense)


@pytest.mark.claims(
    "Without links tanh stays at …, the loss of a guess, as the other two did in the "
    "chapter before.",
    "With them the slope arrives everywhere, and tanh learns: from every start the "
    "loss ends between … and ….",
    "ReLU has begun to learn, and the sigmoid ends above a guess, between … and ….",
    "A slope that arrives is not enough.",
    "You will lead slopes around layers, take a mean over one sample in place of a "
    "batch, and shorten gradients, each on networks that fail without.",
)
def test_links() -> None:
    """With other starts than those of the page, too."""
    few = {"num_epochs": 10, "num_seeds": 2, "n_nodes": 48}
    nets: list[tuple[str, str]] = [("tanh", "normal"), ("ReLU", "normal")]
    for net in (*nets, ("sigmoid", "glorot")):
        linked = trained(*net, "links", **few)
        assert 0.3 < linked.ratio < 3
        if net[0] == "sigmoid":
            assert linked.least > linked.guess
        else:
            assert linked.greatest < linked.guess
            plain = trained(*net, "plain", **few)
            assert plain.least > 0.99 * plain.guess


@pytest.mark.claims(
    "The sigmoid adds about a half to every value at every link, the same for every "
    "picture: the size of the values grows from … behind the first layer to … behind "
    "the last.",
    "The last layer reads these large numbers, of which hardly anything is about the "
    "picture, and the losses begin near ….",
    "The sigmoid network shows the difference: its sums are nearly the same for every "
    "picture.",
    "What tells two pictures apart in it is small beside what tells two nodes apart, "
    "and layer normalisation divides by the latter.",
)
@pytest.mark.parametrize("seed", range(3))
def test_sigmoids(seed: int) -> None:
    """From layer to layer a half is added, and pictures hardly differ."""
    scale = linked_scale("sigmoid", "glorot", seed=seed)
    assert np.diff(scale.sizes) == near(0.5, abs=0.12)
    inputs, _ = _digits(200)
    layers = _deep("sigmoid", "glorot", 10, 64, seed)
    *_, last, _ = forward(_with("links", layers), inputs)
    assert last.std(axis=0).mean() < 0.05 * abs(last).mean()
    *_, deep, _ = forward(layers, inputs)
    sums = deep @ layers[-2].weights
    assert sums.std(axis=0).mean() < 1e-3 * sums.std(axis=1).mean()


@pytest.mark.claims(
    "Batch normalisation gives every node mean zero and deviation one over the samples "
    "of a batch.",
    "Here are two samples, each with four numbers.",
    "The second sample has the mean … and the deviation …, so … becomes ….",
    "In a batch of two, each column becomes minus one and one, or zeros where both "
    "agree.",
    "What all samples have in common, batch normalisation takes away, and layer "
    "normalisation leaves; what all nodes of one sample have in common, layer "
    "normalisation takes away.",
)
@settings(max_examples=20)
@given(seed=st.integers(0, 99), n_nodes=st.integers(3, 6))
def test_two_norms(seed: int, n_nodes: int) -> None:
    """What is common along the axis of its mean makes no difference."""
    rng = np.random.default_rng(seed)
    samples = rng.integers(-50, 50, size=(2, n_nodes)).astype(float)
    samples[:, 0] = 3
    own = two_means(samples)
    columns = np.array(own.by_columns)
    assert columns == near(np.sign(samples - samples.mean(axis=0)), abs=1e-12)
    for_all, for_each = rng.normal(size=n_nodes), rng.normal(size=(2, 1))
    moved, raised = two_means(samples + for_all), two_means(samples + for_each)
    assert np.array(moved.by_columns) == near(columns, abs=1e-9)
    assert np.array(raised.by_rows) == near(np.array(own.by_rows), abs=1e-9)
    assert abs(np.array(moved.by_rows) - own.by_rows).max() > 1e-6
    assert np.shape(defaults(two_means)["samples"]) == (2, 4)


@pytest.mark.claims(
    "Between sums and activation, layer normalisation brings tanh to a loss between … "
    "and …, and ReLU between … and ….",
    "The sigmoid stays at a guess with it, and ends near … with batch normalisation.",
    "Where the losses end: a bar from the least to the greatest of all starts, a dot "
    "at the median.",
)
def test_layer_norm() -> None:
    """Tanh and ReLU learn with it, and the sigmoid with the other one."""
    few = {"num_epochs": 6, "num_seeds": 2, "n_nodes": 48}
    for net in (("tanh", "normal"), ("ReLU", "normal")):
        assert trained(*net, "layer norm", **few).greatest < 2.2
    stuck = trained("sigmoid", "glorot", "layer norm", **few)
    assert stuck.least > 0.99 * stuck.guess
    learned = trained("sigmoid", "glorot", "batch norm", **few | {"num_epochs": 12})
    assert learned.greatest < 1.9


@pytest.mark.claims(
    "A network that predicts may be handed a single sample, which has no mean over a "
    "batch.",
    "So batch normalisation keeps a running mean $m$ and a running variance $u$, which "
    "every batch of the training moves by a tenth of the way:",
    "After one batch it is …, and … after … of them: a network that is asked too early "
    "answers by other numbers than it was trained with.",
    "And in training the answer hangs on the company: beside …, the same … becomes ….",
    "Layer normalisation keeps nothing and needs nothing: it makes the same of a "
    "sample, alone or in a batch, in training or when predicting.",
    "Batch normalisation takes means over a batch and needs running ones to predict; "
    "layer normalisation takes them over one sample, and is the same at any time.",
)
@pytest.mark.parametrize("seed", range(3))
def test_predicting(seed: int) -> None:
    """A tenth of the way each time; and layer normalisation is asked in all ways."""
    assert batch_norm(1).momentum == near(0.9)
    rng = np.random.default_rng(seed)
    batch = rng.normal(3, 2, size=(4, 3))
    with pytest.raises(ValueError, match="two samples or more in training"):
        forward_pass([batch_norm(3)], batch[:1], training=True)
    number, beside = ((12, 2), (5, -3), (100, 90))[seed]
    shown = running_norm(number, beside, 80)
    mean = (number + beside) / 2
    expected = [mean * (1 - 0.9**k) for k in range(81)]
    assert shown.running_means == near(expected, rel=1e-9)
    assert shown.predicted[-1] == near(shown.in_training, abs=0.02)
    assert abs(shown.predicted[1] - shown.in_training) > 0.1
    assert running_norm(12, 22).in_training == near(-1, rel=1e-5)
    layers = [layer_norm(3)]
    told = forward(layers, batch)[-1]
    assert forward_pass(layers, batch, training=True).values[-1] == near(told)
    alone = [forward(layers, sample)[-1] for sample in batch]
    assert told == near(np.array(alone), rel=1e-9, abs=1e-9)


@pytest.mark.claims(
    "The weights of He make what leaves a ReLU layer about as large as what entered, "
    "and a link adds the two.",
    "From layer to layer the values grow by the factor …, to … behind the tenth.",
    "The root of the mean square of what leaves each hidden layer, for ReLU with the "
    "weights of He.",
    "At the rate … the step along it is far too long, the next gradient is longer "
    "still, and after … steps the numbers have left the floats.",
)
@pytest.mark.parametrize("seed", range(3))
def test_growing(seed: int) -> None:
    """Wide layers keep the mean square, and linked ones multiply it."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(100, 64))
    made = forward([Dense(he(rng, 64, 64), np.zeros(64), RELU)], inputs)[-1]
    assert (made**2).mean() == near((inputs**2).mean(), rel=0.3)
    scale = linked_scale(seed=seed)
    assert 1.5 < scale.factor < 1.9
    assert len(scale.sizes) == 10
    assert scale.plain_sizes[-1] < 1
    run = clipped(seed=seed, num_epochs=6)
    assert len(run.plain_norms) < 8
    assert list(run.plain_norms) == sorted(run.plain_norms)


@pytest.mark.claims(
    "Clipped to half of that, both slopes are halved:",
    "Train the network that left the floats once more, at the same rate, with a limit "
    "of ….",
    "Then no step is longer than ….",
    "Clipped, they fall, and so do the losses: the limit cuts in … of the … steps, and "
    "at the end the loss is ….",
    "The norm of the gradient in each step, before it is clipped.",
    "A steep slope says where down is, and not how far; clipping takes from it the "
    "direction alone.",
    "You will learn what a link adds to a slope, which mean each normalisation takes, "
    "and what clipping keeps of a gradient.",
)
def test_clipping() -> None:
    """From other starts it learns, too."""

    def learns(seed: int) -> bool:
        run = clipped(seed=seed)
        return run.end < 0.1 and 20 * max(run.norms[-5:]) < run.norms[0]

    assert held(learns, 3).failing == ()
    gradient = np.array([3.0, 4.0])
    assert clip_norm(gradient, 2.5).tolist() == (gradient / 2).tolist()


class Steps(Callback):
    """What writes down where a run stands."""

    def __init__(self) -> None:
        self.places: list[np.ndarray] = []

    def record(self, run: object) -> None:
        """Write down all that is learned."""
        self.places.append(flatten(run.layers))  # type: ignore[attr-defined]


@pytest.mark.claims("In fit the limit is the argument clip_norm, for any rule.")
@pytest.mark.parametrize("rule", [GradientDescent(0.1), Momentum(0.1), Adam(0.1)])
def test_any_rule(rule: object) -> None:
    """Each rule takes the clipped gradient in place of the long one."""
    inputs, targets, limit = [[1.0]], [[100.0]], 0.5
    steps = Steps()
    fit(
        [Dense([[0.5]], [0.0])],
        inputs,
        targets,
        loss=MEAN_SQUARED_ERROR,
        rule=rule,  # type: ignore[arg-type]
        num_epochs=2,
        batch_size=1,
        generator=np.random.default_rng(0),
        callbacks=[steps],
        clip_norm=limit,
    )
    place, state = np.array([0.5, 0.0]), rule.init(np.zeros(2))  # type: ignore[attr-defined]
    for reached in steps.places:
        error = place.sum() - 100
        gradient = clip_norm(2 * error * np.ones(2), limit)
        update, state = rule.update(gradient, state)  # type: ignore[attr-defined]
        place = place + update
        assert reached == near(place, rel=1e-9)


@pytest.mark.claims(
    "Cut each slope to the limit by itself, by np.clip.",
    "By norm, the second slope stays as many times the first as it was.",
    "By slope, the small one is left and the large one is cut: the step turns towards "
    "weights that hardly matter.",
    "Find it by …, and say what half of that factor leaves, before you run it.",
)
@given(small=st.floats(0.1, 4.9), large=st.floats(5.1, 1000))
def test_by_slope(small: float, large: float) -> None:
    """One keeps the share of the two, and the other makes it smaller."""
    gradient = np.array([small, large])
    by_norm, by_slope = clip_norm(gradient, 5), np.clip(gradient, -5, 5)
    assert by_norm[1] / by_norm[0] == near(large / small, rel=1e-9)
    assert by_slope[0] == small
    assert by_slope[1] / by_slope[0] < large / small
