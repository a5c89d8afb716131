"""Exercises on classes that are rare."""

from fractions import Fraction

import numpy as np

from gdbook.examples.rare_classes import (
    base_rates,
    ranking,
    rare_digit,
    screening,
    threshold_costs,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.splits import confusion


def _scored(says, true):
    columns = (np.reshape(np.asarray(side, float), (-1, 1)) for side in (says, true))
    counts = confusion(*columns)
    return float(counts.precision), float(counts.recall)


@exercise(
    right=_scored,
    cases=[
        ((1, 1, 1, 0, 0), (1, 0, 0, 1, 0)),
        ((1, 1, 0, 0, 0, 0), (1, 1, 1, 1, 0, 1)),
        ((1, 0, 1, 1), (1, 0, 0, 1)),
    ],
    mistakes={
        "You swapped them: precision is a share of the yeses, recall a share of what is true.": (
            "found / sum(says), found / sum(true)",
            "found / sum(true), found / sum(says)",
        ),
        "Those are shares of all samples: divide by the yeses, and by what is true.": (
            "found / sum(says), found / sum(true)",
            "found / len(says), found / len(true)",
        ),
        "You counted answers that are right, the noes among them: a find is a yes that is true.": (
            "a * b",
            "a == b",
        ),
    },
)
def precision_and_recall(says, true):
    """Count the samples that get a yes and are true; what are they a share of?"""
    found = sum(a * b for a, b in zip(says, true))
    return found / sum(says), found / sum(true)


def _f1(precision, recall):
    return 2 / (1 / Fraction(precision) + 1 / Fraction(recall))


@exercise(
    right=lambda precision, recall: float(_f1(precision, recall)),
    cases=[(0.5, 0.25), (1, 0.125), (0.75, 0.75)],
    mistakes={
        "That is the ordinary mean: take it of the reciprocals.": (
            "2 / (1 / precision + 1 / recall)",
            "(precision + recall) / 2",
        ),
        "The mean of two reciprocals is half of their sum: you left out the 2.": (
            "2 / (",
            "1 / (",
        ),
        "That is the geometric mean, the root of the product.": (
            "2 / (1 / precision + 1 / recall)",
            "(precision * recall) ** 0.5",
        ),
    },
)
def f1(precision, recall):
    """The reciprocal of the mean of the reciprocals."""
    return 2 / (1 / precision + 1 / recall)


@exercise(
    right=lambda rate, recall, false_alarm_rate: base_rates(
        (rate,), recall, false_alarm_rate
    ).precisions[0],
    cases=[(0.02, 0.75, 0.04), (0.5, 0.9, 0.1), (0.001, 0.5, 0.25)],
    mistakes={
        "You counted the healthy as if they were as many as the ill: their share is 1 − rate.": (
            "(1 - rate) * ",
            "rate * ",
        ),
        "That is how many get a yes and are ill: divide by all who get a yes.": (
            "found / (found + alarms)",
            "found",
        ),
        "Those are the odds: a share has all of the yeses below the line.": (
            "(found + alarms)",
            "alarms",
        ),
    },
)
def worth_of_a_yes(rate, recall, false_alarm_rate):
    """Of all people, which share is ill and gets a yes, and which is healthy and gets one?"""
    found = rate * recall
    alarms = (1 - rate) * false_alarm_rate
    return found / (found + alarms)


@prediction(within=0.01, asks="Of those who get a yes, the share who are ill is")
def worth_of_yes():
    """Count those who get a yes: the ill among them, and all of them."""
    test = screening()
    return float(test.precision), {
        "That is the share of the ill who get a yes: count among those who get a yes.": float(
            test.recall
        ),
        "That is the share of the healthy who get a no.": float(
            1 - test.false_alarm_rate
        ),
        "That is the share of ill people before anybody was tested.": test.n_ill
        / test.n_people,
    }


@prediction(within=0.003, asks="Precision where so few are ill")
def yes_where_few_are_ill():
    """The odds before the test, times the factor, are the odds after it; a share of the yeses is the odds over one more than them."""
    found = base_rates()
    return float(found.precisions[-1]), {
        "A yes is worth that where more are ill: the healthy, who give false alarms, are more now.": float(
            found.precisions[1]
        ),
        "That is the share of the ill who get a yes, and it stays.": float(
            found.recall
        ),
        "So many are ill without a yes: a yes says something.": float(found.rates[-1]),
    }


@prediction(asks="What can fall is")
def lower_threshold():
    """Who has got a yes keeps it, so nobody who was found is lost; the yeses that are added may be wrong."""
    ranked = ranking()

    def falls(values):
        return any(after < before for before, after in zip(values, values[1:]))

    names = {"precision": ranked.precisions, "recall": ranked.recalls}
    falling = [name for name, values in names.items() if falls(values)]
    right, wrong = either(falling == ["precision"], "the precision alone", "both")
    return right, {
        "Whoever was found stays found when the threshold falls.": wrong,
        "Whoever was found stays found; among the yeses that are added, some may be wrong.": "the recall alone",
    }


@prediction(asks="Of the rare digits it finds")
def found_by_the_accurate():
    """Finding none at all has nearly that accuracy, so the accuracy says little about it."""
    found = rare_digit(num_seeds=2)
    right, wrong = either(max(found.recalls) < 0.6, "about half or fewer", "nearly all")
    return right, {
        "The accuracy counts all pictures, and who finds none of the rare ones has nearly the same.": wrong,
        "It would have the accuracy of who says no to all, which is less.": "none",
    }


@prediction(within=0.004, asks="A yes is cheaper from the probability")
def cheaper_yes():
    """At the threshold, what a no is expected to cost, p times the cost of a miss, is what a yes is, 1 − p."""
    costs = threshold_costs(num_seeds=2)
    miss = costs.miss_cost
    return costs.forecast, {
        "There a yes and a no are equally likely to be wrong; but a miss costs more.": 0.5,
        "There the odds, and not the probability, are one to the cost.": 1 / miss,
        "That is the other way round: then a miss would cost less than a false alarm.": 1
        - costs.forecast,
    }
