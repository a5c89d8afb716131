"""Nothing that is returned shares memory with what anyone else can change."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import dask.array as da
import numpy as np
import pytest
from public import methods, modules, public
from sharing import Watch, frozen, share, shares, spoil

from gdbook import activations, checkpoints, initialisation, losses, optimizers
from gdbook._arguments import Array, Row, Rows, Varied, kinds
from gdbook.activations import RELU, Activation
from gdbook.callbacks import Callback, EarlyStopping, Epoch, ReduceOnPlateau, Run
from gdbook.checkpoints import Checkpoint
from gdbook.cluster import MeanOverChunks
from gdbook.descent import History
from gdbook.fitting import FitHistory
from gdbook.losses import MEAN_SQUARED_ERROR, Loss
from gdbook.network import (
    BatchNorm,
    Dense,
    Dropout,
    LayerNorm,
    Residual,
    Slopes,
    forward_pass,
)
from gdbook.packing import snapshot
from gdbook.splits import Confusion
from gdbook.sums import LeastSquares, NormalEquations
from gdbook.traces import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DTYPES = {"float64": float, "float32": np.float32, "fractions": object}
FLOATS = {"checkpoints", "datasets", "examples"}  # of any dtype, if of arrays at all


class Given(NamedTuple):
    """What the arguments of one call are made with."""

    dtype: Any
    folder: Path
    watch: Watch

    def array(self, *rows: Any) -> Any:
        """Return an array of the dtype that is tried."""
        array = np.array(rows, dtype=float)
        return (
            np.vectorize(Fraction, [object])(array)
            if self.dtype is object
            else (array.astype(self.dtype))
        )

    @property
    def layers(self) -> list[Any]:
        """Return one layer of each kind; the activation is the caller's own."""
        own = Activation(*map(self.watch, (activations.relu, activations.relu_slope)))
        a = self.array
        return [
            Dense(a([0.5, -1, 2], [1, 0.25, -0.5]), a(0.5, 1, -0.25), own),
            BatchNorm(a(1, 2, 1), a(0.5, 0, 1), a(0, 1, 0.5), a(1, 2, 0.5)),
            LayerNorm(a(1, 2, 1), a(0.5, 0, 1)),
            Residual(2),
            Dropout(0.5),
            RELU,
            Dense(a([1, -1], [0.5, 0.25], [2, 1]), a(0.5, 0.25)),
        ]

    @property
    def inputs(self) -> Any:
        """Return three samples with two inputs each."""
        return self.array([1, 2], [0.5, -1], [3, 0.25])

    @property
    def run(self) -> Run:
        """Return a run that began with these layers."""
        layers, state = tuple(self.layers), optimizers.MomentumState(self.array(1, 2))
        epochs = (
            Epoch(4.0, 5.0, {"m": 1.0}, {"m": 2.0}),
            Epoch(4.0, 5.0, {"m": 3.0}, {"m": 4.0}),
        )
        numbers = generator().bit_generator.state
        return Run(layers, epochs, 1, 0.5, state, (), numbers, {"rule": "Momentum"})


def generator() -> np.random.Generator:
    """Return a source of random numbers that begins anew."""
    return np.random.default_rng(seed=1)


class Watched(Callback):
    """A callback that keeps all that it is shown."""

    def __init__(self, watch: Watch) -> None:
        self.look = watch(lambda *_: None)

    def after_epoch(self, run: Run, state: Any) -> tuple[Any, Any]:
        """Look at an epoch."""
        self.look(run, state)
        return super().after_epoch(run, state)


def fitted(given: Given) -> dict[str, Any]:
    """Return what a training run needs, with functions of the caller's own."""
    targets = given.array([1, 2], [0, 1], [2, 1])
    return {
        "targets": targets,
        "loss": Loss(*map(given.watch, MEAN_SQUARED_ERROR)),
        "rule": optimizers.Adam(0.25),
        "num_epochs": 2,
        "batch_size": 3,
        "validation": (given.inputs, targets),
        "metrics": {"m": given.watch(losses.mean_squared_error)},
        "callbacks": [Watched(given.watch), EarlyStopping(patience=2)],
    }


def chunked(given: Given) -> tuple[Any, Any]:
    """Return samples as Dask holds them."""
    return tuple(
        da.from_array(part, chunks=2) for part in (given.inputs, given.array(1, 2, 3))
    )


def descended(given: Given) -> dict[str, Any]:
    """Return what a descent needs, with functions of the caller's own."""
    return {
        "loss": given.watch(lambda w, *_: w @ w),
        "gradient": given.watch(lambda w, *_: 2 * w),
        "start": given.array(1, 2),
        "rule": optimizers.Momentum(Fraction(1, 4)),
        "schedule": given.watch(lambda *_: Fraction(1, 8)),
    }


def passed(given: Given) -> dict[str, Any]:
    """Return layers, and what a pass through them left behind."""
    layers = given.layers
    went = forward_pass(layers, given.inputs, training=True, generator=generator())
    return {"layers": layers, "passed": went}


def saved(given: Given) -> Path:
    """Return where a run lies."""
    checkpoints.save(given.folder / "saved", given.run)
    return given.folder / "saved"


def remembered(thing: Any, given: Given) -> Any:
    """Return what a rule or a callback remembers."""
    if isinstance(thing, Callback):
        return thing.init(given.run)
    return thing.update(given.array(1, 2), thing.init(given.array(3, 4)))[1]


def made(rule: Any, _: Given) -> Any:
    """Return a rule."""
    return rule(0.25)


# What an argument is that has such a name.
ARGUMENTS: dict[str, Callable[[Given], Any]] = {
    "batch_size": lambda _: 2,
    "bound": lambda _: 1,
    "columns": lambda given: {"a": given.array(1, 2), "b": [3, 4]},
    "every": lambda _: 2,
    "factor": lambda _: 0.5,
    "function": lambda given: given.watch(lambda w: w @ w),
    "generator": lambda _: generator(),
    "gradient": lambda given: given.array(3, 4),
    "inputs": lambda given: given.inputs,
    "labels": lambda _: np.array([0, 1, 0, 1, 1, 0]),
    "layers": lambda given: given.layers,
    "learning_rate": lambda _: 0.5,
    "limit": lambda _: 1,
    "logits": lambda given: given.array([1, -1], [0.5, 2]),
    "loss_slope": lambda _: 2,
    "losses": lambda given: given.array(3, 2, 2),
    "monitor": lambda _: "loss",
    "n_classes": lambda _: 2,
    "n_inputs": lambda _: 2,
    "n_outputs": lambda _: 2,
    "n_samples": lambda _: 6,
    "named_tuple": lambda _: NamedTuple("Fresh", [("number", int)]),
    "num_folds": lambda _: 2,
    "num_steps": lambda _: 4,
    "numbers": lambda given: list(map(given.array, *[range(23)])),
    "params": lambda given: given.array(1, 2),
    "path": saved,
    "patience": lambda _: 1,
    "place": lambda given: given.array(0, 0),
    "predictions": lambda given: given.array([0.25, 0.75], [0.5, 0.5]),
    "rows": lambda _: np.array([2, 0]),
    "run": lambda given: given.run,
    "share": lambda _: 0.5,
    "sizes": lambda _: [2, 3, 2],
    "slope": lambda given: given.array([1, 2], [3, 4], [5, 6]),
    "slopes": lambda given: given.array([1, 2], [3, 4]),
    "start": lambda given: given.run,
    "step": lambda _: 1,
    "sums": lambda given: given.array([1, -1], [0.5, 2]),
    "targets": lambda given: given.array([0, 1], [1, 0]),
    "text": lambda _: "x^2",
    "value": lambda given: given.array([1, 2], [3, 4]),
    "values": lambda given: given.array([1, -1], [0.5, 2]),
    "vector": lambda given: given.array(*range(29)),
    "weights": lambda given: given.array(2, 1),
}


def in_columns(given: Given) -> dict[str, Any]:
    """Give one output, and which samples are true."""
    return {
        "predictions": given.array([0.25], [0.75]),
        "targets": given.array([0], [1]),
    }


# What it is for one function, where that is something else or more.
OF_FUNCTIONS: dict[str, Callable[[Given], dict[str, Any]]] = {
    "descent.descend": descended,
    "descent.descend_in_batches": lambda given: {
        **descended(given),
        "targets": given.array(1, 2, 3),
        "num_epochs": 2,
        "generator": generator(),
    },
    "cluster.sum_over_chunks": lambda given: {
        **dict(zip(("inputs", "targets"), chunked(given), strict=True)),
        "make": given.watch(lambda x, y: x.T @ y),
    },
    "examples.saddle_points.judge": lambda given: {
        "gradient": given.watch(lambda w: 2 * w),
    },
    "fitting.fit": fitted,
    "formatting.below": lambda _: {"value": 0.5},
    "formatting.format_number": lambda _: {"value": 0.5},
    "formatting.in_words": lambda _: {"value": 0.5},
    "formatting.times": lambda _: {"value": 2.0},
    "glue.glue": lambda given: {"example": plain(given.inputs)},
    "gradients.best_line": lambda given: {
        "inputs": given.array(1, 2, 4),
        "targets": given.array(1, 3, 2),
    },
    "gradients.linear_gradient": lambda given: {"targets": given.array(1, 2, 3)},
    "network.backward": passed,
    "network.dense": lambda given: {"initialise": given.watch(initialisation.he)},
    "network.dense_network": lambda given: {
        "initialise": given.watch(initialisation.he),
        "dropout": 0.5,
        "normalise": True,
    },
    "network.forward_pass": lambda _: {"training": True, "generator": generator()},
    "packing.restore": lambda given: {"numbers": snapshot(given.layers)},
    "seeds.held": lambda _: {"run": bool, "num_seeds": 2},
    "seeds.spread": lambda _: {"run": float, "num_seeds": 2},
    "splits.average_precision": in_columns,
    "splits.confusion": in_columns,
    "splits.precision_recall": in_columns,
    "splits.folds": lambda given: {"labels": ARGUMENTS["labels"](given)},
    "splits.hold_out": lambda given: {"labels": ARGUMENTS["labels"](given)},
}
# What has methods.
OBJECTS: dict[str, Callable[[Given], Any]] = {
    "Activation": lambda given: Activation(
        *map(given.watch, (activations.softmax, activations.softmax_slope))
    ),
    "Callback": lambda _: Callback(),
    "Checkpoint": lambda given: Checkpoint(given.folder / "recorded"),
    "Confusion": lambda _: Confusion(1, 2, 3, 5),
    "EarlyStopping": lambda _: EarlyStopping(patience=3, monitor="loss"),
    "Epoch": lambda given: given.run.epochs[0],
    "FitHistory": lambda given: FitHistory((), given.run.epochs, 1, ""),
    "History": lambda given: History((given.inputs,), (1.0,), (given.inputs,), ""),
    "LeastSquares": lambda given: LeastSquares(given.inputs, given.array(1, 2, 3)),
    "MeanOverChunks": lambda given: MeanOverChunks(LeastSquares, *chunked(given)),
    "NormalEquations": lambda given: NormalEquations(
        given.inputs, given.array(1, 2, 3)
    ),
    "ReduceOnPlateau": lambda _: ReduceOnPlateau(patience=1, monitor="loss"),
    "Slopes": lambda given: Slopes((), ((given.inputs, given.array(1, 2)),)),
    **{
        name: partial(made, rule)
        for name, rule in vars(optimizers).items()
        if hasattr(rule, "__dataclass_fields__")
    },
}


def offered() -> Iterator[tuple[str, Any]]:
    """Give every public function, method and property of the library, by name."""
    for module in modules():
        stem = module.__name__.removeprefix("gdbook.")
        for name, member in public(module).items():
            if inspect.isfunction(member):
                yield f"{stem}.{name}", member
            elif inspect.isclass(member) and not getattr(member, "_is_protocol", False):
                for method, function in methods(member).items():
                    yield f"{stem}.{name}.{method}", function


OFFERED = dict(offered())
del OFFERED["cluster.local_cluster"]  # takes no arrays and gives none, but processes
LIBRARY = [name for name in OFFERED if not name.startswith(("examples.", "plotting."))]
# A figure takes a trace, which holds nothing that could change.
ARRAYS = [hint.__metadata__[0] for hint in (Array, Row, Rows, Varied)]
EXAMPLES = {
    name: arrays
    for name, function in OFFERED.items()
    if name.startswith("examples.") and inspect.isfunction(function)
    if (arrays := [arg for arg, kind in kinds(function).items() if kind in ARRAYS])
}


class Call(NamedTuple):
    """Something to call, and all that it is called with."""

    function: Callable[..., Any]
    owner: Any
    arguments: dict[str, Any]

    def result(self) -> Any:
        """Call it, and see all that it gives."""
        result = self.function(**self.arguments)
        return list(result) if isinstance(result, Iterator) else result


def call_of(name: str, given: Given) -> Call:
    """Return a call with arguments of its own."""
    function, owner = OFFERED[name], None
    arguments = OF_FUNCTIONS[name](given) if name in OF_FUNCTIONS else {}
    if name.count(".") == 2 and name not in EXAMPLES:
        _, cls, method = name.split(".")
        assert cls in OBJECTS, f"OBJECTS of {__file__} lacks {cls}"
        owner = OBJECTS[cls](given)
        if isinstance(function, property):
            return Call(partial(getattr, owner, method), owner, {})
        function = getattr(owner, method)
    for parameter in inspect.signature(function).parameters.values():
        argument = parameter.name
        if (
            argument in EXAMPLES.get(name, ())
            and parameter.default is not parameter.empty
        ):
            arguments[argument] = given.array(*parameter.default)
        elif argument == "state":
            arguments[argument] = remembered(owner, given)
        elif (
            argument not in arguments
            and parameter.default is parameter.empty
            and parameter.kind is not parameter.VAR_KEYWORD
        ):
            assert argument in ARGUMENTS, (
                f"ARGUMENTS of {__file__} lacks {argument}, which {name} takes"
            )
            arguments[argument] = ARGUMENTS[argument](given)
    return Call(function, owner, arguments)


# These hand on the very thing that they were given, where they have nothing to change.
HANDED_ON = {Callback.after_epoch, Callback.at_end, EarlyStopping.after_epoch}
TRIED = [
    pytest.param(name, dtype, id=f"{name}-{dtype}")
    for name in [*LIBRARY, *EXAMPLES]
    for dtype in DTYPES
    if dtype == "float64" or name.split(".")[0] not in FLOATS
]


def assert_own(make: Callable[[], Call], watch: Watch, *, hands_on: bool) -> None:
    """Check that a result is nobody else's: no argument's, no later result's."""
    call = make()
    taken = call.owner, {k: v for k, v in call.arguments.items() if k != "generator"}
    before = frozen(taken)
    result = call.result()
    found = frozen(result)
    assert frozen(taken) == before, "an argument was changed"
    assert not share(result, watch.seen), "it shares with the caller's functions"
    assert not shares(result), "it shares in itself"
    if not hands_on:
        assert not share(result, taken), "it shares with what was given"
        spoil(taken)
        assert frozen(result) == found, "it changes with what was given"
    spoil(result)
    assert frozen(make().result()) == found, "the next result is another"


@pytest.mark.parametrize(("name", "dtype"), TRIED)
def test_nothing_is_shared(name: str, dtype: str, tmp_path: Path) -> None:
    """What is returned may be changed, and nobody minds."""
    given = Given(DTYPES[dtype], tmp_path, Watch())
    hands_on = OFFERED[name] in HANDED_ON
    assert_own(lambda: call_of(name, given), given.watch, hands_on=hands_on)


KEPT: list[int] = []


def changes(values: Any) -> None:
    """Change an argument."""
    values += 1


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (changes, "an argument was changed"),
        (lambda values: Dense(values[::-1]), "it shares with what was given"),
        (lambda values: [{"a": values.T}], "it shares with what was given"),
        (lambda values: (values[i:] for i in range(2)), "it shares in itself"),
        (lambda values: [values + 1] * 2, "it shares in itself"),
        (lambda values: (KEPT, *values.tolist()), "the next result is another"),
    ],
    ids=["changed", "view", "hidden", "overlapping", "twice", "kept"],
)
def test_a_fault_is_found(function: Callable[..., Any], says: str) -> None:
    """What is shared is found wherever it hides."""

    def make() -> Call:
        return Call(function, None, {"values": np.array([1.0, 2.0])})

    with pytest.raises(AssertionError, match=says):
        assert_own(make, Watch(), hands_on=False)


@pytest.mark.parametrize("index", [0, 1], ids=["argument", "buffer"])
def test_callers_functions_are_watched(index: int) -> None:
    """What they are given, and their buffers, are found in a result as well."""
    watch = Watch()

    def remember(function: Callable[..., Any]) -> Any:
        argument = np.ones(2)
        return (argument, function(argument))[index]

    def make() -> Call:
        return Call(remember, None, {"function": watch(lambda values: values + 1)})

    with pytest.raises(AssertionError, match="it shares with the caller's functions"):
        assert_own(make, watch, hands_on=False)
