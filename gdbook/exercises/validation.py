"""Exercises on held-out samples."""

import math

import numpy as np

from gdbook.examples.validation import (
    accuracy_and_loss,
    class_shares,
    deals,
    held_out_sizes,
    leaked_choice,
    memoriser,
    one_split,
    samples_needed,
    whole_writers,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction


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


@prediction(within=0.005)
def slope_of_accuracy():
    """The accuracy is a staircase, and level between two stairs."""
    stairs = accuracy_and_loss()
    here, beyond = accuracy_and_loss(biases=(stairs.bias, stairs.bias + 1)).accuracies
    return stairs.accuracy_slope, {
        "So it climbs over a whole jump: here a small step changes no answer.": beyond
        - here,
        "That is the slope of the loss.": stairs.loss_slope,
    }


@prediction(within=0.0015, asks="Standard error")
def error_of_score():
    """The root of the variance of one answer over so many; the second factor is near one."""
    drawn = held_out_sizes(num_draws=1)
    spread = drawn.accuracy * (1 - drawn.accuracy)
    return drawn.standard_errors[2], {
        "That is the spread of a single answer: the mean of many has a smaller one.": math.sqrt(
            spread
        ),
        "That is the variance: the standard error is its root.": spread
        / drawn.sizes[2],
        "An answer that is right with probability a has the variance a(1 − a).": math.sqrt(
            drawn.accuracy / drawn.sizes[2]
        ),
    }


@prediction(asks="They are")
def spread_of_deals():
    """All deals ask the same tumours: a deal with a lucky fold has unlucky ones."""
    dealt = deals(num_deals=4)
    by_root = dealt.fold_deviation / math.sqrt(len(dealt.scores[0]))
    right, wrong = either(
        dealt.mean_deviation < 0.8 * by_root,
        "closer than by the root",
        "closer by that root",
    )
    return right, {
        "So it would be if each fold asked tumours of its own: who is lucky in one fold of a deal pays in another.": wrong,
        "Luck and bad luck of the folds of a deal cancel in its mean.": "hardly any closer",
    }


@prediction(within=0.005, asks="It scores")
def fold_without_rare():
    """A fold without malignant tumours asks for benign ones alone."""
    rare = class_shares()
    in_fold = min(rare.shuffled) * len(rare.shuffled) / rare.n_samples
    return 1 - in_fold, {
        "That is its score on all tumours: this fold has no malignant ones.": rare.base_rate,
        "That is how many of the malignant ones it finds: there are none to be found, and all benign ones are right.": in_fold,
    }


@prediction(asks="It scores")
def leaked_score():
    """Inputs that go with the targets by chance do so on the held-out samples, too: these had a say in the choice."""
    found = leaked_choice(num_repeats=1).leaked_mean
    right, wrong = either(found > 0.6, "well above a half", "about a half")
    return right, {
        "The networks have not seen the held-out samples, but whoever chose their inputs has.": wrong,
        "The chosen inputs go with the targets, and not against them, on the held-out samples as well.": "well below a half",
    }


@prediction(asks="More mistakes in")
def mistakes_of_writers():
    """In a shuffled fold the memoriser has seen the hand that it reads, as far as one writer follows the other."""
    found = whole_writers(num_shuffles=1)
    right, wrong = either(
        found.wrong_in_order > 1.2 * found.wrong_shuffled,
        "folds cut in order",
        "both alike",
    )
    return right, {
        "There are as many pictures to compare with, but not in the same hand.": wrong,
        "There the memoriser has seen the hand that it is asked to read.": "shuffled folds",
    }
