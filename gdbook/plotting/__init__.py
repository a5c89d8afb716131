"""Draw a trace: one function for each kind of figure.

A function takes a trace and, if you like, the axes to draw on. It returns a `Figure`
that shows itself on a page as an SVG, follows the page's light or dark theme, and
says in words what it shows, with its numbers (`Figure.alt`). Every annotation is
computed from the trace.
"""

from gdbook.plotting._base import Figure
from gdbook.plotting.activations import (
    bends_and_slopes,
    best_line_misses,
    fold_planes,
    moving_shares,
    parabola_pieces,
    share_slopes,
    slopes_of_two_losses,
    stacked_nodes,
)
from gdbook.plotting.adaptive_rates import (
    online_walk,
    rule_losses,
    rule_paths,
    steady_steps,
    steps_over_rates,
    weights_over_steps,
)
from gdbook.plotting.backpropagation import (
    backward_circuit,
    gate_slopes,
    hidden_plane,
    learned_surfaces,
    pass_counts,
    split_line,
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
from gdbook.plotting.early_stopping import (
    patience_stops,
    rate_staircase,
    split_pairs,
    swapped_choices,
    turning_loss,
)
from gdbook.plotting.forward_propagation import network_diagram, prediction_line
from gdbook.plotting.gradient import direction_slopes, two_weight_paths, two_weight_step
from gdbook.plotting.in_keras import keras_losses, keras_run, keras_slopes
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
from gdbook.plotting.validation import (
    both_sides,
    fold_grid,
    fold_scores,
    leaked_scores,
    nearest_digits,
    rare_shares,
    score_spread,
    score_staircase,
)
from gdbook.plotting.vanishing_gradients import (
    chain_slopes,
    dead_shares,
    layer_slopes,
    neuron_losses,
    remedy_losses,
    sigmoid_starts,
)
from gdbook.plotting.weight_update import one_step, shrinking_errors, weight_descent

__all__ = [
    "Figure",
    "backward_circuit",
    "batch_costs",
    "batch_gradients",
    "batch_variances",
    "bends_and_slopes",
    "beside_the_bound",
    "best_line_misses",
    "both_sides",
    "broadcast_errors",
    "chain_slopes",
    "chords",
    "cooled_losses",
    "damped_swings",
    "dead_shares",
    "dealt_losses",
    "differences",
    "direction_slopes",
    "downhill_aims",
    "error_squares",
    "escape_line",
    "factor_envelope",
    "felt_slopes",
    "flatness",
    "fold_grid",
    "fold_planes",
    "fold_scores",
    "gate_slopes",
    "grades",
    "hidden_plane",
    "keras_losses",
    "keras_run",
    "keras_slopes",
    "layer_slopes",
    "leaked_scores",
    "learned_surfaces",
    "lines",
    "loss_contours",
    "loss_surface",
    "matrix_shapes",
    "momentum_factors",
    "momentum_map",
    "moving_shares",
    "nearest_digits",
    "network_diagram",
    "neuron_losses",
    "noise_floors",
    "noise_line",
    "noisy_valley",
    "one_step",
    "online_walk",
    "parabola_pieces",
    "part_sizes",
    "pass_counts",
    "patience_stops",
    "prediction_line",
    "predictions_against_targets",
    "rare_shares",
    "rate_staircase",
    "rate_sweep",
    "rate_traces",
    "remedy_losses",
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
    "score_spread",
    "score_staircase",
    "share_slopes",
    "shrinking_errors",
    "shrinking_factors",
    "sigmoid_starts",
    "slope_and_intercept",
    "slope_parts",
    "slopes_of_two_losses",
    "split_error",
    "split_line",
    "split_pairs",
    "stacked_nodes",
    "steady_steps",
    "steps_over_rates",
    "swapped_choices",
    "tangent",
    "tangents",
    "turning_loss",
    "two_weight_paths",
    "two_weight_step",
    "valley",
    "velocity_shares",
    "walk",
    "weight_descent",
    "weights_over_steps",
    "zig_zag_path",
]
