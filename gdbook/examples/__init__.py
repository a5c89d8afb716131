"""The worked examples, one module per chapter, under the chapter's name.

Each is a function whose defaults are the book's numbers. It returns a trace.
"""

from gdbook.examples import (
    adaptive_rates,
    capacity,
    conditioning,
    errata,
    forward_propagation,
    gradient,
    learning_rate,
    linear_regression,
    loss_functions,
    many_weights,
    momentum,
    saddle_points,
    slopes,
    stochastic_gradient,
    weight_update,
)

__all__ = [
    "adaptive_rates",
    "capacity",
    "conditioning",
    "errata",
    "forward_propagation",
    "gradient",
    "learning_rate",
    "linear_regression",
    "loss_functions",
    "many_weights",
    "momentum",
    "saddle_points",
    "slopes",
    "stochastic_gradient",
    "weight_update",
]
