"""The worked examples of the chapter on Keras, which run in Keras."""

import os
import sys
import warnings
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.activations import leaky_relu
from gdbook.callbacks import Epoch, ReduceOnPlateau, Run
from gdbook.datasets import moons
from gdbook.examples.in_keras import (
    DeepSlopes,
    Defaults,
    KerasLine,
    KerasRun,
    KerasWeight,
    SameLosses,
    ThenAndNow,
    _keras,
    deep_slopes,
    defaults,
    line_in_keras,
    losses_in_keras,
    recorded,
    then_and_now,
    weight_in_keras,
)
from gdbook.examples.linear_regression import linear_steps
from gdbook.exercises import in_keras
from gdbook.fitting import fit
from gdbook.glue import defaults as asked
from gdbook.losses import MEAN_SQUARED_ERROR, mean_squared_error
from gdbook.network import BatchNorm, Dense, forward
from gdbook.optimizers import GradientDescent

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("2.24", "2.02400", "2.001", "0.26", "0.22", "0.37767", "0.33533", "0.42724"),
    *("0.40014", "0.44434", "0.44043", "151", "286", "37697", "448", "320", "−24"),
    *("18",),
)

# A 32-bit float near 2 is right to half of 2⁻²², and a few operations are behind it.
FLOAT32 = 2.0**-22


@cache
def same_losses() -> SameLosses:
    """Train the networks of the page once."""
    return losses_in_keras()


@cache
def slopes_in_depth() -> DeepSlopes:
    """Measure the networks of the page once."""
    return deep_slopes()


@cache
def old_names() -> ThenAndNow:
    """Run the old spellings once."""
    return then_and_now()


class TestOneWeight:
    """The one-weight update gives 2.24 in Keras too."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        step = weight_in_keras()
        assert isinstance(step, KerasWeight)
        assert step.new_weight == near(2.24, abs=FLOAT32)  # 2 + 0.01·24
        assert step.ours == near(2.24, rel=1e-15)
        assert_plain(step)

    @pytest.mark.parametrize(
        ("rule", "new_weight"),
        [
            ("SGD", 2.024),  # 2 + 0.001·24
            ("RMSprop", 2 + 0.001 / 0.1**0.5),  # 0.001·24/√(0.1·24²)
            ("Adam", 2.001),  # the length of the rate
        ],
    )
    def test_each_rule_steps_as_it_should(self, rule: str, new_weight: float) -> None:
        """Plain descent, RMSProp and Adam, with a tenth of the rate."""
        step = weight_in_keras(learning_rate=0.001, rule=rule)
        # An epsilon of 10⁻⁷ beside 24 or 24²/10 is below the rounding.
        assert step.new_weight == near(new_weight, abs=2 * FLOAT32)
        assert step.ours == near(new_weight, rel=1e-9)
        assert abs(step.new_weight - step.ours) < 2 * FLOAT32

    def test_other_numbers_give_other_results(self) -> None:
        """Prediction 2, error 1, slope 2·1·(−1) = −2, all exact; ours on fractions."""
        half = Fraction(1, 2)
        step = weight_in_keras(-1, -2, 1, half)
        assert step == (-1, -1)
        assert isinstance(step.ours, Fraction)


class TestTheLine:
    """The linear step gives 0.26 and 0.22 in Keras too."""

    @pytest.mark.claims(
        "The largest difference from this library in the whole table is …."
    )
    def test_every_number_of_the_book(self) -> None:
        """Four steps, against the same steps in fractions."""
        line = line_in_keras()
        assert isinstance(line, KerasLine)
        points = [
            (Fraction(1, 2), Fraction(4, 5)),
            (Fraction(2), Fraction(1)),
            (Fraction(1), Fraction(3, 2)),
        ]
        slope = intercept = Fraction(0)
        slopes, intercepts = [slope], [intercept]
        for _ in range(4):
            errors = [slope * x + intercept - y for x, y in points]
            along = sum(e * x for e, (x, _) in zip(errors, points, strict=True))
            slope -= Fraction(2, 30) * along
            intercept -= Fraction(2, 30) * sum(errors)
            slopes.append(slope)
            intercepts.append(intercept)
        assert slopes[1:3] == [Fraction(13, 50), Fraction(1133, 3000)]
        assert intercepts[1] == Fraction(11, 50)
        theirs = (*line.slopes, *line.intercepts)
        exact = [float(x) for x in (*slopes, *intercepts)]
        assert theirs == near(exact, abs=FLOAT32)
        steps = linear_steps((0.5, 2.0, 1.0), (0.8, 1.0, 1.5))
        ours = (*steps.slopes, *steps.intercepts)
        assert ours == near(exact, rel=1e-13)
        apart = [abs(a - float(b)) for a, b in zip(theirs, ours, strict=True)]
        assert line.difference == max(apart)
        assert line.difference < FLOAT32
        assert_plain(line)

    def test_other_numbers_give_other_results(self) -> None:
        """Points (1, 2) and (3, 4): gradient (−14, −6), all exact."""
        half = Fraction(1, 4)
        line = line_in_keras((Fraction(1), 3), (2, 4), half, num_steps=1)
        assert line == ((0, 3.5), (0, 1.5), 0)
        assert_plain(line)

    def test_no_steps(self) -> None:
        """Only the start is there."""
        assert line_in_keras(num_steps=0) == ((0,), (0,), 0)


class TestEveryLoss:
    """A small network from the same start follows the same losses to float32."""

    @pytest.mark.claims(
        "The largest difference of all is … of the loss.",
        "From one start they walk the same way.",
    )
    def test_the_losses_agree(self) -> None:
        """Sixty steps of three rules agree to about five digits or better."""
        same = same_losses()
        assert isinstance(same, SameLosses)
        assert same.rules == ("descent", "momentum", "Adam")
        assert [len(own) for own in same.ours] == [60, 60, 60]
        assert [len(own) for own in same.theirs] == [60, 60, 60]
        # 60 steps of rounding at 2⁻²⁴, which Adam amplifies where slopes are small.
        assert max(same.largest) < 1e-4
        assert max(same.largest[:2]) < 1e-6
        assert same.num_params == 33  # 2·8 + 8 + 8 + 1
        assert (same.n_samples, same.learning_rates) == (100, (0.5, 0.1, 0.05))
        assert_plain(same)

    def test_the_largest_difference_is_that_of_the_losses(self) -> None:
        """It is relative to this library's loss."""
        same = same_losses()
        for ours, theirs, largest in zip(
            same.ours, same.theirs, same.largest, strict=True
        ):
            apart = [abs(k / o - 1) for k, o in zip(theirs, ours, strict=True)]
            assert largest == near(max(apart), rel=1e-6)

    @pytest.mark.claims(
        "Another rule would be farther off: at some step, any two of the three differ "
        "by … of the loss or more, even if they end alike.",
    )
    def test_the_rules_start_together_and_part(self) -> None:
        """The first loss is the same; all learn, each in its own way."""
        same = same_losses()
        assert len({own[0] for own in same.ours}) == 1
        assert len({own[-1] for own in same.ours}) == 3
        assert all(own[-1] < 0.6 * own[0] for own in same.ours)
        for one, other in combinations(same.ours, 2):
            parts = [abs(x / y - 1) for x, y in zip(one, other, strict=True)]
            assert max(parts) > 1000 * max(same.largest)
        # Descent and momentum end alike to three digits.
        assert same.ours[0][-1] == near(same.ours[1][-1], rel=1e-3)

    def test_other_settings_give_other_networks(self) -> None:
        """Numbers of steps, nodes and samples count, and so does the seed."""
        small = losses_in_keras(num_steps=1, n_hidden=3, n_samples=20, seed=2)
        assert small.num_params == 13  # 2·3 + 3 + 3 + 1
        assert [len(own) for own in small.ours] == [1, 1, 1]
        other = losses_in_keras(num_steps=1, n_hidden=3, n_samples=20, seed=3)
        assert small.ours != other.ours
        assert max(*small.largest, *other.largest) < 1e-6


class TestSlopesInDepth:
    """Behind ten sigmoids the first layer receives next to nothing."""

    @pytest.mark.claims(
        "The size of the slopes in the hidden layers of three deep networks, before "
        "their first step.",
        "The text also stacks layers of sigmoids, to show that slopes vanish:",
    )
    def test_each_kind_has_its_slopes(self) -> None:
        """Ten layers of three kinds, and the first over the last."""
        own = asked(deep_slopes)
        # As many as the page stacks, and as wide.
        assert (own["num_layers"], own["width"]) == (10, 64)
        slopes = slopes_in_depth()
        assert isinstance(slopes, DeepSlopes)
        assert slopes.kinds == ("sigmoid", "ReLU", "normalised sigmoid")
        assert [len(sizes) for sizes in slopes.sizes] == [10, 10, 10]
        assert slopes.ratios == tuple(own[0] / own[-1] for own in slopes.sizes)
        assert_plain(slopes)

    @pytest.mark.claims(
        "Behind … sigmoids the first layer receives … of the slope that the last one "
        "gets: under plain descent it as good as stands still while the last one "
        "learns.",
        "Without normalisation, sigmoids lose them on the way back to the inputs.",
    )
    def test_what_the_page_says(self) -> None:
        """Sigmoids lose their slopes, ReLUs keep them, normalised ones grow."""
        sigmoid, relu, normalised = slopes_in_depth().ratios
        assert sigmoid < 1e-3
        assert 1 < relu < 100
        assert normalised > 5

    def test_a_slope_is_the_chain_rule(self) -> None:
        """One hidden node: the mean of (p − y)·v·s(1 − s)·x, from the same weights."""
        found = deep_slopes(num_layers=1, width=1, n_samples=10, seed=4)
        import keras  # noqa: PLC0415 (the library has chosen its backend)

        keras.utils.set_random_seed(4)
        model = keras.Sequential([keras.Input((2,))])
        for activation in ("sigmoid", "sigmoid"):
            model.add(keras.layers.Dense(1))
            model.add(keras.layers.Activation(activation))
        first, _, second, _ = (np.asarray(v, float) for v in model.trainable_variables)
        inputs, targets = moons(10, seed=4)[:2]
        hidden = 1 / (1 + np.exp(-inputs @ first))
        errors = 1 / (1 + np.exp(-hidden @ second)) - targets
        slope = (errors * second[0, 0] * hidden * (1 - hidden) * inputs).mean(axis=0)
        expected = np.sqrt(np.mean(slope**2))
        assert found.sizes[0] == near((expected,), rel=1e-4)
        assert found.ratios == (1, 1, 1)


class TestDefaults:
    """Keras and this library assume different things unless told."""

    def test_every_number_of_the_book(self) -> None:
        """The numbers of Keras' documentation, beside those of the docstrings here."""
        found = defaults()
        assert isinstance(found, Defaults)
        assert found.settings == (
            "leak of the function leaky_relu",
            "leak of a leaky ReLU layer",
            "momentum of batch normalisation",
            "epsilon of batch normalisation",
            "epsilon of Adam",
            "epsilon of RMSProp",
            "squared error of (1, 3) for (0, 0)",
        )
        # (1 + 9)/2 and 1 + 9 at the end
        assert found.theirs == (0.2, 0.3, 0.99, 0.001, 1e-7, 1e-7, 5)
        assert found.ours == (0.01, 0.01, 0.9, 1e-5, 1e-8, 1e-8, 10)
        assert_plain(found)

    @pytest.mark.claims(
        "With several outputs the squared error of Keras is the smaller one, because "
        "Keras divides by the number of outputs as well: a rate takes smaller steps "
        "there."
    )
    @pytest.mark.parametrize("n_outputs", [1, 2, 5])
    def test_several_outputs(self, n_outputs: int) -> None:
        """Keras has the mean over the outputs, this library their sum."""
        generator = np.random.default_rng(n_outputs)
        predictions, targets = generator.normal(size=(2, 4, n_outputs))
        theirs = float(_keras().losses.MeanSquaredError()(targets, predictions))
        ours = float(mean_squared_error(predictions, targets))
        assert n_outputs * theirs == near(ours, rel=1e-6)

    def test_the_docstrings_say_the_same(self) -> None:
        """What the library's docstrings say about Keras is what Keras does."""
        function, layer, momentum, epsilon, *_ = defaults().theirs
        leaks = f"Keras leaks {layer} as a layer,\n    ``LeakyReLU``, and {function} as"
        assert leaks in str(leaky_relu.__doc__)
        norm = f"momentum of {momentum} and an epsilon of {epsilon}"
        assert norm in str(BatchNorm.__doc__)


class TestOldNames:
    """What becomes of the spellings of text 003 in today's Keras."""

    def test_each_spelling_has_its_outcome(self) -> None:
        """Four stop, three warn, one warns in a log."""
        names = old_names()
        assert isinstance(names, ThenAndNow)
        assert list(zip(names.then, names.outcomes, strict=True)) == [
            ("keras.wrappers.scikit_learn", "ModuleNotFoundError"),
            ("build_fn=…", "TypeError"),
            ("input_shape=(8,)", "UserWarning"),
            ("LeakyReLU(alpha=…)", "UserWarning"),
            ("best_model.h5", "log warning"),
            ("weights in best.h5", "ValueError"),
            ("add(…) after the output", "ValueError"),
            ("val_loss of nothing", "UserWarning"),
        ]
        assert names.now == (
            "keras.wrappers",
            "model=…",
            "keras.Input((8,))",
            "negative_slope=…",
            "best_model.keras",
            "best.weights.h5",
            "pop() first",
            "validation_split=0.2",
        )
        assert names.num_columns == in_keras.columns_of_longer.answer == 20
        assert_plain(names)

    def test_each_message_is_about_its_row(self) -> None:
        """The messages name what is wrong."""
        for message, part in zip(
            old_names().messages,
            (
                "keras.wrappers.scikit_learn",
                "build_fn",
                "input_shape",
                "negative_slope",
                "HDF5",
                ".weights.h5",
                "(4, 20)",
                "val_loss",
            ),
            strict=True,
        ):
            assert part in message

    def test_no_message_changes_from_run_to_run(self) -> None:
        """No path of a temporary folder is in them."""
        assert then_and_now() == old_names()

    def test_nothing_is_left_behind(self, tmp_path: Any, monkeypatch: Any) -> None:
        """No file is written here, and no settings at home."""
        monkeypatch.chdir(tmp_path)
        then_and_now()
        assert list(tmp_path.iterdir()) == []
        assert os.environ["KERAS_HOME"]


class TestRecorded:
    """The epoch with the least validation loss, from what `fit` recorded."""

    @pytest.mark.claims(
        "The validation loss is least at epoch … of …, and … at the end: the network "
        "overfits.",
    )
    def test_every_field(self) -> None:
        """Epochs count from 1, and the first of two equal ones is the best."""
        run = recorded(
            {
                "loss": [1, 0.75, 0.5, 0.25],
                "val_loss": [1, 0.5, 0.75, 0.5],
                "learning_rate": [0.5, 0.5, 0.25, 0.125],
                "accuracy": [0, 0, 0, 0],
            }
        )
        assert isinstance(run, KerasRun)
        assert run == (
            (1, 0.75, 0.5, 0.25),
            (1, 0.5, 0.75, 0.5),
            (0.5, 0.5, 0.25, 0.125),
            2,
            0.5,
            4,
        )
        assert_plain(run)

    def test_floats_of_32_bits_are_short(self) -> None:
        """0.05 as a 32-bit float is 0.0500000007…, and 0.05 again; no rates, none."""
        run = recorded({"loss": [float(np.float32(0.05))], "val_loss": (1,)})
        assert run == ((0.05,), (1,), (), 1, 1, 1)

    @pytest.mark.parametrize("name", ["loss", "val_loss"])
    def test_a_missing_loss_is_refused(self, name: str) -> None:
        """Without validation there is no best epoch."""
        history = {"loss": [0.5], "val_loss": [0.5]}
        del history[name]
        with refused(ValueError, "history", f"has no {name!r} but must have one"):
            recorded(history)

    def test_other_lengths_are_refused(self) -> None:
        """Every epoch needs its numbers."""
        says = "has lengths [1, 2] but all must be equal"
        with refused(ValueError, "history", says):
            recorded({"loss": [0.5, 0.25], "val_loss": [0.5]})

    def test_what_is_no_number_is_refused(self) -> None:
        """The message names the entry."""
        says = "holds 'a' but must hold numbers only"
        with refused(TypeError, "history['val_loss']", says):
            recorded({"loss": [0.5], "val_loss": ["a"]})  # type: ignore[list-item]


class TestListings:
    """What Keras does with the listings of a source that the errata name."""

    @pytest.fixture
    def keras(self) -> Any:
        """Return Keras as the library has imported it."""
        assert old_names()
        return sys.modules["keras"]

    @pytest.mark.claims(
        "Keras refuses them with the cross-entropy; with the mean squared error, and "
        "targets in a column, it compares every added node with the one target and "
        "says nothing.",
        page="errata",
    )
    def test_added_nodes_are_compared_with_the_one_target(self, keras: Any) -> None:
        """The loss is the mean over all twenty nodes, each against the same target."""
        layers = keras.layers
        model = keras.Sequential([keras.Input((3,)), layers.Dense(1), layers.Dense(20)])
        rng = np.random.default_rng(seed=0)
        inputs, targets = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
        predictions = np.asarray(model.predict_on_batch(inputs))
        model.compile(loss="mean_squared_error")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            loss = model.test_on_batch(inputs, targets)
        expected = ((predictions - targets) ** 2).mean()
        assert float(loss) == near(float(expected), rel=1e-5)
        model.compile(loss="binary_crossentropy")
        with pytest.raises(ValueError, match="same shape"):
            model.test_on_batch(inputs, targets)

    @pytest.mark.claims(
        "Keras warns and goes on: the run is not stopped early, the rate is not "
        "reduced, and the checkpoint that should hold the best model holds the last "
        "one.",
        page="errata",
    )
    def test_callbacks_without_validation(self, keras: Any, tmp_path: Path) -> None:
        """A rate that makes the loss grow for ever is seen by none of the three."""
        callbacks, file = keras.callbacks, tmp_path / "best.keras"
        layer = keras.layers.Dense(1, kernel_initializer="zeros")
        model = keras.Sequential([keras.Input((1,)), layer])
        inputs, targets = np.array([[1.0], [2.0]]), np.array([[1.0], [0.0]])
        model.compile(optimizer=keras.optimizers.SGD(1.5), loss="mean_squared_error")
        watch = {"monitor": "val_loss"}
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            history = model.fit(
                inputs,
                targets,
                epochs=6,
                batch_size=2,
                verbose=0,
                callbacks=[
                    callbacks.EarlyStopping(**watch, patience=1),
                    callbacks.ReduceLROnPlateau(**watch, factor=0.2, patience=1),
                    callbacks.ModelCheckpoint(file, save_best_only=True),
                ],
            )
        losses = history.history["loss"]
        assert len(losses) == 6
        assert losses == sorted(losses)
        said = {str(each.message) for each in warned}
        assert sum("val_loss" in one for one in said) == 3  # each has its own words
        assert float(model.optimizer.learning_rate) == 1.5
        kept = keras.models.load_model(file)
        last, saved = (np.asarray(m.predict_on_batch(inputs)) for m in (model, kept))
        assert saved.tolist() == last.tolist()

    @pytest.mark.claims(
        "LeakyReLU(alpha=…) only warns so far; the argument is called negative_slope.",
        "input_shape= in a layer only warns so far; the model starts with a "
        "keras.Input instead.",
        "A whole model in best_model.h5 only warns so far; files end in .keras, and "
        "those of weights alone in .weights.h5.",
        page="errata",
    )
    def test_old_spellings_warn(self) -> None:
        """Three of them warn, and those that are gone raise."""
        found = old_names()
        outcome = dict(zip(found.then, found.outcomes, strict=True))
        warns = ("LeakyReLU(alpha=…)", "input_shape=(8,)", "best_model.h5")
        assert [outcome[name] for name in warns] == [
            *("UserWarning", "UserWarning", "log warning")
        ]
        raises = ("keras.wrappers.scikit_learn", "build_fn=…", "weights in best.h5")
        assert {outcome[name] for name in raises} <= {
            *("ModuleNotFoundError", "TypeError", "ValueError")
        }


# Keras hands NumPy variables that do not know its argument `copy`.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
class TestWhatKerasDoes:
    """Sentences on Keras itself, tried in Keras."""

    @pytest.mark.claims(
        "Each of the $n_l$ nodes of a layer has a weight for each number that enters, "
        "and a bias:"
    )
    @pytest.mark.parametrize("widths", [(8, 10, 5, 1), (3, 1), (2, 7, 7, 4)])
    def test_weights_are_counted(self, widths: tuple[int, ...]) -> None:
        """The sum of (n + 1) m over neighbours n, m."""
        keras = _keras()
        model = keras.Sequential([keras.Input((widths[0],))])
        for width in widths[1:]:
            model.add(keras.layers.Dense(width, kernel_initializer="zeros"))
        counted = sum((n + 1) * m for n, m in pairwise(widths))
        assert model.count_params() == counted

    @pytest.mark.claims(
        "Outside of it, batch normalisation uses its running mean and variance, of "
        "which every batch leaves the share that Keras calls momentum:"
    )
    @pytest.mark.parametrize("momentum", [0.9, 0.75])
    def test_running_mean(self, momentum: float) -> None:
        """Three batches of mean 3, after a first guess of 0."""
        norm = _keras().layers.BatchNormalization(momentum=momentum)
        for _ in range(3):
            norm(np.array([[2.0], [4.0]], dtype="float32"), training=True)
        mean = 3 * (1 - momentum**3)
        assert float(norm.moving_mean[0]) == near(mean, rel=1e-6)
        # The variance of 2 and 4 is 1, and so is the first guess.
        told = norm(np.array([[5.0]], dtype="float32"), training=False)
        scaled = (5 - mean) / (1 + 1e-3) ** 0.5
        assert float(np.asarray(told)[0, 0]) == near(scaled, rel=1e-5)

    @pytest.mark.claims(
        "Keras keeps the least loss of the whole run, also where it has just cut the "
        "rate, and an improvement counts when it is greater than …; … of this library "
        "starts anew at a cut, and takes what is less."
    )
    @pytest.mark.parametrize(
        ("losses", "theirs", "ours"),
        [
            # Cut after 5, 5; then 4.9 is better than the 5 since, but not than 3.
            ((3, 5, 5, 4.9, 4.8), (1, 1, 0.5, 0.5, 0.25), (1, 1, 0.5, 0.5, 0.5)),
            # Two steps of 0.00006 are more than 0.0001 together.
            ((3, 2.99994, 2.9999), (1, 1, 0.5), (1, 1, 1)),
            ((3, 2.99994, 2.99988), (1, 1, 1), (1, 1, 1)),
            ((3, 2, 1, 2, 2), (1, 1, 1, 1, 0.5), (1, 1, 1, 1, 0.5)),
        ],
    )
    def test_plateaus(
        self,
        losses: tuple[float, ...],
        theirs: tuple[float, ...],
        ours: tuple[float, ...],
    ) -> None:
        """The same losses, epoch by epoch, with a patience of 2 and a factor of 1/2."""
        keras = _keras()
        reducing = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=2)
        model = SimpleNamespace(optimizer=keras.optimizers.SGD(1.0), metrics=[])
        reducing.set_model(model)
        reducing.on_train_begin()
        own = ReduceOnPlateau(2, factor=0.5, monitor="loss")
        run = Run((Dense([[0]]),), (Epoch(losses[0]),), 0, 1, (), (), {})
        state, rate, found = own.init(run), 1.0, []
        for epoch, loss in enumerate(losses):
            reducing.on_epoch_end(epoch, {"val_loss": loss})
            if epoch:
                run = run._replace(
                    epochs=(*run.epochs, Epoch(loss)), learning_rate=rate
                )
                decision, state = own.after_epoch(run, state)
                rate = float(decision.learning_rate or rate)
            found.append((float(model.optimizer.learning_rate), rate))
        assert tuple(zip(*found, strict=True)) == (theirs, ours)

    @pytest.mark.claims(
        "The training loss that Keras shows is a mean over the batches of the epoch, "
        "each measured before its step; this library measures it after the epoch, on "
        "all samples."
    )
    def test_the_loss_of_an_epoch(self) -> None:
        """One weight, samples 1 and 3 with targets 0, a rate of 1/4, in order."""
        keras = _keras()
        node = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
        model = keras.Sequential([keras.Input((1,)), node])
        model.compile(keras.optimizers.SGD(0.25), "mean_squared_error")
        samples = np.array([[1.0], [3.0]], dtype="float32")
        told = model.fit(samples, 0 * samples, 1, shuffle=False, verbose=0)
        # From 1 the loss of the first is 1, its slope 2: the weight is 1/2. There the
        # loss of the second is 9/4, its slope 9: the weight is 1/2 - 9/4 = -7/4.
        assert told.history["loss"] == [near((1 + 9 / 4) / 2)]
        assert model.get_weights()[0].item() == -7 / 4
        history = fit(
            (Dense([[1.0]]),),
            samples,
            0 * samples,
            loss=MEAN_SQUARED_ERROR,
            rule=GradientDescent(0.25),
            num_epochs=1,
            batch_size=1,
            generator=np.random.default_rng(0),
            progress=False,
        )
        after = forward(history.layers, samples)[-1]
        assert history.epochs[1].loss == near(float((after**2).mean()))

    @pytest.mark.claims(
        "It saw every epoch that the other one saw, so that its best one is no worse.",
        "The network that is left is that of the best epoch.",
    )
    def test_patience_in_keras(self) -> None:
        """Two runs from one start; each takes back its best weights."""
        keras, (inputs, targets) = _keras(), moons(60, noise=0.3, seed=2)[:2]
        keras.utils.set_random_seed(1)
        hidden = keras.layers.Dense(16, activation="relu")
        ends = keras.layers.Dense(1, activation="sigmoid")
        model = keras.Sequential([keras.Input((2,)), hidden, ends])
        model.compile(keras.optimizers.SGD(3.0), "binary_crossentropy")
        start, seen, losses = model.get_weights(), [], []
        for patience in (1, 4):
            model.set_weights(start)
            stopping = keras.callbacks.EarlyStopping(
                patience=patience, restore_best_weights=True
            )
            told = model.fit(
                *(inputs, targets, 30),
                epochs=30,
                validation_split=0.5,
                callbacks=[stopping],
                shuffle=False,
                verbose=0,
            )
            seen.append(told.history["val_loss"])
            losses.append(model.test_on_batch(inputs[30:], targets[30:]))
        short, longer = seen
        assert longer[: len(short)] == short
        assert len(longer) > len(short)
        assert min(longer) <= min(short) < short[-1]
        assert losses == near([min(short), min(longer)], rel=1e-5)
