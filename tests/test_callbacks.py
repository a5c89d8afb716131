"""What looks on while a network is trained, and what it looks at."""

import copy
import re
from fractions import Fraction
from typing import Any, ClassVar, cast

import numpy as np
import pytest
from alike import alike
from bad_input import NEGATIVE, NOT_BETWEEN_0_AND_1, not_a_count, refused
from sharing import spoil

from gdbook._checks import shown
from gdbook.callbacks import (
    Callback,
    Decision,
    EarlyStopping,
    EarlyStoppingState,
    Epoch,
    ReduceOnPlateau,
    ReduceOnPlateauState,
    Run,
)
from gdbook.fitting import OUT_OF_EPOCHS, fit
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import BatchNorm, Dense, Layer, dense_network
from gdbook.optimizers import Adam, GradientDescent
from gdbook.packing import snapshot

HALF = Fraction(1, 2)


def network(number: float) -> tuple[Layer, ...]:
    """Make a network that is known by its weight and by what batches left."""
    weights, zero = np.array([[float(number)]]), np.array([0.0])
    kept = np.array([10.0 * number])
    return Dense(weights, zero), BatchNorm(np.array([1.0]), zero, kept, kept)


def run_of(values: Any, name: str = "validation_loss", rate: Any = HALF) -> Run:
    """Make a run in which something was measured; its network counts the epochs."""
    if name == "loss":
        epochs = [Epoch(value) for value in values]
    elif name == "validation_loss":
        epochs = [Epoch(-1, value) for value in values]
    else:
        epochs = [Epoch(-1, metrics={name: value}) for value in values]
    last = len(epochs) - 1
    return Run(network(last), tuple(epochs), last, rate, (), (), {})


def asked(callback: Any, values: Any, name: str = "validation_loss") -> list[Any]:
    """Ask a callback after every epoch; give decisions and states, the start first."""
    state = callback.init(run_of(values[:1], name))
    found = [(None, state)]
    for last in range(2, len(values) + 1):
        decision, state = callback.after_epoch(run_of(values[:last], name), state)
        found.append((decision, state))
    return found


class TestEarlyStopping:
    """Stop when a value has not improved for some epochs, and keep the best network."""

    @pytest.mark.parametrize(
        ("values", "patience", "best", "stops"),
        [
            # The best epoch after each, and where it stops first.
            ([4, 3, 2], 1, [0, 1, 2], None),
            ([4, 3, 5, 2], 2, [0, 1, 1, 3], None),
            ([4, 3, 5, 4], 2, [0, 1, 1, 1], 3),
            ([4, 3, 3, 3], 2, [0, 1, 1, 1], 3),  # as good is not better
            ([4, 5], 1, [0, 0], 1),  # the start is the best so far
            ([4, 5, 6, 3], 3, [0, 0, 0, 3], None),
            ([4, 5, 6, 4], 3, [0, 0, 0, 0], 3),
            ([1e-9, 0, -1], 1, [0, 1, 2], None),
        ],
    )
    def test_by_hand(
        self, values: Any, patience: int, best: list[int], stops: int | None
    ) -> None:
        """Patience counts from the best epoch, whose network is kept."""
        found = asked(EarlyStopping(patience), values)
        for epoch, (decision, state) in enumerate(found):
            assert type(state) is EarlyStoppingState
            assert state.best_epoch == best[epoch]
            assert alike(state.best, snapshot(network(best[epoch])))
            if epoch:
                assert decision.learning_rate is None
                assert (decision.stop is not None) == (epoch == stops)

    @pytest.mark.parametrize(
        ("patience", "waited"), [(1, "an epoch"), (2, "2 epochs"), (10, "10 epochs")]
    )
    def test_reason(self, patience: int, waited: str) -> None:
        """The reason names what was watched, and for how long."""
        values = [1] * (patience + 1)
        found = asked(EarlyStopping(patience, monitor="loss"), values, "loss")
        assert found[-1][0] == Decision(stop=f"loss has not improved for {waited}")
        assert {decision for decision, _ in found[1:-1]} <= {Decision()}

    def test_max(self) -> None:
        """Of an accuracy the most is best."""
        early = EarlyStopping(1, monitor="accuracy", mode="max")
        found = asked(early, [HALF, Fraction(2, 3), HALF], "accuracy")
        assert [state.best_epoch for _, state in found] == [0, 1, 1]
        says = "accuracy has not improved for an epoch"
        assert [decision.stop for decision, _ in found[1:]] == [None, says]

    @pytest.mark.parametrize(
        ("values", "mode", "best"),
        [
            ([4, Fraction(7, 2)], "min", 0),  # better by 1/2, and no more
            ([4, Fraction(34, 10)], "min", 1),
            ([4, Fraction(9, 2)], "max", 0),
            ([4, Fraction(46, 10)], "max", 1),
            ([4, 5], "min", 0),
            ([4, Fraction(37, 10), Fraction(34, 10)], "min", 2),  # from the best on
        ],
    )
    def test_least_improvement(self, values: Any, mode: Any, best: int) -> None:
        """A value that beats the best by no more than this does not count."""
        early = EarlyStopping(5, mode=mode, least_improvement=HALF)
        assert asked(early, values)[-1][1].best_epoch == best

    def test_best_network(self) -> None:
        """In the end the best network comes out, with what its batches left."""
        early = EarlyStopping(1)
        _, state = asked(early, [4, 3, 5])[-1]
        best: Any = early.at_end(network(7.0), state)
        assert alike(snapshot(best), snapshot(network(1.0)))

    def test_defaults(self) -> None:
        """The validation loss is watched, and should be low."""
        assert EarlyStopping(3) == EarlyStopping(3, "validation_loss", "min", 0)

    def test_resumed(self) -> None:
        """Patience goes on from the epoch in which the callback was made."""
        state = EarlyStopping(1).init(run_of([5, 4, 3]))
        assert state.best_epoch == 2

    def test_in_training(self) -> None:
        """The network of the best epoch is what a run of as many epochs gives."""
        given: dict[str, Any] = {
            "layers": dense_network([1, 8, 1], np.random.default_rng(0)),
            "inputs": np.linspace(-1, 1, 8)[:, None],
            "targets": np.array([[0.0, 1.0] * 4]).T,
            "loss": MEAN_SQUARED_ERROR,
            "rule": Adam(0.2),
            "batch_size": 4,
            "validation": ([[0.1], [0.9]], [[1.0], [0.0]]),
        }
        history = fit(
            **given,
            num_epochs=50,
            generator=np.random.default_rng(1),
            callbacks=[EarlyStopping(3)],
        )
        losses = history.values("validation_loss")
        best = losses.index(min(losses))
        assert history.stopped == "validation_loss has not improved for 3 epochs"
        assert len(losses) == best + 4
        again = fit(**given, num_epochs=best, generator=np.random.default_rng(1))
        assert again.stopped == OUT_OF_EPOCHS
        assert alike(snapshot(history.layers), snapshot(again.layers))
        assert history.epochs[: best + 1] == again.epochs


class TestReduceOnPlateau:
    """Shrink the learning rate when a value has stopped improving."""

    @pytest.mark.parametrize(
        ("values", "patience", "since", "reduced"),
        [
            # The epoch in which the present rate began, and where it shrinks.
            ([4, 3, 2, 1], 1, [0, 0, 0, 0], []),
            ([4, 4], 1, [0, 1], [1]),
            ([4, 3, 3, 3], 2, [0, 0, 0, 3], [3]),
            ([4, 3, 3, 2], 2, [0, 0, 0, 0], []),
            # After the rate has changed, what was before does not count.
            ([4, 5, 6, 5, 5], 1, [0, 1, 2, 2, 4], [1, 2, 4]),
            ([1, 5, 4, 3], 1, [0, 1, 1, 1], [1]),
        ],
    )
    def test_by_hand(
        self, values: Any, patience: int, since: list[int], reduced: list[int]
    ) -> None:
        """Patience counts from the epoch in which the present rate began."""
        plateau = ReduceOnPlateau(patience, factor=Fraction(1, 3))
        found = asked(plateau, values)
        assert [state for _, state in found] == [
            ReduceOnPlateauState(epoch) for epoch in since
        ]
        for epoch, (decision, _) in enumerate(found[1:], start=1):
            rate = HALF / 3 if epoch in reduced else None
            assert decision == Decision(learning_rate=rate)

    def test_max(self) -> None:
        """An accuracy that still rises keeps its rate."""
        plateau = ReduceOnPlateau(1, HALF, "accuracy", "max")
        found = asked(plateau, [HALF, Fraction(2, 3), Fraction(2, 3)], "accuracy")
        rates = [decision.learning_rate for decision, _ in found[1:]]
        assert rates == [None, HALF / 2]

    def test_defaults(self) -> None:
        """A tenth, of the validation loss, which should be low."""
        assert ReduceOnPlateau(3) == ReduceOnPlateau(3, 0.1, "validation_loss", "min")

    def test_resumed(self) -> None:
        """The present rate begins where the callback is made."""
        assert ReduceOnPlateau(1).init(run_of([5, 4, 3])) == ReduceOnPlateauState(2)

    def test_in_training(self) -> None:
        """The next epoch steps with the lower rate."""
        # Nothing can be learned at the best place: the loss stays.
        history = fit(
            [Dense([[Fraction(0)]], [Fraction(0)])],
            [[Fraction(1)]],
            [[Fraction(0)]],
            loss=MEAN_SQUARED_ERROR,
            rule=GradientDescent(HALF),
            num_epochs=5,
            batch_size=1,
            generator=np.random.default_rng(1),
            callbacks=[ReduceOnPlateau(2, HALF, monitor="loss")],
        )
        rates = [epoch.learning_rate for epoch in history.epochs]
        assert rates == [HALF, HALF, HALF, HALF / 2, HALF / 2, HALF / 4]


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceOnPlateau])
class TestArguments:
    """A callback refuses what cannot work when it is made, and an unknown value."""

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_patience(
        self, kind: Any, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """Patience is 1 or more."""
        with refused(exception, "patience", says):
            kind(bad)

    @pytest.mark.parametrize("bad", [None, 3, ["loss"], b"loss"])
    def test_monitor(self, kind: Any, bad: Any) -> None:
        """What is watched has a name."""
        with refused(TypeError, "monitor", f"is {bad!r} but must be a name"):
            kind(1, monitor=bad)

    @pytest.mark.parametrize("bad", [None, 3, "best", ["min"], {}])
    def test_mode(self, kind: Any, bad: Any) -> None:
        """The least or the most is best."""
        with refused(ValueError, "mode", f"is {bad!r} but must be 'min' or 'max'"):
            kind(1, mode=bad)

    def test_unknown(self, kind: Any) -> None:
        """What is not measured is refused at the start, with what is."""
        says = "is 'validation_loss' but must be one of: loss, accuracy"
        with refused(ValueError, "monitor", says):
            kind(1).init(run_of([1], "accuracy"))

    def test_is_frozen(self, kind: Any) -> None:
        """A callback never changes; what it remembers is handed on."""
        with pytest.raises(AttributeError, match="cannot assign to field"):
            kind(1).patience = 2


class TestStates:
    """A callback goes on from its own state, of the same run."""

    CALLBACKS: ClassVar[list[Any]] = [
        (EarlyStopping(1), EarlyStoppingState, ReduceOnPlateauState(0)),
        (ReduceOnPlateau(1), ReduceOnPlateauState, EarlyStoppingState(0, ())),
    ]

    @pytest.mark.parametrize(("callback", "kind", "other"), CALLBACKS)
    def test_another(self, callback: Any, kind: type, other: Any) -> None:
        """None, or the state of another callback, is told with what makes one."""
        for bad in (None, other, 3, (0, ())):
            says = (
                f"is {shown(bad)} but must be {kind.__name__}; `init` makes the first"
            )
            with refused(TypeError, "state", says):
                callback.after_epoch(run_of([1, 2]), bad)
        for bad in (None, ReduceOnPlateauState(0)):
            says = f"is {shown(bad)} but must be EarlyStoppingState"
            with refused(TypeError, "state", says):
                EarlyStopping(1).at_end(network(1), cast("Any", bad))

    @pytest.mark.parametrize(("callback", "kind", "other"), CALLBACKS)
    def test_longer_run(self, callback: Any, kind: Any, other: Any) -> None:
        """A state that is ahead of the run is of another one."""
        state = kind(2, *other[:0], *([()] if kind is EarlyStoppingState else []))
        says = "is of epoch 2 but `run` has come to 1"
        with refused(ValueError, "state", says):
            callback.after_epoch(run_of([1, 2]), state)

    @pytest.mark.parametrize("callback", [EarlyStopping(1), ReduceOnPlateau(1)])
    def test_run(self, callback: Any) -> None:
        """A run is one, and has begun."""
        state = callback.init(run_of([1]))
        for ask in (callback.init, lambda run: callback.after_epoch(run, state)):
            with refused(TypeError, "run", "is None but must be a Run"):
                ask(None)
            with refused(ValueError, "run", "holds no epochs but must hold the start"):
                ask(run_of([1])._replace(epochs=()))

    def test_another_network(self) -> None:
        """The best of a network of other shapes is not handed out."""
        state = EarlyStopping(1).init(run_of([1]))
        says = "has shapes [(4,), (1,), (1,)] but must have shapes [(2,)]"
        with refused(ValueError, "numbers", says):
            EarlyStopping(1).at_end((Dense([[1.0]]),), state)

    def test_best_is_its_own(self) -> None:
        """What early stopping remembers does not change with the network."""
        layers: Any = network(1)
        state = EarlyStopping(1).init(run_of([1])._replace(layers=layers))
        kept = copy.deepcopy(state)
        spoil(layers)
        assert alike(state, kept)
        best: Any = EarlyStopping(1).at_end(layers, state)
        spoil(best)
        assert alike(state, kept)


@pytest.mark.parametrize(("bad", "exception", "says"), NEGATIVE)
def test_least_improvement(bad: Any, exception: type[Exception], says: str) -> None:
    """An improvement is not negative."""
    with refused(exception, "least_improvement", says):
        EarlyStopping(1, least_improvement=bad)


@pytest.mark.parametrize(("bad", "exception", "says"), NOT_BETWEEN_0_AND_1)
def test_factor(bad: Any, exception: type[Exception], says: str) -> None:
    """A factor shrinks, but not to nothing."""
    with refused(exception, "factor", says):
        ReduceOnPlateau(1, factor=bad)


class TestEpoch:
    """What was measured after an epoch, in the mode that predicts."""

    EPOCH = Epoch(1, 2, {"far": 3}, {"far": 4}, 5)

    def test_values(self) -> None:
        """All that was measured, by the names that a callback watches."""
        assert list(self.EPOCH.values().items()) == [
            ("loss", 1),
            ("far", 3),
            ("validation_loss", 2),
            ("validation_far", 4),
        ]
        assert Epoch(1).values() == {"loss": 1}
        assert Epoch(1, 0).values() == {"loss": 1, "validation_loss": 0}

    @pytest.mark.parametrize(
        ("name", "value"),
        [("loss", 1), ("far", 3), ("validation_loss", 2), ("validation_far", 4)],
    )
    def test_value(self, name: str, value: int) -> None:
        """Each of them by itself."""
        assert self.EPOCH.value(name) == value

    @pytest.mark.parametrize("name", ["near", "validation_", "learning_rate", ""])
    def test_unknown(self, name: str) -> None:
        """Another name is refused with those that are known."""
        names = "loss, far, validation_loss, validation_far"
        says = f"is {name!r} but must be one of: {names}"
        with refused(ValueError, "monitor", says):
            self.EPOCH.value(name)

    @pytest.mark.parametrize("bad", [None, 3, ["loss"], b"loss"])
    def test_no_name(self, bad: Any) -> None:
        """What is watched has a name."""
        with refused(TypeError, "monitor", f"is {bad!r} but must be a name"):
            self.EPOCH.value(bad)

    @pytest.mark.parametrize(
        ("name", "way_out"),
        [
            ("los", "loss is meant?"),
            ("val_loss", "validation_loss is meant?"),
            ("validation_far", "`validation` gives `fit` samples to measure it on"),
            ("elsewhere", None),
        ],
    )
    def test_way_out(self, name: str, way_out: str | None) -> None:
        """A name that is nearly right, or right with validation, is told."""
        epoch = Epoch(1, metrics={"far": 3})
        if name == "val_loss":
            epoch = self.EPOCH
        names = ", ".join(epoch.values())
        expected = f"`monitor` is {name!r} but must be one of: {names}"
        expected += f"; {way_out}" if way_out else ""
        with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
            epoch.value(name)

    def test_defaults(self) -> None:
        """Only the loss is measured unless told."""
        assert Epoch(1) == (1, None, {}, {}, None)


class TestCallback:
    """What looks at a run after every epoch: this one sees and changes nothing."""

    def test_changes_nothing(self) -> None:
        """It remembers nothing, decides nothing, and hands out what it is given."""
        callback, run = Callback(), run_of([1])
        assert callback.init(run) is None
        state: Any = ("anything",)
        assert callback.after_epoch(run, state) == (Decision(), state)
        assert Decision() == (None, None)
        layers = network(1.0)
        assert callback.at_end(layers, state) is layers

    def test_run(self) -> None:
        """A run has no settings, goes on unless told, and nothing was changed."""
        assert run_of([1])[-3:] == ({}, None, ())
