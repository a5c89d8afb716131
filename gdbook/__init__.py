"""The worked examples behind the book about gradient descent.

===================  ====================================================
module               what it holds
===================  ====================================================
`losses`             each loss beside its slope
`gradients`          slopes of a linear model, and differences that check them
`optimizers`         update rules, in order of complexity
`training`           descend until flat, with a history of every step
`network`            dense layers, forward
`examples`           the worked examples, one module per chapter
`traces`             how a worked example shows its numbers
`explorables`        the data behind one interactive figure
`plotting`           one function per kind of figure (needs matplotlib)
===================  ====================================================

Error is prediction − target everywhere.
Integers stay exact, `fractions.Fraction` stays exact, and floats stay floats.
"""

from gdbook import (
    examples,
    explorables,
    gradients,
    losses,
    network,
    optimizers,
    traces,
    training,
)

__all__ = [
    "examples",
    "explorables",
    "gradients",
    "losses",
    "network",
    "optimizers",
    "traces",
    "training",
]
