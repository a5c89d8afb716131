"""The figures of the chapter `capacity` show their traces."""

import numpy as np
from bad_input import refused
from drawings import Contract, Kind, pictures
from near import near

from gdbook.examples import capacity
from gdbook.plotting import capacity as draw

SETTINGS = capacity.Settings(30, 32, 0.01)
# Made by hand, so that every place is known.
MOONS = capacity.MoonFits(
    widths=(1, 3),
    settings=SETTINGS,
    seed=0,
    training_losses=(0.5, 0.25),
    validation_losses=(0.5, 0.375),
    training_accuracies=(0.75, 1.0),
    validation_accuracies=(0.625, 0.8755),
    points=((0.0, 0.5), (1.0, -0.5), (2.0, 0.25)),
    labels=(0, 1, 1),
    across=(-1.5, 2.5),
    up=(-1.0, 1.5),
    scores=(((-1.0, 1.0), (-1.0, 1.0)), ((-1.0, -1.0), (1.0, 1.0))),
)

CURVE = capacity.CapacityCurve(
    hidden=((2,), (24, 24), (256,)),
    n_params=(160, 2410, 19210),
    n_samples=100,
    n_wrong=20,
    n_validation=288,
    settings=SETTINGS,
    training_losses=((2.0, 1.5), (0.5, 0.5), (0.0, 0.25)),
    validation_losses=((2.0, 2.5), (0.5, 1.0), (1.0, 1.5)),
    training_accuracies=((0.25, 0.25), (0.75, 0.75), (1.0, 1.0)),
    validation_accuracies=((0.25, 0.25), (0.75, 0.75), (0.5, 0.5)),
    mean_training=(1.75, 0.5, 0.125),
    mean_validation=(2.25, 0.75, 1.25),
    spreads=(0.5, 0.5, 0.5),
    best=1,
)

DROPOUT = capacity.DropoutGap(
    rates=(0, 0.5),
    width=256,
    num_seeds=3,
    settings=SETTINGS,
    training_losses=((2.5, 1.0, 0.25), (2.5, 1.5, 0.5)),
    validation_losses=((2.5, 1.0, 1.5), (2.5, 1.25, 1.125)),
    gaps=(1.25, 0.625),
    best_epochs=(1, 2),
)

KINDS = [
    Kind(
        draw.capacity_losses,
        lambda: CURVE,
        ("160 to 19210", "2 seeds", "from 1.75 to 0.125", "2.25, is least, 0.75, with"),
        marks=(
            *((160, 1.75), (2410, 0.5), (19210, 0.125)),
            *((160, 2.25), (2410, 0.75), (19210, 1.25), (2410, 0.75)),
        ),
        notes=(("least: 24, 24 nodes", (2410, 0.75)),),
    ),
    Kind(
        draw.dropout_epochs,
        lambda: DROPOUT,
        (
            "Losses over 2 epochs",
            "dropout 0 the validation loss ends at 1.5 and the training loss at 0.25",
            "a gap of 1.25",
            "dropout 0.5 the validation loss ends at 1.12",  # 1.125, half to even
            "a gap of 0.625",
        ),
    ),
    Kind(
        draw.growth_steps,
        lambda: capacity.grow(
            widest=16,
            deepest=1,
            score=lambda plan: [
                capacity.Score(2 / plan.hidden[0], 0),
                capacity.Score(4 / plan.hidden[0], 0),
            ],
        ),
        ("4 networks", "0.375 with 8 hidden nodes to 0.188 with 16", "kept were 2"),
        # 3/8, then 3/16 three times, from top to bottom
        marks=((0.375, 0), (0.1875, 1), (0.1875, 2), (0.1875, 3)),
    ),
    Kind(
        draw.memorised_points,
        capacity.memorise,
        ("5 points", "error 0.94", "leaves 0.22", "leaves 0."),
        marks=((0, 1.5), (1, 1), (2, 1.5), (3, 3), (4, 3.5)),
    ),
    Kind(
        draw.moon_borders,
        lambda: MOONS,
        ("3 points", "with 1 and 3 hidden", "75 and 100 %", "62.5 and 87.5 % of new"),
        marks=((0, 0.5), (1, -0.5), (2, 0.25)),
    ),
    Kind(
        draw.noise_losses,
        capacity.all_noises,
        ("all 32 ways", "1, 2 and 5 numbers", "0.7, 0.15 and 0;", "0.8, 0.35 and 0.5."),
        marks=((1, 0.7), (2, 0.15), (5, 0), (1, 0.8), (2, 0.35), (5, 0.5)),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestColours:
    """Three colours are three networks, or three rates, and no more."""

    def test_too_many(self) -> None:
        """A fourth has no colour."""
        four = MOONS._replace(widths=(1, 3, 5, 7))
        says = "holds 4 networks but must hold 1 to 3"
        with refused(ValueError, "trace", says):
            draw.moon_borders(four)
        with refused(ValueError, "trace", "holds 4 rates but must hold 1 to 3"):
            draw.dropout_epochs(DROPOUT._replace(rates=(0, 0.25, 0.5, 0.75)))


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_borders(self) -> None:
        """A border lies where the score is zero: in the middle, upright and level."""
        contours = [
            one for one in drawn("moon_borders").axes[0].collections if one.get_paths()
        ]
        upright, level = (one.get_paths()[0].vertices for one in contours)
        assert np.asarray(upright)[:, 0] == near([0.5, 0.5])
        assert np.asarray(level)[:, 1] == near([0.25, 0.25])

    def test_growth(self) -> None:
        """Every row is named after its change, and its bar reaches over the seeds."""
        ax = drawn("growth_steps").axes[0]
        names = [label.get_text() for label in ax.get_yticklabels()]
        assert names == ["8", "16", "normalised", "dropout"]
        bars = [
            tuple(np.asarray(line.get_xdata()))
            for line in ax.lines
            if line.get_marker() == "None" and line.get_linewidth() == 3
        ]
        assert bars == [(0.25, 0.5), (0.125, 0.25), (0.125, 0.25), (0.125, 0.25)]

    def test_dropout_lines(self) -> None:
        """Validation is solid and training dashed, for each rate."""
        lines = drawn("dropout_epochs").axes[0].lines
        styles = [
            (line.get_linestyle(), *np.asarray(line.get_ydata())) for line in lines
        ]
        assert styles == [
            ("-", 2.5, 1.0, 1.5),
            ("--", 2.5, 1.0, 0.25),
            ("-", 2.5, 1.25, 1.125),
            ("--", 2.5, 1.5, 0.5),
        ]

    def test_band(self) -> None:
        """A band reaches from the least to the greatest seed."""
        _, band = drawn("capacity_losses").axes[0].collections
        heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
        assert (heights.min(), heights.max()) == (0.5, 2.5)
