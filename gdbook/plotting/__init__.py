"""Draw a trace: one function for each kind of figure.

A function takes a trace and, if you like, the axes to draw on. It returns a `Figure`
that shows itself on a page as an SVG, follows the page's light or dark theme, and
says in words what it shows, with its numbers (`Figure.alt`). Every annotation is
computed from the trace.
"""

from gdbook.plotting._base import Figure
from gdbook.plotting.adaptive_rates import (
    online_walk,
    rule_losses,
    rule_paths,
    steady_steps,
    steps_over_rates,
    weights_over_steps,
)
from gdbook.plotting.capacity import (
    capacity_losses,
    dropout_epochs,
    growth_steps,
    memorised_points,
    moon_borders,
    noise_losses,
)
from gdbook.plotting.conditioning import (
    downhill_aims,
    factor_envelope,
    part_sizes,
    scaled_valleys,
    slope_parts,
    split_error,
    zig_zag_path,
)
from gdbook.plotting.forward_propagation import network_diagram, prediction_line
from gdbook.plotting.gradient import direction_slopes, two_weight_paths, two_weight_step
from gdbook.plotting.learning_rate import (
    beside_the_bound,
    rate_sweep,
    rate_traces,
    schedules,
    shrinking_factors,
)
from gdbook.plotting.linear_regression import grades, lines, slope_and_intercept, valley
from gdbook.plotting.loss_functions import (
    error_squares,
    loss_contours,
    loss_surface,
    predictions_against_targets,
)
from gdbook.plotting.many_weights import (
    broadcast_errors,
    flatness,
    matrix_shapes,
    sample_arrows,
)
from gdbook.plotting.momentum import (
    damped_swings,
    momentum_factors,
    momentum_map,
    rolling_losses,
    rolling_paths,
    velocity_shares,
)
from gdbook.plotting.saddle_points import (
    escape_line,
    noise_line,
    saddle_cuts,
    saddle_losses,
    saddle_map,
)
from gdbook.plotting.slopes import (
    chords,
    differences,
    felt_slopes,
    tangent,
    tangents,
    walk,
)
from gdbook.plotting.stochastic_gradient import (
    batch_costs,
    batch_gradients,
    batch_variances,
    cooled_losses,
    dealt_losses,
    noise_floors,
    noisy_valley,
)
from gdbook.plotting.weight_update import one_step, shrinking_errors, weight_descent

__all__ = [
    "Figure",
    "batch_costs",
    "batch_gradients",
    "batch_variances",
    "beside_the_bound",
    "broadcast_errors",
    "capacity_losses",
    "chords",
    "cooled_losses",
    "damped_swings",
    "dealt_losses",
    "differences",
    "direction_slopes",
    "downhill_aims",
    "dropout_epochs",
    "error_squares",
    "escape_line",
    "factor_envelope",
    "felt_slopes",
    "flatness",
    "grades",
    "growth_steps",
    "lines",
    "loss_contours",
    "loss_surface",
    "matrix_shapes",
    "memorised_points",
    "momentum_factors",
    "momentum_map",
    "moon_borders",
    "network_diagram",
    "noise_floors",
    "noise_line",
    "noise_losses",
    "noisy_valley",
    "one_step",
    "online_walk",
    "part_sizes",
    "prediction_line",
    "predictions_against_targets",
    "rate_sweep",
    "rate_traces",
    "rolling_losses",
    "rolling_paths",
    "rule_losses",
    "rule_paths",
    "saddle_cuts",
    "saddle_losses",
    "saddle_map",
    "sample_arrows",
    "scaled_valleys",
    "schedules",
    "shrinking_errors",
    "shrinking_factors",
    "slope_and_intercept",
    "slope_parts",
    "split_error",
    "steady_steps",
    "steps_over_rates",
    "tangent",
    "tangents",
    "two_weight_paths",
    "two_weight_step",
    "valley",
    "velocity_shares",
    "walk",
    "weight_descent",
    "weights_over_steps",
    "zig_zag_path",
]
