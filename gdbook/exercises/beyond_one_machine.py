"""Exercises on sums over many machines."""

import math

from gdbook.examples.beyond_one_machine import costs, cut_sum, projection, rounded_sums
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction


def _joined(sizes, _gradients):
    return cut_sum(sizes).gradient


BOOK = cut_sum((1, 2)).gradient_of_each


@exercise(
    right=lambda sizes, gradients: [
        sum(n * part for n, part in zip(sizes, parts)) / sum(sizes)
        for parts in zip(*gradients)
    ],
    cases=[((1, 2), BOOK), ((10, 30, 60), ((1.0, 0.0), (2.0, -1.0), (0.0, 4.0)))],
    mistakes={
        "A small piece counts as much as a large one in a plain mean: weigh each by its rows.": (
            "n * part for n, part in zip(sizes, parts)",
            "part for part in parts",
            "/ sum(sizes)",
            "/ len(sizes)",
        ),
        "Divide by all rows: that is a sum over the samples.": (" / sum(sizes)", ""),
        "You divided by the number of pieces: divide by the rows of all.": (
            "/ sum(sizes)",
            "/ len(sizes)",
        ),
    },
)
def join(sizes, gradients):
    """Each piece gives a mean over its own rows: turn it back into a sum, add, and divide by all rows."""
    return [
        sum(n * part for n, part in zip(sizes, parts)) / sum(sizes)
        for parts in zip(*gradients)
    ]


@exercise(
    right=lambda reading, task: (
        projection(read_rate=8.08e12 / reading, task_time=task).best_workers
    ),
    cases=[(808.0, 0.001), (808.0, 0.00025), (50.0, 0.01)],
    mistakes={
        "Reading falls with one over the workers and handing out grows with them: the best number is a root.": (
            "math.sqrt(reading_time / task_time)",
            "reading_time / task_time",
        ),
        "Turn it around: the longer the reading, the more workers pay.": (
            "reading_time / task_time",
            "task_time / reading_time",
        ),
        "That is how long the two take together: where are they equal?": (
            "reading_time / task_time",
            "reading_time * task_time",
        ),
    },
)
def best_workers(reading_time, task_time):
    """Where a sum of $a / n$ and $b n$ is least, both are equal."""
    return math.sqrt(reading_time / task_time)


def _products(n_samples, n_inputs, num_steps):
    found = costs((num_steps,), n_samples, n_inputs)
    return found.stepping[0], found.once[0]


@exercise(
    right=_products,
    cases=[(1000000, 100, 10), (1000, 5, 3), (200, 20, 50)],
    mistakes={
        "A step reads the rows twice: once for the predictions, once for the gradient.": (
            "2 * n_samples",
            "n_samples",
        ),
        "The sums are made once, and only the small products are repeated.": (
            "+ num_steps * n_inputs**2",
            "* num_steps + num_steps * n_inputs**2",
        ),
        "You left out the steps on the sums: each multiplies a matrix by the weights.": (
            " + num_steps * n_inputs**2",
            "",
        ),
    },
)
def products(n_samples, n_inputs, num_steps):
    """A step on the rows takes two products for each number in them; the sums take each pair of inputs and the target of a row once, and then a matrix each step."""
    stepping = 2 * n_samples * n_inputs * num_steps
    once = n_samples * n_inputs * (n_inputs + 1) + num_steps * n_inputs**2
    return stepping, once


@prediction()
def midway():
    """The larger piece counts for more: each is weighed by its rows."""
    cut = cut_sum()
    right, wrong = either(cut.total == cut.plain_mean, "yes", "no")
    return right, {
        "That would be so for pieces of one size.": wrong,
    }


@prediction()
def blocks_round():
    """A sum of few terms stays small, and small sums lose fewer digits."""
    errors = rounded_sums().errors
    right, wrong = either(min(errors[1:-1]) < errors[0], "better", "worse")
    return right, {"Each number goes through fewer additions, and smaller ones.": wrong}


@prediction(within=1)
def sums_pay():
    """Fifty steps take as many products as the sums, and a little more."""
    found = costs()
    return found.fewer_from, {
        "A step takes two products for each number, so half as many steps are enough.": found.n_inputs,
    }
