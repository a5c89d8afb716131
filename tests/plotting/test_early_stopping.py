"""The figures of the chapter `early_stopping` show their traces."""

import numpy as np
from bad_input import refused
from drawings import Contract, Kind, pictures

from gdbook.examples import early_stopping
from gdbook.plotting import early_stopping as draw

KINDS = [
    Kind(
        draw.patience_stops,
        early_stopping.patiences,
        (
            "12 epochs",
            "Patience 1 stops after epoch 3 with 6",
            "with 3, the best, after",
        ),
        # The best epochs, and the stops with their losses.
        marks=((2, 6), (3, 7), (5, 4), (7, 5), (8, 3), (11, 7)),
    ),
    Kind(
        draw.rate_staircase,
        lambda: early_stopping.PlateauRun(
            n_samples=4,
            batch_size=2,
            least_loss=1,
            learning_rates=(0.5, 0.5, 0.5, 0.25),
            losses=(9, 3, 3, 2),
            constant_losses=(9, 3, 3, 4),
            reduced_after=(2,),
        ),
        # 4 − 1 and 2 − 1 above the least.
        ("over 3 epochs", "rate 0.5 it ends at 3.", "reduced once, to 0.25,", "at 1."),
    ),
    Kind(
        draw.split_pairs,
        lambda: early_stopping.ManySplits(
            num_splits=2,
            stop_epochs=(2, 3),
            stop_losses=(0.25, 0.5),
            end_losses=(0.75, 0.375),
            num_better=1,
            growths=(2, 1.5),
            own_means=(0.25, 0.25),
            other_means=(0.5, 0.25),
            own_mean=0.25,
            other_mean=0.375,
        ),
        ("in 2 splits", "has 0.25 and 0.5", "end 0.75 and 0.375", "better in 1 of"),
        marks=((0.75, 0), (0.375, 1), (0.25, 0), (0.5, 1)),
    ),
    Kind(
        draw.swapped_choices,
        lambda: early_stopping.SwappedRoles(
            losses=((8, 4, 2, 3), (9, 3, 5, 4)),
            best_epochs=(2, 1),
            own_losses=(2, 3),
            other_losses=(5, 4),
            own_mean=2.5,
            other_mean=4.5,
        ),
        (
            *("over 3 epochs", "validation part chooses epoch 2, where it says 2 and"),
            *("the other one 5.", "test part chooses epoch 1", "is 2.5, that", "4.5."),
        ),
        # Each part's own choice, and the other's.
        marks=((2, 2), (1, 4), (1, 3), (2, 5)),
    ),
    Kind(
        draw.turning_loss,
        lambda: early_stopping.to_the_end(num_epochs=2)._replace(
            losses=(4, 2, 1),
            validation_losses=(4, 2.5, 3),
            best_epoch=1,
            best_loss=2.5,
        ),
        (
            "over 2 epochs",
            "falls from 4 to 1",
            "least, 2.5, after epoch 1",
            "ends at 3.",
        ),
        marks=((1, 2.5),),
        notes=(("best: epoch 1", (1, 2.5)),),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestPatienceStops:
    """Draw losses, and where each patience stops reading them."""

    def test_waits(self) -> None:
        """A wait leads from the best epoch along its loss, and up to the stop."""
        drawn_lines = [
            [tuple(map(float, point)) for point in np.asarray(line.get_xydata())]
            for line in drawn("patience_stops").axes[0].lines
        ]
        for wait in (
            [(2, 6), (3, 6), (3, 7)],
            [(5, 4), (7, 4), (7, 5)],
            [(8, 3), (11, 3), (11, 7)],
        ):
            assert wait in drawn_lines

    def test_words_stand_where_no_line_is(self) -> None:
        """Losses that climb on push the words to the left, others to the right."""
        words = drawn("patience_stops").axes[0].texts
        # After 7 comes 5, after 5 comes 3, after 7 comes 8.
        assert [
            (word.get_text(), word.get_horizontalalignment()) for word in words
        ] == [
            ("patience 1", "left"),
            ("2", "left"),
            ("3", "right"),
        ]

    def test_every_epoch_is_drawn(self) -> None:
        """The one before the training, too; steep losses by their powers of ten."""
        axes = drawn("patience_stops").axes[0]
        line = np.asarray(axes.lines[0].get_xydata())
        assert line.tolist() == list(map(list, enumerate(early_stopping.HAND)))
        assert axes.get_yscale() == "linear"
        steep = draw.patience_stops((early_stopping.waiting((10.5, 3, 2, 4)),))
        assert steep.axes[0].get_yscale() == "log"
        assert "over 3 epochs, on a logarithmic scale. Patience 1" in steep.alt
        low, high = steep.axes[0].get_ylim()
        assert (low < 2, high > 10.5) == (True, True)

    def test_losses_that_end_at_the_stop(self) -> None:
        """Where nothing follows, the words stand on the right."""
        figure = draw.patience_stops((early_stopping.waiting((2, 1, 3)),))
        assert [word.get_horizontalalignment() for word in figure.axes[0].texts] == [
            "left"
        ]


class TestRateStaircase:
    """Draw the loss above the least, and the rate beside it."""

    def test_lines(self) -> None:
        """Three lines: both losses above the least, and the rate of every epoch."""
        constant, changing, rates = drawn("rate_staircase").axes[0].lines
        assert np.asarray(constant.get_ydata()).tolist() == [8, 2, 2, 3]
        assert np.asarray(changing.get_ydata()).tolist() == [8, 2, 2, 1]
        assert np.asarray(rates.get_ydata()).tolist() == [0.5, 0.5, 0.5, 0.25]
        assert rates.get_drawstyle() == "steps-pre"

    def test_several_reductions(self) -> None:
        """More than one reduction is counted."""
        trace = early_stopping.PlateauRun(
            n_samples=4,
            batch_size=2,
            least_loss=1,
            learning_rates=(4, 2, 1),
            losses=(9, 3, 2),
            constant_losses=(9, 9, 9),
            reduced_after=(0, 1),
        )
        alt = draw.rate_staircase(trace).alt
        assert "reduced 2 times, to 1, it ends at 1." in alt


class TestReadings:
    """Patiences are compared on the same losses."""

    def test_readings_of_different_losses(self) -> None:
        """Readings of different losses are refused."""
        bad = (early_stopping.waiting((2, 1)), early_stopping.waiting((3, 1)))
        says = f"is {bad!r} but must hold readings of the same losses"
        with refused(ValueError, "trace", says):
            draw.patience_stops(bad)
