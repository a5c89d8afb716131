"""The worked examples, one module per chapter, under the chapter's name.

Each is a function whose defaults are the book's numbers. It returns a trace.
"""

from gdbook.examples import (
    activations,
    adaptive_rates,
    backpropagation,
    capacity,
    conditioning,
    early_stopping,
    errata,
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

__all__ = [
    "activations",
    "adaptive_rates",
    "backpropagation",
    "capacity",
    "conditioning",
    "early_stopping",
    "errata",
    "forward_propagation",
    "gradient",
    "in_keras",
    "learning_rate",
    "linear_regression",
    "loss_functions",
    "many_weights",
    "momentum",
    "saddle_points",
    "slopes",
    "stochastic_gradient",
    "validation",
    "vanishing_gradients",
    "weight_update",
]
