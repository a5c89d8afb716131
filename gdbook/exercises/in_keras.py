"""Exercises on what Keras does by itself; they need no Keras."""

import math

import numpy as np

from gdbook.examples.weight_update import weight_update
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction
from gdbook.network import dense_network, forward


@exercise(
    right=lambda n, size, epochs: epochs * len(range(0, n, size)),
    cases=[(1000, 32, 10), (64, 32, 3), (5, 10, 2)],
    mistakes={
        "The last batch is smaller and takes a step, too: round up.": (
            "math.ceil(n_samples / batch_size)",
            "(n_samples // batch_size)",
        ),
        "That is one epoch.": ("num_epochs * math", "math"),
        "An epoch goes through all samples in batches: divide by the size of a batch.": (
            "math.ceil(n_samples / batch_size)",
            "n_samples",
        ),
    },
)
def num_steps(n_samples, batch_size, num_epochs):
    """A batch that is not full takes a step, too."""
    return num_epochs * math.ceil(n_samples / batch_size)


@exercise(
    right=lambda samples, share: np.split(
        np.array(samples), [int(len(samples) * (1 - share))]
    ),
    cases=[((7, 1, 4, 9), 0.25), ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 0.2)],
    mistakes={
        "Keras keeps the end aside, not the beginning.": (
            "samples[:at], samples[at:]",
            "samples[len(samples) - at:], samples[:len(samples) - at]",
        ),
        "The share is that of the samples kept aside.": ("1 - share", "share"),
        "Give the training samples first.": (
            "samples[:at], samples[at:]",
            "samples[at:], samples[:at]",
        ),
    },
)
def split(samples, share):
    """Keras does not shuffle before it keeps samples aside, and takes the last ones."""
    at = int(len(samples) * (1 - share))
    return samples[:at], samples[at:]


@exercise(
    right=lambda slope, mean, rate, decay, epsilon: (
        -rate * slope / np.sqrt(decay * mean + (1 - decay) * slope**2 + epsilon)
    ),
    cases=[
        (0.1, 0.0, 0.001, 0.9, 1e-7),
        (1e-4, 1e-8, 0.01, 0.9, 1e-7),
        (-2.0, 1.0, 0.1, 0.5, 0.01),
    ],
    mistakes={
        "You added epsilon behind the root, as this book does: Keras adds it below.": (
            "math.sqrt(square_mean + epsilon)",
            "(math.sqrt(square_mean) + epsilon)",
        ),
        "You left out epsilon.": (" + epsilon", ""),
        "The step goes uphill.": ("-learning_rate", "learning_rate"),
    },
)
def rmsprop(slope, square_mean, learning_rate, decay, epsilon):
    """Keras adds its epsilon below the root."""
    square_mean = decay * square_mean + (1 - decay) * slope**2
    return -learning_rate * slope / math.sqrt(square_mean + epsilon)


@prediction(within=0.005, asks="The new weight")
def weight_of_keras():
    """It is the step of the book."""
    step = weight_update()
    return step.new_weight, {
        "That is the update: add it to the weight.": step.update,
        "That way the weight moves uphill.": step.new_weight - 2 * step.update,
        "The slope of a square has a factor of two, and yours has none.": step.new_weight
        - step.update / 2,
    }


@prediction(asks="Digits to count on")
def digits_that_agree():
    """The side that keeps fewer digits sets the bound, and each step may lose some more."""
    theirs, ours = map(np.finfo, ("float32", "float64"))
    in_bits = math.floor((theirs.nmant + 1) * math.log10(2))
    return theirs.precision, {
        "So many this library keeps: on the other side, some of them are rounded away.": ours.precision,
        "One side adds no digit to what the other one keeps.": theirs.precision
        + ours.precision,
        "The last of these is often right, and not to be counted on.": in_bits,
    }


@prediction(asks="Numbers for a sample")
def columns_of_longer():
    """The last layer is the output, whatever the one before was made for."""
    sizes = (8, 10, 5, 1, 20)
    layers = dense_network(sizes, np.random.default_rng(seed=0))
    columns = forward(layers, np.zeros((1, sizes[0])))[-1].size
    output = sizes[-2]
    return columns, {
        "The probability is now what enters the layer behind it: the last layer is the output.": output,
        "Only the last layer leaves the network: the probability does not come along.": columns
        + output,
        "So many parameters has the new layer: a weight and a bias for each node.": columns
        * (output + 1),
    }
