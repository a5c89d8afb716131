"""Exercises on held-out samples."""

import numpy as np

from gdbook.examples.validation import (
    accuracy_and_loss,
    memoriser,
    one_split,
    samples_needed,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction


@exercise(
    right=lambda *parts: tuple(
        (part - parts[0].mean()) / parts[0].std() for part in parts
    ),
    cases=[
        (np.array([1.0, 2.0, 3.0, 6.0]), np.array([4.0, 10.0])),
        (np.array([-1.0, 0.5, 0.5]), np.array([0.0, 2.0, 5.0])),
    ],
    mistakes={
        "You scaled before you split: the mean and the deviation know the held-out samples.": (
            "np.mean(training), np.std(training)",
            "np.mean([*training, *held_out]), np.std([*training, *held_out])",
        ),
        "The held-out samples got a scale of their own: a network would read them wrongly.": (
            "(held_out - mean) / deviation",
            "(held_out - np.mean(held_out)) / np.std(held_out)",
        ),
        "You only moved the means: divide by the deviation, too.": (
            ") / deviation, ",
            "), ",
            "mean) / deviation\n",
            "mean)\n",
        ),
    },
)
def standardise(training, held_out):
    """One mean and one deviation for both parts, and whose may they be?"""
    mean, deviation = np.mean(training), np.std(training)
    return (training - mean) / deviation, (held_out - mean) / deviation


@exercise(
    right=lambda share, error: samples_needed(share, (error,)).samples[0],
    cases=[(0.9, 0.03), (0.8, 0.02), (0.5, 0.01)],
    mistakes={
        "Half the error takes four times the samples: the error is squared.": (
            "error**2",
            "error",
        ),
        "An answer that is right with probability a has the variance a(1 − a).": (
            "accuracy * (1 - accuracy)",
            "accuracy",
        ),
        "You took the root of the variance: square both sides of the equation.": (
            "accuracy * (1 - accuracy)",
            "(accuracy * (1 - accuracy)) ** 0.5",
        ),
    },
)
def samples(accuracy, error):
    """Solve $s^2 = a (1 - a) / m$ for the number of samples $m$."""
    return round(accuracy * (1 - accuracy) / error**2)


@exercise(
    right=lambda targets: np.bincount(targets).max() / len(targets),
    cases=[((1, 0, 1, 1, 0),), ((0, 0, 0, 1),), ((2, 1, 0, 2),)],
    mistakes={
        "That counts one class always: take the one that most samples have.": (
            "max(targets, key=targets.count)",
            "1",
        ),
        "That is how many there are: divide by the number of samples.": (
            " / len(targets)",
            "",
        ),
        "A class picked by chance does worse: always say the most frequent one.": (
            "targets.count(most) / len(targets)",
            "1 / len(set(targets))",
        ),
    },
)
def base_rate(targets):
    """Whoever does not look says the same to all: which answer is right most often?"""
    most = max(targets, key=targets.count)
    return targets.count(most) / len(targets)


@prediction(within=0.002, asks="On the digits that it was shown")
def remembered():
    """The nearest picture to one that it has is that picture."""
    found = memoriser()
    return found.training_accuracies[0], {
        "Each picture that it was shown is nearest to itself.": found.held_out_accuracies[
            0
        ],
        "So much scores who does not look.": found.base_rate,
    }


@prediction(within=0.0005)
def always_benign():
    """Whoever always says benign is right for the benign ones."""
    rate = one_split().base_rate
    return rate, {
        "A coin scores that: always saying the same is right as often as that class occurs.": 0.5,
        "That is its share of mistakes.": 1 - rate,
    }


@prediction()
def slope_of_accuracy():
    """The accuracy is a staircase, and level between two stairs."""
    stairs = accuracy_and_loss(biases=(-1.5, -1.5 + 2**-20))
    return stairs.accuracies[1] - stairs.accuracies[0], {
        "That is how steep a line through all stairs would be: between two stairs nothing changes.": 1,
    }
