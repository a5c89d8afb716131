"""Exercises on sums over many machines."""

import math

from gdbook.examples.beyond_one_machine import (
    averaged_batches,
    costs,
    cut_sum,
    lost_digits,
    projection,
    rounded_sums,
    travel,
)
from gdbook.examples.stochastic_gradient import make_data
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.gradients import with_intercept
from gdbook.sums import LeastSquares


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


@prediction()
def threads_in_order():
    """Who adds a group does not matter: the order of the additions is that of the rows."""
    made, weights = make_data(), (0.5, 2.0)
    rows = with_intercept(made.hours)
    one, *others = (
        LeastSquares(rows, made.grades, num_threads=k).gradient(weights).tolist()
        for k in (1, 2, 3)
    )
    right, wrong = either(others == [one, one], "no", "yes")
    return right, {
        "The order in which they end changes, and the order of the additions does not.": wrong
    }


@prediction(asks="It grows")
def travels_in_a_step():
    """Weights and slopes travel, and neither become more with the rows."""
    few, many = (travel((n_rows,)) for n_rows in travel().row_counts[::3])
    right, wrong = either(few.step == many.step, "not at all", "with the rows")
    return right, {
        "The rows stay where they are: each worker sends the sums of its own.": wrong,
        "That is how noise shrinks: what travels is as long as the weights.": "with their root",
    }


@prediction(asks="In")
def digit_of_killed():
    """The same chunks, added in the same order, round the same."""
    made, weights = make_data(1000), (0.5, 2.0)
    rows, starts = with_intercept(made.hours), range(0, 1000, 250)

    def found(order):
        losses = {}
        for start in order:
            chunk = slice(start, start + 250)
            losses[start] = LeastSquares(rows[chunk], made.grades[chunk]).loss(weights)
        return sum(losses[start] for start in starts)

    right, wrong = either(
        found(starts) == found(starts[::-1]), "none of them", "the last ones"
    )
    return right, {
        "They would, if the chunks were added in another order: here only who sums them changes.": wrong,
        "No row is lost: a chunk is made again from what it was made of.": "the first ones",
    }


@prediction(within=0.002, asks="Of the variance")
def left_by_workers():
    """A batch of so many times the size: one over the number of workers."""
    found = averaged_batches(n_draws=1)
    left = found.predicted[4] / found.predicted[0]
    return left, {
        "So much is left of the deviation: the variance is its square.": math.sqrt(
            left
        ),
        "That is compared with a single sample: one worker averages a batch already.": left
        / found.batch_size,
        "The workers divide the variance: that is how many times less it is.": 1 / left,
    }


@prediction(within=1)
def sums_pay():
    """Fifty steps take as many products as the sums, and a little more."""
    found = costs()
    return found.fewer_from, {
        "A step takes two products for each number, so half as many steps are enough.": found.n_inputs,
    }


@prediction(within=1.5, asks="Digits")
def digits_left():
    """A float has some sixteen digits, and the square of the difference begins near the fourteenth."""
    lost = lost_digits()
    digits = 53 * math.log10(2)
    return -math.log10(lost.errors[-1]), {
        "So many a method keeps that looks at the rows: the sums hold squares, and lose twice as many.": digits
        - math.log10(lost.of_rows[-1]),
        "That is how many are lost.": math.log10(lost.of_sums[-1]),
    }


@prediction(within=0.1, asks="Seconds with the greater number")
def too_many_workers():
    """Reading takes next to no time by then, and handing out the tasks nearly all of it."""
    far = projection()
    return far.steps[4], {
        "That is the reading alone: the tasks are handed out one after the other.": far.reading[
            4
        ],
        "That is with a tenth of the workers: reading is done sooner with more, and handing out takes longer.": far.steps[
            3
        ],
    }
