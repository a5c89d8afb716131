"""The worked examples behind the book about gradient descent.

===================  ====================================================
module               what it holds
===================  ====================================================
`activations`        what a node does with its sum, beside its slope
`losses`             each loss beside its slope
`gradients`          slopes of a linear model, and differences that check them
`optimizers`         update rules, in order of complexity
`training`           descend until flat, train a network, with a history of it
`network`            layers of a network, forward and backward
`callbacks`          what looks on while a network is trained
`runs`               what is known of a training run after every epoch
`checkpoints`        a training run on disk
`validation`         splits and scores (needs scikit-learn)
`datasets`           real data to learn from (needs scikit-learn)
`examples`           the worked examples, one module per chapter
`traces`             how a worked example shows its numbers
`explorables`        the data behind one interactive figure
`plotting`           one function per kind of figure (needs matplotlib)
===================  ====================================================

Error is prediction − target everywhere.
Integers stay exact, `fractions.Fraction` stays exact, and floats stay floats.
"""

from gdbook import (
    activations,
    callbacks,
    checkpoints,
    datasets,
    examples,
    explorables,
    gradients,
    losses,
    network,
    optimizers,
    runs,
    traces,
    training,
    validation,
)

__all__ = [
    "activations",
    "callbacks",
    "checkpoints",
    "datasets",
    "examples",
    "explorables",
    "gradients",
    "losses",
    "network",
    "optimizers",
    "runs",
    "traces",
    "training",
    "validation",
]
