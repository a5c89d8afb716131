"""Every figure shows its trace: in words, in places, and in both themes."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from bad_input import not_a_count, refused
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Annotation

from gdbook import plotting
from gdbook.examples import (
    activations,
    adaptive_rates,
    backpropagation,
    capacity,
    conditioning,
    early_stopping,
    forward_propagation,
    gradient,
    in_keras,
    learning_rate,
    linear_regression,
    loss_functions,
    many_weights,
    momentum,
    saddle_points,
    slopes,
    stochastic_gradient,
    validation,
    vanishing_gradients,
    weight_update,
)
from gdbook.plotting import Figure, _base
from gdbook.plotting._base import DARK
from gdbook.splits import Split, folds

Point = tuple[float, float]

ROUNDED = 2.0**-48  # sixteen roundings: a descent of a few steps in floats


@dataclass(frozen=True)
class Kind:
    """A kind of figure, a trace for it, and what the figure must hold."""

    draw: Callable[..., Figure]
    trace: Callable[[], Any]
    says: tuple[str, ...]  # numbers of its description
    marks: tuple[Point, ...] = ()  # where markers lie
    notes: tuple[tuple[str, Point], ...] = ()  # what annotations point to
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.draw.__name__


# The curvatures of the line through 0.5, 2 and 1: H is 2/3 · ((5.25, 3.5), (3.5, 3)),
# half its trace is 11/4, half the difference of its diagonal 3/4, the corner 7/3.
FLAT = 11 / 4 - math.hypot(3 / 4, 7 / 3)
STEEP = 11 / 4 + math.hypot(3 / 4, 7 / 3)

# The best momentum for curvatures whose ratio is 20.
BEST_MOMENTUM = ((20**0.5 - 1) / (20**0.5 + 1)) ** 2

# Made by hand, so that every place is known.
MOONS = capacity.MoonFits(
    widths=(1, 3),
    n_params=(5, 13),
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
    n_samples=100,
    n_wrong=20,
    training_losses=((2.5, 1.0, 0.25), (2.5, 1.5, 0.5)),
    validation_losses=((2.5, 1.0, 1.5), (2.5, 1.25, 1.125)),
    training_accuracies=(1.0, 0.875),
    validation_accuracies=(0.5, 0.625),
    gaps=(1.25, 0.625),
    best_epochs=(1, 2),
)

KINDS = [
    Kind(
        plotting.backward_circuit,
        backpropagation.circuit,
        (
            *("inputs 2 and 3", "nodes 5 and 1", "prediction 9", "loss 16"),
            *("slope −8 along the prediction", "−16 and 8", "−24 and −8"),
            *("2 and −1 have slopes −40 and −8", "1 and 1 of a hidden node"),
            *("have slopes −32 and −48", "have slopes 16 and 24"),
        ),
    ),
    Kind(
        plotting.batch_costs,
        lambda: stochastic_gradient.epochs_to_loss((100, 1000, 10_000)),
        ("0.02 above", "100, 1000 and 10000", "200, 150 and 150", "2, 15 and 150"),
        marks=((100, 200), (10_000, 150), (100, 2), (1000, 15), (10_000, 150)),
        notes=(
            ("150", (10_000, 150)),
            ("200 steps", (100, 200)),
            ("2 epochs", (100, 2)),
        ),
    ),
    Kind(
        plotting.batch_gradients,
        stochastic_gradient.sample_mean,
        ("(−0.8, −1.6), (−4, −2) and (−3, −3)", "(−1.9, −2.3)", "all, (−2.6, −2.2)"),
        # Three samples, the middles of their sides, and the mean.
        marks=(
            *((-0.8, -1.6), (-4, -2), (-3, -3)),
            *((-2.4, -1.8), (-1.9, -2.3), (-3.5, -2.5), (-2.6, -2.2)),
        ),
    ),
    Kind(
        plotting.batch_variances,
        stochastic_gradient.batch_variance,
        ("sizes 1, 2 and 3", "2.13, 1.07 and 0.711", "2.13, 0.533 and 0"),
        # 32/15, 16/15, 32/45 and 8/15; zero has no logarithm.
        marks=((1, 32 / 15), (2, 16 / 15), (3, 32 / 45), (1, 32 / 15), (2, 8 / 15)),
    ),
    Kind(
        plotting.bends_and_slopes,
        lambda: (
            activations.shape(values=(-1, 0, 1)),
            activations.shape("ReLU", (-2, 0, 2)),
        ),
        # 1/(1 + e) and e/(1 + e).
        (
            *("from −1 to 1", "sigmoid rises from 0.269 to 0.731", "from 0 to 2"),
            *(
                "sigmoid has its largest slope 0.25 at 0",
                "ReLU has its largest slope 1",
            ),
        ),
    ),
    Kind(
        plotting.beside_the_bound,
        lambda: learning_rate.beside_bound(num_steps=20),
        # The least loss is 0.0860 below the first, 1.2967; the bound is 2/5.2009.
        ("20 steps", "1.21", "bound 0.385"),
    ),
    Kind(
        plotting.best_line_misses,
        activations.best_line_on_bend,
        ("0 x + 1.2", "−0.8, 0.2, 1.2, 0.2 and −0.8", "loss is 0.56"),
        marks=((-2, 2), (-1, 1), (0, 0), (1, 1), (2, 2)),
        # Half of the error from 0 to 1.2; halfway between the inputs 1 and 2.
        notes=(("error 1.2", (0, 0.6)), ("best line: loss 0.56", (1.5, 1.2))),
    ),
    Kind(
        plotting.both_sides,
        lambda: validation.OneSplit(
            *(80, 20, 12, 0.5),
            (1, 0.25, 0.125, 0.0625),
            (1, 0.5, 0.375, 0.75),
            *((0.5, 1, 1, 1), (0.5, 0.75, 0.75, 0.75), 2),
        ),
        (
            *("over 3 epochs", "On the 80 training samples it falls from 1 to 0.0625"),
            *("On the 20 held-out", "is least, 0.375, after epoch 2", "ends at 0.75"),
        ),
        marks=((2, 0.375),),
        notes=(
            ("least: 0.375", (2, 0.375)),
            ("held out", (2, 0.375)),
            ("training", (2, 0.125)),
        ),
    ),
    Kind(
        plotting.broadcast_errors,
        many_weights.silent_broadcast,
        ("3 rows and 3 columns", "true errors 5, 1 and −2", "other 6 cells"),
    ),
    Kind(
        plotting.capacity_losses,
        lambda: CURVE,
        ("160 to 19210", "2 seeds", "from 1.75 to 0.125", "2.25, is least, 0.75, with"),
        marks=(
            *((160, 1.75), (2410, 0.5), (19210, 0.125)),
            *((160, 2.25), (2410, 0.75), (19210, 1.25), (2410, 0.75)),
        ),
        notes=(("least: 24, 24 nodes", (2410, 0.75)),),
    ),
    Kind(
        plotting.chain_slopes,
        lambda: (
            vanishing_gradients.chain(n_layers=2),
            vanishing_gradients.chain(4, -2, n_layers=2),
        ),
        (
            "from 1 at node 2",
            "weight 1 and bias −0.5 it is 0.0625",
            "weight 4 and bias −2 it is 1 at",
        ),
        # A quarter for each node, and four quarters.
        marks=((0, 1 / 16), (1, 1 / 4), (2, 1), (0, 1), (1, 1), (2, 1)),
    ),
    Kind(
        plotting.chords,
        slopes.parabola,
        # From (2, 4) to (3, 9), from (1, 1) to (3, 9), and the point itself.
        ("tangent has slope 4", "from x = 2 to 3", "slope 5", "from x = 1 to 3"),
        marks=((2, 4), (3, 9), (1, 1), (3, 9), (2, 4)),
        # At 2.6 the first chord has climbed 0.6 · 5; at 1.65 the second 0.65 · 4.
        notes=(
            ("forward: slope 5", (2.6, 7)),
            ("central: slope 4", (1.65, 3.6)),
            ("tangent: slope 4", (1.25, 1)),
        ),
    ),
    Kind(
        plotting.cooled_losses,
        lambda: stochastic_gradient.cooling(num_steps=100, n_lines=2, n_samples=50),
        ("100 steps on single samples", "rate 0.006 ends", "rate 0.0005 at", "to 0 at"),
    ),
    Kind(
        plotting.damped_swings,
        lambda: momentum.critical_damping(num_steps=2),
        # w₁ = 24/25, and w₂ = (1 + β − 1/25)·24/25 − β with β = 19/100, 16/25, 9/10.
        ("2 steps from 1", "0.19 it creeps, by the factor 0.95", "0.64 it is critical"),
        marks=((0, 1), (1, 0.96), (2, 0.914), (2, 0.896), (2, 0.8856)),
    ),
    Kind(
        plotting.dead_shares,
        lambda: (
            vanishing_gradients.DeadShares(
                "ReLU", (0.5, 1), 0.125, (0.25, 0.5), (0.25, 0.5), (1, 2)
            ),
            vanishing_gradients.DeadShares(
                "leaky ReLU", (0.5, 1), 0.125, (0.125, 0.375), (0, 0), (1, 2)
            ),
        ),
        (
            *("rates 0.5 and 1; at the start it is 12.5", "ReLU 25 and 50, of which"),
            *("dead 25 and 50;", "leaky ReLU 12.5 and 37.5, of which dead 0 and 0."),
        ),
        marks=((0.5, 25), (1, 50), (0.5, 12.5), (1, 37.5)),
    ),
    Kind(
        plotting.dealt_losses,
        # A batch of all, so that the order does not matter.
        lambda: stochastic_gradient.shuffled(50, num_epochs=3, n_samples=50),
        ("3 epochs", "Dealt in order", "shuffled before every epoch"),
    ),
    Kind(
        plotting.differences,
        slopes.parabola,
        ("4, 4 and 4 for steps 1, 0.5 and 0.25", "slope 4", "5, 4.5 and 4.25"),
        marks=((1, 5), (0.5, 4.5), (0.25, 4.25), (1, 4), (0.5, 4), (0.25, 4)),
        notes=(("forward", (1, 5)), ("central", (1, 4))),
    ),
    Kind(
        plotting.direction_slopes,
        gradient.directions,
        ("between −50 and 50", "(1, 0) it is 30", "(0, 1) it is 40", "it is −50"),
        # The triangle with sides 3, 4, 5 has the angle 36.87 degrees.
        marks=(
            (0, 30),
            (90, 40),
            (-36.86989764584402, 0),
            (-126.86989764584402, -50),
        ),
    ),
    Kind(
        plotting.downhill_aims,
        conditioning.aims,
        # Both (1, 8) against (5, 2) and (0.8, 4) against (4, 1) are angles.
        ("from 7 places", "From (−6, 0)", "from (−5, −2) it misses it by 61.1", "64.7"),
        marks=((-5, -2), (-6, 0), (0, -2), (4, 1), (-4, 1), (6, 0), (0, 2), (0, 0)),
    ),
    Kind(
        plotting.dropout_epochs,
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
        plotting.error_squares,
        loss_functions.squared_error_table,
        ("sides 10, 5 and 5", "areas 100, 25 and 25", "total is 150", "mean 50"),
    ),
    Kind(
        plotting.escape_line,
        lambda: saddle_points.escape_times((0.25, 0.125), learning_rate=1.0),
        # 1/4, 31/64, more than 1/2; 1/8 goes to 127/512 and on to less than 1/2.
        (
            "from 2 steps at distance 0.25 to 3 steps at distance 0.125",
            "in theory 3.32",
        ),
        marks=((0.25, 2), (0.125, 3)),
        # Theory: ln(1/2 ÷ 1/8)/ln 2 = 2 steps; one step more for half the distance.
        notes=(
            ("measured:\n3.322 per decade", (0.125, 3)),
            ("theory:\n3.322 per decade", (0.125, 2)),
        ),
    ),
    Kind(
        plotting.factor_envelope,
        conditioning.measured_factors,
        ("least, 0.905, at the rate 0.476", "passes 1 at 0.5", "0.92 at 0.4"),
        # The best rate 10/21 with factor 19/21, the bound 2/4, and 1 − 0.4/5 at 0.4.
        marks=((10 / 21, 19 / 21), (0.5, 1), (0.4, 0.92)),
        notes=(("best: 0.476", (10 / 21, 19 / 21)), ("bound: 0.5", (0.5, 1))),
    ),
    Kind(
        plotting.felt_slopes,
        lambda: slopes.dark_field(num_steps=2),
        # Each place is 0.6 times the one before, its slope twice it.
        ("slope 4 at x = 2", "slope 2.4 at x = 1.2", "slope 1.44 at x = 0.72"),
        marks=((2, 4), (1.2, 1.44), (0.72, 0.5184)),
    ),
    Kind(
        plotting.flatness,
        lambda: many_weights.until_flat(num_steps=4),
        ("over 4 steps", "from 10 to", "from 12 to"),
    ),
    Kind(
        plotting.fold_grid,
        lambda: folds(7, 3),
        ("3 rows", "7 columns", "hold out 3, 2 and 2 samples, every sample once"),
    ),
    Kind(
        plotting.fold_planes,
        activations.fold,
        ("targets 0, 1, 1 and 0", "(0, 0), (1, 0), (1, 0) and (2, 1)", "0, 1, 1 and 0"),
    ),
    Kind(
        plotting.fold_scores,
        lambda: validation.Deals(
            ((0.5, 1), (0.75, 0.875)),
            *((0.75, 0.8125), 0.78125, 0.5, 1, 0.2, 0.03, 0.1, 0.05, 4, 8, 800),
        ),
        ("4 networks in 2 deals of 2 folds", "0.5 to 1", "from 0.75 to 0.812"),
        marks=((1, 0.5), (1, 1), (2, 0.75), (2, 0.875), (1, 0.75), (2, 0.8125)),
    ),
    Kind(
        plotting.gate_slopes,
        backpropagation.gates,
        ("Add: 3 and 4 give 7", "2 becomes 8 and 6", "give 4; the slope 2 becomes 0"),
    ),
    Kind(
        plotting.grades,
        linear_regression.hours_and_grades,
        ("1 x + 1", "5.4", "0.55 x + 1.9", "0.54", "grade 5.75 for 7 hours"),
        marks=((2, 3), (4, 5), (6, 4), (8, 6), (10, 8), (7, 5.75)),
        # 0.55 · 7 + 1.9, and the first guess 6 + 1.
        notes=(("7 hours: 5.75", (7, 5.75)), ("first guess, MSE 5.4", (6, 7))),
    ),
    Kind(
        plotting.growth_steps,
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
        plotting.hidden_plane,
        backpropagation.hand_made,
        ("(0, 0) at (0, 0)", "(1, 0) at (1, 0)", "(1, 1) at (2, 1)", "0, 1, 1 and 0"),
        marks=((0, 0), (1, 0), (1, 0), (2, 1)),
    ),
    Kind(
        plotting.keras_losses,
        lambda: in_keras.SameLosses(
            ("descent", "Adam"),
            ((0.5, 0.25, 0.125), (0.5, 0.375, 0.25)),
            ((0.5, 0.25, 0.1), (0.5, 0.375, 0.25)),
            (0.2, 0.0),
            33,
        ),
        (
            *("over 2 steps", "With descent it falls from 0.5 to 0.125", "by 0.2 of"),
            "with Adam from 0.5 to 0.25, differing by 0.",
        ),
        # The dots of the second rule start at its third step.
        marks=((0, 0.5), (2, 0.25)),
    ),
    Kind(
        plotting.keras_run,
        lambda: in_keras.recorded(
            {
                "loss": [1, 0.5, 0.25],
                "val_loss": [1, 0.5, 0.75],
                "learning_rate": [0.5, 0.5, 0.25],
            }
        ),
        (
            *("over 3 epochs", "from 1 to 0.25", "least, 0.5, at epoch 2"),
            *("ends at 0.75", "falls before epoch 3."),
        ),
        marks=((2, 0.5),),
        notes=(("best: epoch 2", (2, 0.5)),),
    ),
    Kind(
        plotting.keras_slopes,
        lambda: in_keras.DeepSlopes(
            ("sigmoid", "ReLU", "other"),
            ((1e-6, 1e-3), (0.02, 0.01), (0.5, 0.25)),
            (1e-3, 2, 2),
        ),
        (
            *("layers 1 to 2", "10⁻⁶ for sigmoid, 0.02 for ReLU and 0.5 for other"),
            "in the last one 0.001, 0.01 and 0.25.",
        ),
        marks=((1, 1e-6), (2, 1e-3), (1, 0.02), (2, 0.01), (1, 0.5), (2, 0.25)),
    ),
    Kind(
        plotting.layer_slopes,
        lambda: (
            vanishing_gradients.LayerSlopes(
                "tanh", "he", (0.5, 1.0, 2.0), 0.25, 0.5, 0.25, 0.5
            ),
            vanishing_gradients.LayerSlopes(
                "ReLU", "glorot", (3.0, 3.0, 3.0), 1, 1, 0.25, 0.5
            ),
        ),
        ("each of 3 hidden layers", "0.25 with tanh and he, 1 with ReLU and glorot"),
        marks=((1, 0.25), (2, 0.5), (3, 1), (1, 1), (2, 1), (3, 1)),
    ),
    Kind(
        plotting.leaked_scores,
        lambda: validation.LeakedChoice(
            *(100, 2000, 20, (0.9, 0.8), (0.5, 0.625), 0.85, 0.5625)
        ),
        ("for 2 draws", "all samples it lies from 0.8 to 0.9", "from 0.5 to 0.625"),
        marks=((1, 0.9), (2, 0.8), (1, 0.5), (2, 0.625)),
    ),
    Kind(
        plotting.learned_surfaces,
        lambda: backpropagation.learn_xor(epochs=(0, 100), resolution=9),
        ("epochs 0 and 100", "and 1 are right"),
        # The plane from −1/2 to 3/2 is drawn as a square of 1, the next one 1.08 on.
        marks=(
            *((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)),
            *((1.33, 0.25), (1.33, 0.75), (1.83, 0.25), (1.83, 0.75)),
        ),
    ),
    Kind(
        plotting.lines,
        lambda: linear_regression.linear_steps(num_steps=1),
        ("(0.5, 0.8), (2, 1) and (1, 1.5)", "1.3", "0.26 x + 0.22", "0.0429 x + 1.05"),
        marks=((0.5, 0.8), (2, 1), (1, 1.5)),
        # At 2.4: 0.26 · 2.4 + 0.22 and 3/70 · 2.4 + 21/20.
        notes=(
            ("start", (2.4, 0)),
            ("after 1 step", (2.4, 0.844)),
            ("best", (2.4, 3 / 70 * 2.4 + 1.05)),
        ),
    ),
    Kind(
        plotting.loss_contours,
        loss_functions.two_weight_losses,
        ("(2, 1) with loss 0", "(0, 0) with loss 4.67"),
        marks=((0, 0), (1, 1), (3, 0), (2, 1)),
    ),
    Kind(
        plotting.loss_surface,
        loss_functions.two_weight_losses,
        ("(2, 1) with loss 0", "(0, 0) with loss 4.67"),
        options={"projection": "3d"},
    ),
    Kind(
        plotting.memorised_points,
        capacity.memorise,
        ("5 points", "error 0.94", "leaves 0.22", "leaves 0."),
        marks=((0, 1.5), (1, 1), (2, 1.5), (3, 3), (4, 3.5)),
    ),
    Kind(
        plotting.momentum_factors,
        momentum.sweep_momentum,
        # 1 − √(2/21) = 0.6914, and its square.
        ("learning rate 0.476", "0.905 for the curvature 0.2", "0.478", "0.691"),
        marks=((0, 19 / 21), ((1 - (2 / 21) ** 0.5) ** 2, 1 - (2 / 21) ** 0.5)),
        notes=(
            ("best: 0.478", ((1 - (2 / 21) ** 0.5) ** 2, 1 - (2 / 21) ** 0.5)),
            ("steep: λ = 4", (0.25, 0.5)),
        ),
    ),
    Kind(
        plotting.momentum_map,
        lambda: momentum.phase_map(21, 10),
        ("67 percent", "at 0.0952 and 1.9", "at 0.134 and 2.67 with momentum 0.403"),
        # Descent at 10/21 of 1/5 and 4; the ball at (2/(1 + √20))² of 1 and 20.
        marks=(
            (2 / 21, 0),
            (40 / 21, 0),
            ((2 / (1 + 20**0.5)) ** 2, BEST_MOMENTUM),
            ((2 * 20**0.5 / (1 + 20**0.5)) ** 2, BEST_MOMENTUM),
        ),
        notes=(("creeps", (0.3, 0.1)),),
    ),
    Kind(
        plotting.moon_borders,
        lambda: MOONS,
        ("3 points", "with 1 and 3 hidden", "75 and 100 %", "62.5 and 87.5 % of new"),
        marks=((0, 0.5), (1, -0.5), (2, 0.25)),
    ),
    Kind(
        plotting.moving_shares,
        lambda: activations.moving_score((0, 0, 0), (-1, 0, 1)),
        # e⁻¹/(e⁻¹ + 2) and e/(e + 2).
        ("3 classes", "from −1 to 1", "from 0.155 to 0.576 and is 0.333 at 0"),
        marks=((0, 1 / 3),),
        notes=(("0.333 at 0", (0, 1 / 3)),),
    ),
    Kind(
        plotting.nearest_digits,
        lambda: validation.nearest_pictures(1, 1),
        ("2 held-out digits", "a 2 answered with 2 and a 2 answered with 3."),
    ),
    Kind(
        plotting.network_diagram,
        forward_propagation.single_layer,
        ("2 and 3", "prediction 3.1", "0.5 and 0.7"),
    ),
    Kind(
        plotting.neuron_losses,
        lambda: vanishing_gradients.saturated_neuron([(0, 0), (0, 1)], num_steps=1),
        # Half of 1/4; σ(1) = 0.731 and half its square. Steps of 0.15 · 1/8 on both.
        ("over 1 step.", "From the sum 0 it falls from 0.125", "from the sum 1 the"),
    ),
    Kind(
        plotting.noise_floors,
        lambda: stochastic_gradient.noise_floor(
            (0.001, 0.002), num_steps=20, settle=10, n_lines=2, n_samples=50
        ),
        ("20 steps from the best line", "rates 0.001 and 0.002", "predictions"),
    ),
    Kind(
        plotting.noise_line,
        lambda: saddle_points.noisy_escape((0.1, 0.01), num_runs=3),
        ("over the size of the noise", "noise 0.1 to", "noise 0.01", "theory 24.16"),
    ),
    Kind(
        plotting.noise_losses,
        capacity.all_noises,
        ("all 32 ways", "1, 2 and 5 numbers", "0.7, 0.15 and 0;", "0.8, 0.35 and 0.5."),
        marks=((1, 0.7), (2, 0.15), (5, 0), (1, 0.8), (2, 0.35), (5, 0.5)),
    ),
    Kind(
        plotting.noisy_valley,
        lambda: stochastic_gradient.noisy_paths(num_steps=20),
        ("20 steps from (0, 0)", "1, 10 and 10000", "(0.77, 0.152)", "(0.55, 1.9)"),
    ),
    Kind(
        plotting.one_step,
        lambda: weight_update.repeated(num_steps=1),
        # 2.24 · 3 is 6.72, and 3.28² is 10.7584.
        ("weight 2 the loss is 16", "by 24", "weight 2.24 and loss 10.8"),
        marks=((2, 16), (2.24, 10.7584)),
        # As far to the left as the step goes to the right: 16 + 24 · 0.24.
        notes=(("slope −24", (1.76, 21.76)),),
    ),
    Kind(
        plotting.online_walk,
        adaptive_rates.reddi,
        ("300 steps, from 0", "worst place, 1", "best place, −1"),
    ),
    Kind(
        plotting.parabola_pieces,
        lambda: activations.bend_more((1, 2)),
        ("1 and 2 straight pieces", "0.25 and 0.0625"),
        marks=((0, 0), (1, 1), (0, 0), (0.5, 0.25), (1, 1)),
    ),
    Kind(
        plotting.part_sizes,
        lambda: conditioning.zig_zag(num_steps=2),
        ("over 2 steps", "from 5 to 4.14, by 0.91", "from 2 to 1.28, by 0.8"),
        # 5 · 0.91, 5 · 0.91²; 2 · 0.8, 2 · 0.8².
        marks=((0, 5), (1, 4.55), (2, 4.1405), (0, 2), (1, 1.6), (2, 1.28)),
        notes=(("flat: × 0.91", (1, 4.55)), ("steep: × −0.8", (1, 1.6))),
    ),
    Kind(
        plotting.pass_counts,
        lambda: backpropagation.passes(((2, 2, 1), (2, 8, 1))),
        ("9 and 33 weights", "take 18 and 66 passes", "takes 2 and 2"),
        marks=((9, 18), (33, 66), (9, 2), (33, 2)),
        notes=(("differences: 66", (33, 66)), ("backpropagation: 2", (33, 2))),
    ),
    Kind(
        plotting.patience_stops,
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
        plotting.prediction_line,
        forward_propagation.one_weight,
        ("−1, 4, 9, 14 and 19", "0, 1, 2, 3 and 4", "rises by 5", "13", "2.8"),
        marks=((0, -1), (1, 4), (2, 9), (3, 14), (4, 19), (2.8, 13)),
        notes=(("weight 2.8", (2.8, 13)),),
    ),
    Kind(
        plotting.predictions_against_targets,
        loss_functions.squared_error_table,
        ("10 for target 20 is 10 below", "8 for target 3 is 5 above", "6 for target 1"),
        marks=((20, 10), (3, 8), (1, 6)),
    ),
    Kind(
        plotting.rare_shares,
        validation.class_shares,
        ("20 malignant tumours each of 10 folds", "2, 2, 2, 2, 2, 2, 2, 2, 2 and 2 st"),
    ),
    Kind(
        plotting.rate_staircase,
        lambda: early_stopping.PlateauRun(
            patience=1,
            factor=0.5,
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
        plotting.rate_sweep,
        learning_rate.sweep,
        ("from 10⁻⁹ to 1", "at 16", "0.184, at the rate 0.1", "6.5 × 10²⁵"),
    ),
    Kind(
        plotting.rate_traces,
        learning_rate.three_rates,
        ("12 steps from −4", "by 0.91", "by 0.1", "by −1.07"),
        # −4 · 0.91, −4 · 0.1 and −4 · −1.07.
        marks=((0, -4), (1, -3.64), (1, -0.4), (1, 4.28)),
    ),
    Kind(
        plotting.remedy_losses,
        lambda: vanishing_gradients.Remedies(
            names=("one", "two", "three"),
            ratios=(0.5, 0.5, 0.5),
            first_losses=(2.5, 2.5, 2.5),
            last_losses=(2.0, 1.5, 1.75),
            losses=((2.5, 2.0), (2.5, 1.5), (2.5, 1.75)),
            num_steps=1,
            guess=2.0,
        ),
        (
            *("over 1 epoch; a guess has loss 2. 1 network stays", "; two ends at 1.5"),
            "; three ends at 1.75.",
        ),
    ),
    Kind(
        plotting.rolling_losses,
        lambda: (momentum.heavy_ball(0.25, 0.5, num_steps=2),),
        # 351²/64000 + 2 = 3.925, by the fractions of the chapter's test.
        ("from 10.5", "heavy ball it is at most 10.5", "3.93 after 2 steps"),
        marks=((2, 251201 / 64000),),
    ),
    Kind(
        plotting.rolling_paths,
        lambda: (
            momentum.heavy_ball(0.25, 0.5, num_steps=2),
            momentum.nesterov(0.25, 0.5, num_steps=1),
        ),
        ("from (−5, −2)", "After 2 steps heavy ball", "Nesterov is at (−4.62, 1)"),
        marks=((-5, -2), (-4.75, 0), (-4.3875, 1), (-4.625, 1), (0, 0)),
    ),
    Kind(
        plotting.rule_losses,
        lambda: adaptive_rates.side_by_side((0.5, *(0.1,) * 6), num_steps=1),
        # At 0.5 descent goes to (−4.5, 2): 2.025 + 8; at 0.1 to (−4.9, −1.2):
        # 2.401 + 2.88, as do the balls at first.
        ("over 1 step from 10.5", "Descent ends at 10,", "momentum 0.9 at 5.28"),
    ),
    Kind(
        plotting.rule_paths,
        lambda: adaptive_rates.side_by_side((0.5, *(0.1,) * 6), num_steps=1),
        # AdaGrad and Adam step by the rate on both axes.
        (
            *("1 step from (−5, −2)", "descent to (−4.5, 2)"),
            *("AdaGrad to (−4.9, −1.9)", "Adam to (−4.9, −1.9)"),
        ),
    ),
    Kind(
        plotting.saddle_cuts,
        saddle_points.flat_places,
        ("curvature 1;", "curvature −1 between", "(0, 1) with loss −0.25, a minimum"),
        marks=((0, 0), (1, -0.25), (-1, -0.25)),
        notes=(("curvatures 1 and −1", (0, 0)),),
    ),
    Kind(
        plotting.saddle_losses,
        lambda: saddle_points.three_starts((0, 0.5), learning_rate=0.5, num_steps=1),
        # At (1, 1/2) 25/64; after a step at (1/2, 0) 1/8, and at (1/2, 11/16) −0.0555.
        ("from y = 0 falls from 0.5", "ends at 0.125", "0.391", "ends at −0.0555"),
        marks=((1, 0.125), (1, -14543 / 262144)),
    ),
    Kind(
        plotting.saddle_map,
        lambda: saddle_points.three_starts((0, 0.5), learning_rate=0.5, num_steps=1),
        ("loss −0.25 at y = 1", "from (1, 0) ends after 1 step with loss 0.125"),
        marks=((1, 0), (0.5, 0), (1, 0.5), (0.5, 11 / 16)),
    ),
    Kind(
        plotting.sample_arrows,
        many_weights.sample_gradients,
        ("(30, 40), (2, 4) and (−8, −8)", "mean (8, 12)"),
    ),
    Kind(
        plotting.scaled_valleys,
        conditioning.standardised,
        ("number of 17.4 and 190 steps", "centred, 2.57 and 27 steps", "1 and 1 step"),
    ),
    Kind(
        plotting.schedules,
        lambda: learning_rate.schedule(num_steps=8),
        ("8 steps", "constant rate 0.11", "0.055 at step 5"),
        # −4 · −0.98 and −4 · 0.98².
        marks=((0, -4), (1, 3.92), (2, -3.8416)),
    ),
    Kind(
        plotting.score_spread,
        lambda: validation.HeldOutSizes(
            *(10, 1000, 0.75, (10, 100), (0.25, 0.0625), (0.25, 0.0625)),
            *((0.25, 0.5), (1, 0.875)),
        ),
        (
            *("10 to 100 held-out", "around 0.75 on all 1000", "from 0.25 to 0.5"),
            *("falls from 1 to 0.875", "shrink from 0.5 to 0.125"),
        ),
        marks=((10, 1), (100, 0.875), (10, 0.25), (100, 0.5)),
        notes=(("highest", (100, 0.875)), ("lowest", (100, 0.5))),
    ),
    Kind(
        plotting.score_staircase,
        lambda: validation.accuracy_and_loss((0,), (1,), (-1, 0, 1), bias=0),
        # ln(1 + e^−1), slopes −1/2 and from 0 to 1 over half a unit.
        (
            *("from −1 to 1", "least, 0.313, at the bias 1", "between 0 and 1"),
            *("and 1 where the loss", "At the bias 0", "−0.5 and the accuracy slope 2"),
        ),
        marks=((1, math.log(1 + math.exp(-1))), (1, 1)),
        notes=(
            ("least loss 0.313", (1, math.log(1 + math.exp(-1)))),
            ("accuracy 1", (1, 1)),
        ),
    ),
    Kind(
        plotting.share_slopes,
        activations.softmax_shares,
        ("3 shares, 0.5, 0.25 and 0.25", "Row 1: 0.25, −0.125, −0.125", "0.1875."),
    ),
    Kind(
        plotting.shrinking_errors,
        lambda: weight_update.repeated(num_steps=4),
        ("from 4 at step 0", "1.8 at step 4", "by 0.82"),  # 4 · 0.82⁴ = 1.8085
        marks=((0, 4), (1, 3.28), (2, 2.6896)),
        notes=(("× 0.82 each step", (2, 2.6896)),),
    ),
    Kind(
        plotting.shrinking_factors,
        learning_rate.stability_bound,
        ("0.299 and 5.2", "bound 0.385", "0.364", "0.891"),
        # 2/(λ + Λ), which is 2 over the trace 11/2, and 2/Λ.
        marks=((4 / 11, 1 - 4 / 11 * FLAT), (2 / STEEP, 1)),
        notes=(
            ("best: 0.364", (4 / 11, 1 - 4 / 11 * FLAT)),
            ("bound: 0.385", (2 / STEEP, 1)),
        ),
    ),
    Kind(
        plotting.sigmoid_starts,
        lambda: vanishing_gradients.saturated_neuron(num_steps=0),
        ("height 0.25 at 0", "sum 1.5 meets the slope 0.149", "sum 4 meets", "0.0177"),
        # The slope is e⁻ᶻ/(1 + e⁻ᶻ)².
        marks=(
            (0, 0.25),
            (1.5, math.exp(-1.5) / (1 + math.exp(-1.5)) ** 2),
            (4, math.exp(-4) / (1 + math.exp(-4)) ** 2),
        ),
        notes=(
            ("steepest: 0.25", (0, 0.25)),
            ("start: 0.149", (1.5, math.exp(-1.5) / (1 + math.exp(-1.5)) ** 2)),
        ),
    ),
    Kind(
        plotting.slope_and_intercept,
        lambda: linear_regression.linear_steps(num_steps=1),
        ("over 1 step", "0.26 at step 1", "0.22", "slope 0.0429 and intercept 1.05"),
        marks=((1, 0.26),),
        notes=(
            ("slope m", (1, 0.26)),
            ("intercept b", (1, 0.22)),
            ("0.26 at step 1", (1, 0.26)),
        ),
    ),
    Kind(
        plotting.slope_parts,
        conditioning.linear_step_parts,
        ("slope 0.0429 over 200 steps", "from −0.528", "step 5", "0.446", "from 0.485"),
    ),
    Kind(
        plotting.slopes_of_two_losses,
        lambda: activations.two_losses((0, 2), target=0),
        # σ(0) = 1/2: 2 · 1/2 · 1/4; at 2 the slope is 2 · 0.8808² · 0.1192 = 0.185.
        ("from 0 to 2", "target is 0", "prediction is 0.5", "squared error 0.25"),
        marks=((0, 0.5), (0, 0.25)),
        notes=(("0.5", (0, 0.5)), ("0.25", (0, 0.25))),
    ),
    Kind(
        plotting.split_error,
        lambda: conditioning.linear_step_parts(num_steps=1),
        ("line (0.0429, 1.05)", "start at (0, 0)", "−0.823 along", "−0.653 across"),
        marks=((0, 0), (0.26, 0.22), (3 / 70, 21 / 20)),
        notes=(("start", (0, 0)), ("best", (3 / 70, 21 / 20))),
    ),
    Kind(
        plotting.split_line,
        backpropagation.best_split,
        ("4 samples", "45 degrees", "3 right, a share of 0.75, and 1 wrong"),
        # Four samples, and a ring around the one that is wrong.
        marks=((0, 0), (0, 1), (1, 0), (1, 1), (1, 1)),
    ),
    Kind(
        plotting.split_pairs,
        lambda: early_stopping.ManySplits(
            num_splits=2,
            patience=1,
            stop_epochs=(2, 3),
            stop_losses=(0.25, 0.5),
            end_losses=(0.75, 0.375),
            num_better=1,
            own_means=(0.25, 0.25),
            other_means=(0.5, 0.25),
            own_mean=0.25,
            other_mean=0.375,
        ),
        ("in 2 splits", "has 0.25 and 0.5", "end 0.75 and 0.375", "better in 1 of"),
        marks=((0.75, 0), (0.375, 1), (0.25, 0), (0.5, 1)),
    ),
    Kind(
        plotting.stacked_nodes,
        lambda: activations.stacked("ReLU"),
        (
            "3 hidden nodes with the activation ReLU",
            "0, 0, 1, 0 and 1",
            "0, 1, −1 and 1",
        ),
    ),
    Kind(
        plotting.steady_steps,
        lambda: adaptive_rates.steady_slope(num_steps=4),
        # 0.1/√0.001, and 0.3439/√(1 − 0.999⁴) = 0.3439/0.0632; RMSProp 1/√0.1 and
        # 1/√0.3439, AdaGrad 1/√4.
        ("over 4 steps", "stays 1", "3.16", "5.44", "from 3.16 to 1.71", "1 to 0.5"),
    ),
    Kind(
        plotting.steps_over_rates,
        lambda: adaptive_rates.race_of_rules(0.125, 0.25, 2, limit=200),
        # 2.5·0.95²ᵗ ≤ 10⁻⁶ from t = 144 on: ln(2.5·10⁶)/(2·0.0513) = 143.6.
        ("from 0.125 to 0.25", "descent 144 at rate 0.25", "RMSProp never"),
        marks=((0.25, 144),),
    ),
    Kind(
        plotting.swapped_choices,
        lambda: early_stopping.SwappedRoles(
            losses=((8, 4, 2, 3), (9, 3, 5, 4)),
            best_epochs=(2, 1),
            own_losses=(2, 3),
            other_losses=(5, 4),
            own_mean=2.5,
            other_mean=4.5,
            flattery=2,
        ),
        (
            *("over 3 epochs", "validation part chooses epoch 2, where it says 2 and"),
            *("the other one 5.", "test part chooses epoch 1", "is 2.5, that", "4.5."),
        ),
        # Each part's own choice, and the other's.
        marks=((2, 2), (1, 4), (1, 3), (2, 5)),
    ),
    Kind(
        plotting.tangent,
        slopes.parabola,
        ("x = 2", "height is 4", "rises by 4"),
        marks=((2, 4),),
    ),
    Kind(
        plotting.tangents,
        slopes.slope_signs,
        ("x = −2 the slope is −4", "x = 0 the slope is 0", "x = 2 the slope is 4"),
        marks=((-2, 4), (-1, 1), (0, 0), (1, 1), (2, 4)),
    ),
    Kind(
        plotting.turning_loss,
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
    Kind(
        plotting.two_weight_paths,
        gradient.several_starts,
        ("from (1, 2)", "from (−1, 1)", "from (2, 1)", "loss 0"),
        # Steps of 0.01 times the gradients (30, 40), (−30, −40) and (24, 32).
        marks=((1, 2), (0.7, 1.6), (-1, 1), (-0.7, 1.4), (2, 1), (1.76, 0.68)),
    ),
    Kind(
        plotting.two_weight_step,
        gradient.two_inputs,
        ("(1, 2) with loss 25", "(0.7, 1.6) with loss 6.25"),
        marks=((1, 2),),
        notes=(("", (0.7, 1.6)),),
    ),
    Kind(
        plotting.valley,
        lambda: linear_regression.linear_steps(num_steps=2),
        ("starts at (0, 0)", "after 2 steps", "(0.0429, 1.05)"),
        # The second step is worked in the chapter: 0.1 · (−353/300, −173/150).
        marks=((0, 0), (0.26, 0.22), (3 / 70, 21 / 20)),
        notes=(("start", (0, 0)), ("best: (0.0429, 1.05)", (3 / 70, 21 / 20))),
    ),
    Kind(
        plotting.velocity_shares,
        lambda: momentum.velocity_memory(0.5, num_steps=3),
        ("0 to 3 steps", "momentum 0.5", "from 1 to 0.125", "half after 1 steps"),
        marks=((1, 0.5), (2, 0.25)),
        notes=(("half-life: 1", (1, 0.5)), ("2 steps: 0.25 is left", (2, 0.25))),
    ),
    Kind(
        plotting.walk,
        lambda: slopes.dark_field(num_steps=3),
        ("3 steps", "x = 2 with slope 4", "x = 0.432 with slope 0.864"),
        marks=((2, 4), (1.2, 1.44), (0.72, 0.5184), (0.432, 0.186624)),
        notes=(
            ("start, slope 4", (2, 4)),
            ("after 3 steps, slope 0.86", (0.432, 0.186624)),
        ),
    ),
    Kind(
        plotting.weight_descent,
        lambda: weight_update.repeated(num_steps=2),
        ("at 3.33", "2 steps", "weight 2 with loss 16"),
        marks=((2, 16), (2.24, 10.7584)),
        notes=(("start: 2", (2, 16)), ("settles at 3.33", (10 / 3, 0))),
    ),
    Kind(
        plotting.weights_over_steps,
        lambda: (adaptive_rates.sign_steps(), adaptive_rates.sign_steps(1)),
        ("from −2", "20 steps of sign steps it is 0.4", "between −0.2 and 0.4"),
        # Steps of 0.6 and of 1 from −2.
        marks=((0, -2), (1, -1.4), (4, 0.4), (1, -1), (2, 0)),
    ),
    Kind(
        plotting.zig_zag_path,
        lambda: conditioning.zig_zag(num_steps=2),
        ("at (−5, −2)", "2 steps", "x₂ by −0.8", "x₁ by 0.91", "at (−4.14, −1.28)"),
        marks=((-5, -2), (-4.55, 1.6), (-4.1405, -1.28), (0, 0)),
        notes=(("start", (-5, -2)), ("step 2", (-4.1405, -1.28))),
    ),
]

each_kind = pytest.mark.parametrize("kind", KINDS, ids=str)


@cache
def traced(name: str) -> Any:
    """Make the trace of a kind of figure once."""
    return next(kind for kind in KINDS if str(kind) == name).trace()


@cache
def drawn(name: str) -> Figure:
    """Draw it once."""
    kind = next(kind for kind in KINDS if str(kind) == name)
    return kind.draw(traced(name))


@cache
def rendered(name: str) -> str:
    """Render it once."""
    return drawn(name)._repr_svg_()


def close(point: Any, expected: Point) -> bool:
    """Compare two points up to the rounding of a few steps."""
    x, y = map(float, point)
    return (x, y) == pytest.approx(expected, rel=ROUNDED, abs=ROUNDED)


def texts(figure: Figure) -> list[str]:
    """Return what is written on the axes."""
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_kind_is_here() -> None:
    """No kind of figure lacks a test."""
    tested = {str(kind) for kind in KINDS} | {"Figure", "matrix_shapes"}
    assert tested == set(plotting.__all__)


@each_kind
class TestFigure:
    """It returns a `Figure` that shows itself, and says in words what it shows."""

    def test_alt(self, kind: Kind) -> None:
        """The description is a sentence with the numbers of the trace."""
        figure = drawn(str(kind))
        assert isinstance(figure, Figure)
        assert [part for part in kind.says if part not in figure.alt] == []
        assert figure.alt[-1] == "."

    def test_svg(self, kind: Kind) -> None:
        """The SVG is well formed, describes itself, and has no date and no creator."""
        root = ET.fromstring(rendered(str(kind)))  # noqa: S314 (our own)
        dublin = "{http://purl.org/dc/elements/1.1/}"
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        described = [element.text for element in root.iter(f"{dublin}description")]
        assert described == [drawn(str(kind)).alt]
        assert not list(root.iter(f"{dublin}date"))
        assert not list(root.iter(f"{dublin}creator"))

    def test_dark(self, kind: Kind) -> None:
        """The SVG carries a style that swaps every colour on dark paper."""
        root = ET.fromstring(rendered(str(kind)))  # noqa: S314 (our own)
        style = root.find("{http://www.w3.org/2000/svg}style")
        assert style is not None
        before, _, swaps = (style.text or "").partition(
            "@media(prefers-color-scheme:dark)"
        )
        assert "font-family:system-ui" in before
        for light, dark in DARK.items():
            for part in ("fill", "stroke"):
                swap = f'[style*="{part}: {light}"]{{{part}:{dark}!important}}'
                assert swap in swaps

    def test_same_bytes(self, kind: Kind) -> None:
        """Drawn a second time, it is the same to the byte, and no setting is left."""
        before = dict(mpl.rcParams)
        assert kind.draw(traced(str(kind)))._repr_svg_() == rendered(str(kind))
        assert dict(mpl.rcParams) == before

    def test_given_axes(self, kind: Kind) -> None:
        """It draws on the axes that are given, and returns their figure."""
        figure = Figure()
        other = figure.add_subplot(1, 2, 1)
        ax = figure.add_subplot(1, 2, 2, **kind.options)
        assert kind.draw(traced(str(kind)), ax) is figure
        assert figure.alt == drawn(str(kind)).alt
        assert len(ax.get_children()) > len(other.get_children())
        assert not other.texts
        assert not other.lines

    def test_refuses_trace(self, kind: Kind) -> None:
        """A trace of another type is refused by name."""
        others: list[Any] = [None, 3, "trace", np.zeros(3), {}]
        for bad in others:
            with pytest.raises(TypeError, match=r"^`trace` is .* but must be a \w+"):
                kind.draw(bad)

    def test_refuses_axes(self, kind: Kind) -> None:
        """What is no axes is refused by name, a figure too."""
        wrong: list[Any] = [3, "ax", Figure()]
        for bad in wrong:
            with refused(TypeError, "ax", f"is {bad!r} but must be Matplotlib axes"):
                kind.draw(traced(str(kind)), bad)


class TestPlaces:
    """Every annotation is computed from the trace."""

    @pytest.mark.parametrize("kind", [k for k in KINDS if k.marks], ids=str)
    def test_marks(self, kind: Kind) -> None:
        """The markers lie where the numbers of the trace are."""
        marked = [
            point
            for line in drawn(str(kind)).axes[0].lines
            if line.get_marker() in {"o", "*", "D"}
            for point in np.asarray(line.get_xydata())
        ]
        for expected in kind.marks:
            found = [at for at, point in enumerate(marked) if close(point, expected)]
            assert found, (expected, marked)
            del marked[found[0]]

    @pytest.mark.parametrize("kind", [k for k in KINDS if k.notes], ids=str)
    def test_notes(self, kind: Kind) -> None:
        """An annotation points to what its words are about."""
        notes = [
            (text.get_text(), text.xy)
            for text in drawn(str(kind)).axes[0].texts
            if isinstance(text, Annotation)
        ]
        for words, expected in kind.notes:
            assert [close(at, expected) for found, at in notes if found == words] == [
                True
            ]


class TestRefusals:
    """A trace, or axes, of another kind."""

    def test_other_trace(self) -> None:
        """The trace of another figure is refused, and the right ones are named."""
        other = slopes.parabola()
        with refused(TypeError, "trace", f"is {other!r} but must be a LinearSteps"):
            plotting.valley(other)  # type: ignore[arg-type]
        expected = "must be a SingleLayer or TwoLayers or Neuron"
        with refused(TypeError, "trace", f"is {other!r} but {expected}"):
            plotting.network_diagram(other)  # type: ignore[arg-type]
        with refused(TypeError, "trace", "is None but must be a LinearSteps"):
            plotting.valley()  # type: ignore[call-arg]

    def test_flat_axes(self) -> None:
        """A surface needs axes of three dimensions."""
        ax = Figure().add_subplot()
        with refused(TypeError, "ax", f"is {ax!r} but must have three dimensions"):
            plotting.loss_surface(loss_functions.two_weight_losses(), ax)

    @pytest.mark.parametrize("bad", [(1,), ("run",), (slopes.parabola(),)])
    def test_other_descents(self, bad: Any) -> None:
        """A tuple of something else is refused."""
        with refused(TypeError, "trace", f"is {bad!r} but must hold Repeated only"):
            plotting.rate_traces(bad)
        with refused(TypeError, "trace", f"is {bad!r} but must hold ManySteps only"):
            plotting.two_weight_paths(bad)
        with refused(TypeError, "trace", f"is {bad!r} but must hold Waiting only"):
            plotting.patience_stops(bad)

    def test_readings_of_different_losses(self) -> None:
        """Patiences are compared on the same losses, and there must be one."""
        apart = (early_stopping.waiting((2, 1)), early_stopping.waiting((3, 1)))
        empty: tuple[early_stopping.Waiting, ...] = ()
        for bad in (apart, empty):
            says = f"is {bad!r} but must hold readings of the same losses"
            with refused(ValueError, "trace", says):
                plotting.patience_stops(bad)

    @pytest.mark.parametrize("bad", [(1,), ("split",), (slopes.parabola(),)])
    def test_other_splits(self, bad: Any) -> None:
        """A tuple of something else is refused, and so is an empty one."""
        with refused(TypeError, "trace", f"is {bad!r} but must hold Split only"):
            plotting.fold_grid(bad)
        says = "is empty but must hold at least one split"
        with refused(ValueError, "trace", says):
            plotting.fold_grid(())

    def test_other_activations(self) -> None:
        """A tuple of something else, of nothing or of too much is refused."""
        bad: Any = (activations.shape(), 3)
        with refused(TypeError, "trace", f"is {bad!r} but must hold Shape only"):
            plotting.bends_and_slopes(bad)
        for count in (0, 4):
            says = f"holds {count} activations but must hold 1 to 3"
            with refused(ValueError, "trace", says):
                plotting.bends_and_slopes((activations.shape(),) * count)

    @pytest.mark.parametrize("count", [0, 4])
    def test_number_of_descents(self, count: int) -> None:
        """Three colours tell at most three descents apart."""
        runs = (weight_update.repeated(num_steps=1),) * count
        says = f"holds {count} descents but must hold 1 to 3"
        with refused(ValueError, "trace", says):
            plotting.rate_traces(runs)


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
        figure = plotting.network_diagram(forward_propagation.two_layers())
        circles = [p for p in figure.axes[0].patches if isinstance(p, Circle)]
        weights = [text for text in texts(figure) if text.startswith("×")]
        assert len(circles) == 5
        assert sorted(weights) == ["× 1", "× 1", "× 1", "× 2", "× −1", "× −1"]
        assert {"hidden", "5", "9"} <= set(texts(figure))
        assert "hidden node 5" in figure.alt
        assert "hidden node 1" in figure.alt

    def test_neuron(self) -> None:
        """A neuron shows its bias."""
        figure = plotting.network_diagram(forward_propagation.neuron())
        assert "+ bias 4" in texts(figure)
        assert "The bias is 4." in figure.alt


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_error_squares(self) -> None:
        """Each squared error is a square whose side is the error."""
        patches = drawn("error_squares").axes[0].patches
        sides = [
            (patch.get_width(), patch.get_height())
            for patch in patches
            if isinstance(patch, Rectangle)
        ]
        assert sorted(set(sides)) == [(5, 5), (10, 10)]
        assert len(sides) == 6  # a face and an edge for each

    def test_fold_grid(self) -> None:
        """The samples that a row holds out are marked."""
        split = Split(np.array([0, 3]), np.array([1, 2]))
        figure = plotting.fold_grid((split, split))
        marked = [
            (int(p.get_x()), int(-p.get_y()))
            for p in figure.axes[0].patches
            if isinstance(p, Rectangle) and p.get_facecolor() == to_rgba(_base.RED)
        ]
        assert marked == [(1, 0), (2, 0), (1, 1), (2, 1)]
        assert len(figure.axes[0].patches) == 8
        assert figure.alt.endswith("2 and 2 samples, some more often than others.")

    def test_rare_shares(self) -> None:
        """Two bars for each fold, as high as its count, and a word where it is zero."""
        trace = validation.class_shares()
        figure = drawn("rare_shares")
        heights = [
            patch.get_height()
            for patch in figure.axes[0].patches
            if isinstance(patch, Rectangle)
        ]
        assert heights == [*trace.shuffled, *trace.stratified]
        assert texts(figure) == ["0"] * trace.without

    def test_nearest_digits(self) -> None:
        """Each picture has its class beside it, in the colour of the verdict."""
        figure = drawn("nearest_digits")
        colors = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
        assert texts(figure)[:4] == ["2", "2", "2", "3"]
        assert colors["3"] == _base.RED
        assert len(figure.axes[0].images) == 4
        # White is 1 and ink is 0.
        first = validation.nearest_pictures(1, 1).asked[0]
        shown = np.asarray(figure.axes[0].images[0].get_array())
        assert np.array_equal(1 - shown, np.array(first))

    def test_grades(self) -> None:
        """Each error of the best line is the side of a square."""
        patches = drawn("grades").axes[0].patches
        # 0.55 x + 1.9 minus the grade, at 2, 4, 6, 8 and 10 hours.
        errors = [0, -0.9, 1.2, 0.3, -0.6]
        sides = [p.get_height() for p in patches if isinstance(p, Rectangle)]
        assert sides == pytest.approx(errors, abs=8 * ROUNDED)

    def test_arrow_of_two_weight_step(self) -> None:
        """The arrow leads from (1, 2) to (0.7, 1.6)."""
        (arrow,) = (
            text
            for text in drawn("two_weight_step").axes[0].texts
            if isinstance(text, Annotation)
        )
        assert close(arrow.xyann, (1, 2))
        assert close(arrow.xy, (0.7, 1.6))

    def test_sample_arrows(self) -> None:
        """Every gradient is an arrow from the origin, their mean is one, too."""
        arrows = [
            text
            for text in drawn("sample_arrows").axes[0].texts
            if isinstance(text, Annotation)
        ]
        assert all(close(arrow.xyann, (0, 0)) for arrow in arrows)
        ends = sorted(tuple(map(float, arrow.xy)) for arrow in arrows)
        assert ends == [(-8, -8), (2, 4), (8, 12), (30, 40)]

    def test_broadcast_errors(self) -> None:
        """The diagonal of the grid holds the true errors."""
        figure = drawn("broadcast_errors")
        places = {
            text.get_position(): text.get_text()
            for text in figure.axes[0].texts
            if text.get_text().strip("−").isdigit()
        }
        # Predictions 11, 5, 6 and targets 6, 4, 8; row 0 is the uppermost.
        assert [places[0.5 + i, 2.5 - i] for i in range(3)] == ["5", "1", "−2"]
        assert len(places) == 9

    def test_surface(self) -> None:
        """The tried settings lie on the surface."""
        lines: Any = drawn("loss_surface").axes[0].lines
        places = [float(x[0]) for line in lines for x in line.get_data_3d()]
        # Three errors of 2, 1, 3: 14/3; of 1, 0, 1 and of −1, 1, 0: 2/3.
        expected = [0, 0, 14 / 3, 1, 1, 2 / 3, 3, 0, 2 / 3, 2, 1, 0]
        assert places == pytest.approx(expected, rel=ROUNDED)

    def test_rate_sweep(self) -> None:
        """Each verdict has the rates that it was given for."""
        ax = drawn("rate_sweep").axes[0]
        trace = learning_rate.sweep()
        for line in ax.lines:
            verdict = line.get_label()
            if verdict in trace.verdicts:
                chosen = [
                    (float(rate), float(loss))
                    for rate, loss, given in zip(
                        trace.learning_rates, trace.losses, trace.verdicts, strict=True
                    )
                    if given == verdict
                ]
                assert np.array_equal(line.get_xydata(), chosen)
        labels = {line.get_label() for line in ax.lines}
        assert labels >= {"stuck", "lower", "higher"}

    def test_flatness(self) -> None:
        """The loss and the slope start at 10 and 12."""
        loss, slope = drawn("flatness").axes[0].lines
        # Errors 5, 1, −2: 30/3; the gradient (8, 12) is worked in the chapter.
        assert np.asarray(loss.get_ydata())[0] == 10
        assert np.asarray(slope.get_ydata())[0] == 12

    def test_beside_the_bound(self) -> None:
        """Below the bound the loss falls at the end, above it it rises."""
        below, above = drawn("beside_the_bound").axes[0].lines
        first, *_, last = np.asarray(below.get_ydata(), dtype=float)
        assert last < first
        first, *_, last = np.asarray(above.get_ydata(), dtype=float)
        assert last > first

    def test_stacked_nodes(self) -> None:
        """The sum is drawn, and each part of it, with the slope of each piece."""
        figure = drawn("stacked_nodes")
        total, *parts = figure.axes[0].lines
        expected = [(-2, 0), (-1, 0), (0, 1), (1, 0), (2, 1)]
        assert np.array_equal(total.get_xydata(), expected)
        heights = [np.asarray(part.get_ydata()).tolist() for part in parts]
        # relu(x + 1), −2 relu(x) and 2 relu(x − 1)
        assert heights == [[0, 0, 1, 2, 3], [0, 0, 0, -2, -4], [0, 0, 0, 0, 2]]
        assert texts(figure) == ["0", "1", "−1", "1"]
        line = plotting.stacked_nodes(activations.stacked())
        assert texts(line) == ["slope 1"]
        assert "so that it is one line with slope 1." in line.alt
        one = activations.stacked("ReLU", (-1, 1), (1,), (0,), (1,))
        assert "What 1 hidden node with" in plotting.stacked_nodes(one).alt

    def test_bends_above_their_slopes(self) -> None:
        """The largest slope is marked in both panels, where there is one place."""
        above, below = drawn("bends_and_slopes").axes[0].child_axes
        marks = [line for line in above.lines if line.get_marker() == "o"]
        assert first_places(marks) == [(0, 0.5), (2, 2)]
        marks = [line for line in below.lines if line.get_marker() == "o"]
        assert first_places(marks) == [(0, 0.25), (2, 1)]
        assert [text.get_text() for text in below.texts] == [
            "largest: 0.25",
            "largest: 1",
        ]
        both = tuple(
            activations.shape(name, (-1, 0, 1, 2)) for name in ("ReLU", "identity")
        )
        figure = plotting.bends_and_slopes(both)
        assert figure.alt.endswith("ReLU has 0 and 1, identity has 1.")
        jump, flat = figure.axes[0].child_axes[1].lines[:2]
        assert (jump.get_drawstyle(), flat.get_drawstyle()) == ("steps-pre", "default")

    def test_fold_planes(self) -> None:
        """The samples lie where they are given, and where the hidden nodes put them."""
        left, right = drawn("fold_planes").axes[0].child_axes
        assert first_places(left.lines) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert first_places(right.lines) == [(0, 0), (1, 0), (1, 0), (2, 1)]
        assert [line.get_marker() for line in right.lines] == ["D", "o", "o", "D"]
        assert [text.get_text() for text in right.texts] == ["2 samples"]
        assert not left.texts

    def test_share_slopes(self) -> None:
        """Each slope stands in its row and column."""
        figure = drawn("share_slopes")
        places = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
        first = [places[0.5 + column, 2.5] for column in range(3)]
        assert first == ["0.25", "−0.125", "−0.125"]
        assert places[1.5, 1.5] == places[2.5, 0.5] == "0.1875"
        assert places[2.5, 1.5] == "−0.0625"

    def test_moving_shares(self) -> None:
        """Each share stands upon those before it, and the last one reaches 1."""
        lines = drawn("moving_shares").axes[0].lines[:3]
        # At 0 three equal shares.
        heights = [np.asarray(line.get_ydata(), dtype=float)[1] for line in lines]
        assert heights == pytest.approx([1 / 3, 2 / 3, 1], rel=ROUNDED)

    def test_fractions(self) -> None:
        """A trace of fractions is drawn like one of floats."""
        trace = linear_regression.linear_steps(
            inputs=(Fraction(1, 2), 2, 1),
            targets=(Fraction(4, 5), 1, Fraction(3, 2)),
            learning_rate=Fraction(1, 10),
            num_steps=2,
        )
        assert plotting.valley(trace).alt == drawn("valley").alt


class TestMatrixShapes:
    """Draw the shapes of the batch gradient's product."""

    @pytest.mark.parametrize(
        ("counts", "cells", "says"),
        [
            # 2 · 3, 3 · 1 and 2 · 1 cells.
            ((3, 2, 1), 11, "2 rows and 3 columns, times the errors with 3 rows and 1"),
            # 1 · 2, 2 · 4 and 1 · 4 cells.
            ((2, 1, 4), 14, "gives the gradient with 1 rows and 4 columns."),
        ],
    )
    def test_cells(self, counts: tuple[int, int, int], cells: int, says: str) -> None:
        """Each matrix has its cells, and its shape below it."""
        n_samples, n_inputs, n_outputs = counts
        figure = plotting.matrix_shapes(*counts)
        assert isinstance(figure, Figure)
        assert says in figure.alt
        assert len(figure.axes[0].patches) == 2 * cells  # a face and an edge for each
        assert texts(figure)[1::3] == [
            f"({n_inputs}, {n_samples})",
            f"({n_samples}, {n_outputs})",
            f"({n_inputs}, {n_outputs})",
        ]

    def test_svg(self) -> None:
        """The SVG is well formed, and the same to the byte when made twice."""
        svg = plotting.matrix_shapes(3, 2, 1)._repr_svg_()
        assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 (our own)
        assert svg == plotting.matrix_shapes(3, 2, 1)._repr_svg_()

    def test_given_axes(self) -> None:
        """It draws on the axes that are given."""
        ax = Figure().add_subplot()
        assert plotting.matrix_shapes(3, 2, 1, ax) is ax.figure
        assert len(ax.patches) == 22

    def test_refuses(self) -> None:
        """Every count is looked at, and named."""
        for bad, exception, says in not_a_count(1):
            with refused(exception, "n_samples", says):
                plotting.matrix_shapes(bad, 1, 1)
            with refused(exception, "n_inputs", says):
                plotting.matrix_shapes(1, bad, 1)
            with refused(exception, "n_outputs", says):
                plotting.matrix_shapes(1, 1, bad)
        with refused(TypeError, "ax", "is 'ax' but must be Matplotlib axes"):
            plotting.matrix_shapes(1, 1, 1, "ax")  # type: ignore[arg-type]


def luminance(color: str) -> float:
    """Return the relative luminance that WCAG 2.2 defines."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio that WCAG 2.2 defines, from 1 to 21."""
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


class TestColours:
    """The contrast with the paper is at least 4.5."""

    def test_definition(self) -> None:
        """Black on white has 21, and WCAG's own example of grey just 4.5."""
        assert contrast("#000000", "#ffffff") == pytest.approx(21, rel=ROUNDED)
        assert contrast("#767676", "#ffffff") >= 4.5 > contrast("#777777", "#ffffff")

    @pytest.mark.parametrize(
        "color", ["INK", "MUTED", "BLUE", "RED", "GREEN", "PURPLE"]
    )
    def test_contrast(self, color: str) -> None:
        """Every colour of words can be read on its paper, light and dark."""
        light = getattr(_base, color)
        assert contrast(light, _base.PAPER) >= 4.5
        assert contrast(DARK[light], DARK[_base.PAPER]) >= 4.5

    def test_paper(self) -> None:
        """Light paper is white, and every colour has a dark shade of its own."""
        assert _base.PAPER == "#ffffff"
        assert len(set(DARK.values())) == len(DARK) == 8


def test_style() -> None:
    """A figure is drawn in the book's style, on transparent paper."""
    figure = drawn("walk")
    assert figure.patch.get_alpha() is None
    assert figure.get_facecolor() == (0, 0, 0, 0)
    assert not figure.axes[0].spines["top"].get_visible()
    assert figure.axes[0].xaxis.label.get_color() == _base.INK


def first_places(lines: Any) -> list[Any]:
    """Return where each line starts, which is where a single marker lies."""
    return [tuple(map(float, line.get_xydata()[0])) for line in lines]


class TestBackpropagation:
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
        assert sums.tolist() == pytest.approx([0.5, 0.5], rel=1e-12)

    def test_split_of_many(self) -> None:
        """Rings lie around all samples that are wrong, and no other."""
        trace = backpropagation.moons_split(60, num_angles=12)
        rings = plotting.split_line(trace).axes[0].lines[2]
        wrong = np.array([trace.inputs[index] for index in trace.wrong], dtype=float)
        assert len(wrong)
        assert np.array_equal(rings.get_xydata(), wrong)

    def test_hidden_plane(self) -> None:
        """On the line the first node minus twice the second is one half."""
        figure = drawn("hidden_plane")
        for first, second in np.asarray(figure.axes[0].lines[-1].get_xydata()):
            assert first - 2 * second == pytest.approx(0.5, rel=1e-12)
        assert "(0, 1) and (1, 0)" in texts(figure)

    def test_hidden_plane_has_two_axes(self) -> None:
        """A network with another number of hidden nodes is refused."""
        made = backpropagation.hand_made(((1, 1),), (0,), (1,))
        says = "has 1 hidden nodes but must have 2 to be drawn in a plane"
        with refused(ValueError, "trace", says):
            plotting.hidden_plane(made)

    def test_surfaces(self) -> None:
        """Every picture is rasterised, and names its epoch and its share."""
        figure = drawn("learned_surfaces")
        images = figure.axes[0].images
        extents = [list(image.get_extent()) for image in images]
        assert extents == [[0, 1, 0, 1], [1.08, 2.08, 0, 1]]
        assert all(image.get_rasterized() for image in images)
        assert {"epoch 0", "epoch 100", "right: 1"} <= set(texts(figure))


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

    def test_losses_that_end_at_the_stop(self) -> None:
        """Where nothing follows, the words stand on the right."""
        figure = plotting.patience_stops((early_stopping.waiting((2, 1, 3)),))
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
            patience=1,
            factor=0.5,
            least_loss=1,
            learning_rates=(4, 2, 1),
            losses=(9, 3, 2),
            constant_losses=(9, 9, 9),
            reduced_after=(0, 1),
        )
        alt = plotting.rate_staircase(trace).alt
        assert "reduced 2 times, to 1, it ends at 1." in alt


class TestVanishingGradients:
    """Figures of several traces hold one kind, and no more than there are colours."""

    @pytest.mark.parametrize("bad", [("run",), (slopes.parabola(),)])
    def test_other_kinds(self, bad: Any) -> None:
        """A tuple of something else is refused."""
        for draw, name in (
            (plotting.chain_slopes, "Chain"),
            (plotting.layer_slopes, "LayerSlopes"),
            (plotting.dead_shares, "DeadShares"),
        ):
            with refused(TypeError, "trace", f"is {bad!r} but must hold {name} only"):
                draw(bad)

    @pytest.mark.parametrize("count", [0, 5])
    def test_counts(self, count: int) -> None:
        """Four colours tell at most four lines apart."""
        for draw, name, trace in (
            (plotting.chain_slopes, "Chain", traced("chain_slopes")[0]),
            (plotting.layer_slopes, "LayerSlopes", traced("layer_slopes")[0]),
            (plotting.dead_shares, "DeadShares", traced("dead_shares")[0]),
        ):
            says = f"holds {count} {name} but must hold 1 to 4"
            with refused(ValueError, "trace", says):
                draw((trace,) * count)
            assert draw((trace,) * 4).alt

    def test_stuck_networks_are_grey(self) -> None:
        """Within five percent of a guess a loss is drawn in grey, and counted."""
        trace = traced("remedy_losses")
        lines = drawn("remedy_losses").axes[0].lines
        ends = {float(np.asarray(x.get_ydata())[-1]): x for x in lines[:3]}
        assert ends[2.0].get_color() == _base.MUTED
        assert _base.MUTED not in {ends[1.5].get_color(), ends[1.75].get_color()}
        assert (
            "2 networks stay near it"
            in plotting.remedy_losses(trace._replace(last_losses=(2.0, 1.91, 1.75))).alt
        )
        assert (
            "0 networks stay near it"
            in plotting.remedy_losses(trace._replace(last_losses=(1.9, 1.5, 1.75))).alt
        )

    def test_losses_of_a_node(self) -> None:
        """Each start has a line with its losses, from half of a quarter."""
        lines = drawn("neuron_losses").axes[0].lines
        assert [len(np.asarray(line.get_ydata())) for line in lines] == [2, 2]
        assert np.asarray(lines[0].get_ydata())[0] == 0.125

    def test_silent_is_dead_or_not(self) -> None:
        """The legend says which."""
        legend = drawn("dead_shares").axes[0].get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == [
            "ReLU: dead",
            "leaky ReLU: silent, not dead",
        ]


class TestCapacity:
    """Three colours are three networks, or three rates, and no more."""

    def test_too_many(self) -> None:
        """A fourth has no colour."""
        four = MOONS._replace(widths=(1, 3, 5, 7))
        says = "holds 4 networks but must hold 1 to 3"
        with refused(ValueError, "trace", says):
            plotting.moon_borders(four)
        with refused(ValueError, "trace", "holds 4 rates but must hold 1 to 3"):
            plotting.dropout_epochs(DROPOUT._replace(rates=(0, 0.25, 0.5, 0.75)))

    def test_borders(self) -> None:
        """A border lies where the score is zero: in the middle, upright and level."""
        contours = [
            drawn
            for drawn in drawn("moon_borders").axes[0].collections
            if drawn.get_paths()
        ]
        upright, level = (one.get_paths()[0].vertices for one in contours)
        assert np.asarray(upright)[:, 0] == pytest.approx([0.5, 0.5])
        assert np.asarray(level)[:, 1] == pytest.approx([0.25, 0.25])

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
