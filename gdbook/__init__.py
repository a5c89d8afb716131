"""The worked examples behind a book about gradient descent.

===================  ====================================================
module               what it holds
===================  ====================================================
`losses`             each loss beside its slope
`gradients`          slopes of a linear model, and differences that check them
`sums`               a linear model's loss and gradient, added up anywhere
`cluster`            such sums over the chunks of Dask arrays (needs Dask)
`descent`            descend until flat, at once or in batches
`schedules`          learning rates over time
`optimizers`         update rules, in order of complexity
`activations`        what a node does with its sum, beside its slope
`network`            layers of a network, forward and backward
`initialisation`     the weights that a network begins with
`packing`            all that a network learns as one vector
`datasets`           real data to learn from
`splits`             splits and scores
`seeds`              one run from many seeds
`fitting`            train a network, with a history of it
`callbacks`          what looks on while a network is trained
`checkpoints`        a training run on disk
`traces`             what a worked example returns, and how it prints
`formatting`         how a number is written
`glue`               the numbers of a worked example for a page's sentences
`examples`           the worked examples, one module per chapter
`exercises`          what readers write, checked, one module per chapter
`plotting`           one function per kind of figure (needs matplotlib)
`explorables`        figures that a reader can work (needs matplotlib)
===================  ====================================================

Error is prediction − target everywhere.
What comes out has the width of what came in: float32 gives float32, and two widths
give the wider one, as in NumPy. Tolerances and steps are chosen from it. An integer is
exact where a formula only adds, multiplies and divides, and so is a
`fractions.Fraction`; integers in arrays count as float64, unless one of the numbers of
the call is a fraction, or an array of dtype object, and none is a float. What a
function of the caller's receives are floats, or fractions where the caller gave some.
Scalars come out as Python's own numbers. What fits a float is computed also where a
step on the way does not; only the passes of a network refuse such steps.

Plain arrays are taken, and those of other libraries whose operators work element by
element; data frames become arrays. Masked and sparse arrays, matrices and bytes are
refused, and the message names the way out.

Every argument is looked at before anything is computed. One of another kind than its
words say, such as a text where a number belongs, raises `TypeError`; a number outside
of the range that its words give, a shape that does not fit, and what is empty, NaN or
infinite raise `ValueError`. The message names the argument, the wrong value and what
was expected. What a function refuses beyond that stands in its own words.
"""

from gdbook import (
    activations,
    callbacks,
    checkpoints,
    cluster,
    datasets,
    descent,
    examples,
    exercises,
    fitting,
    formatting,
    glue,
    gradients,
    initialisation,
    losses,
    network,
    optimizers,
    packing,
    schedules,
    seeds,
    splits,
    sums,
    traces,
)

__all__ = [
    "activations",
    "callbacks",
    "checkpoints",
    "cluster",
    "datasets",
    "descent",
    "examples",
    "exercises",
    "fitting",
    "formatting",
    "glue",
    "gradients",
    "initialisation",
    "losses",
    "network",
    "optimizers",
    "packing",
    "schedules",
    "seeds",
    "splits",
    "sums",
    "traces",
]
