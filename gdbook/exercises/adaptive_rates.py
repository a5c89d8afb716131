"""Exercises on rates that adapt."""

import math

from gdbook.examples import adaptive_rates as chapter
from gdbook.examples.adaptive_rates import (
    adagrad,
    one_rate,
    sign_steps,
    steady_slope,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.optimizers import AdaGrad, Adam, RMSProp


def _updates(rule, slopes):
    state, found = rule.init(0.0), []
    for slope in slopes:
        update, state = rule.update(slope, state)
        found.append(update)
    return found


@exercise(
    right=lambda slopes, *given: _updates(Adam(*given), slopes),
    cases=[
        ((-8.0, -6.0, -4.0), 0.6, 0.9, 0.999, 1e-8),
        ((1.0, -2.0, 0.5, 3.0), 0.1, 0.8, 0.99, 1e-8),
    ],
    mistakes={
        "Both means begin at zero and are too small at first: divide each by what its memory holds so far.": (
            " / (1 - beta1**t)",
            "",
            " / (1 - beta2**t)",
            "",
        ),
        "You corrected the mean alone: the mean of the squares begins at zero, too.": (
            " / (1 - beta2**t)",
            "",
        ),
        "The correction fades: it is one minus beta to the power of the step.": (
            "beta1**t",
            "beta1",
            "beta2**t",
            "beta2",
        ),
        "The step goes uphill: it has the opposite sign of the mean.": (
            "-learning_rate",
            "learning_rate",
        ),
        "You divided by the mean square itself: its root belongs there.": (
            "math.sqrt(square_mean / (1 - beta2**t))",
            "square_mean / (1 - beta2**t)",
        ),
    },
)
def adam(slopes, learning_rate, beta1, beta2, epsilon):
    """Divide each mean by $1 - β^t$, and the mean of the slopes by the root of the mean of their squares."""
    mean = square_mean = 0
    updates = []
    for t, slope in enumerate(slopes, start=1):
        mean = beta1 * mean + (1 - beta1) * slope
        square_mean = beta2 * square_mean + (1 - beta2) * slope**2
        root = math.sqrt(square_mean / (1 - beta2**t))
        mean_now = mean / (1 - beta1**t)
        updates.append(-learning_rate * mean_now / (root + epsilon))
    return updates


@exercise(
    right=lambda slopes, rate: [
        -update / slope
        for update, slope in zip(_updates(AdaGrad(rate, 1e-30), slopes), slopes)
    ],
    cases=[((-8.0, -5.6, -4.2), 0.6), ((1.0, -2.0, 0.5, 3.0), 0.1)],
    mistakes={
        "You left out the root.": ("math.sqrt(square_sum)", "square_sum"),
        "Square each slope before you add it.": ("slope**2", "abs(slope)"),
        "AdaGrad adds, and never divides by the number of slopes.": (
            "math.sqrt(square_sum)",
            "math.sqrt(square_sum / (len(rates) + 1))",
        ),
        "The first rate has no slope in it: add the slope before you divide.": (
            "        square_sum = square_sum + slope**2\n",
            "",
            "square_sum))\n",
            "square_sum or 1))\n        square_sum = square_sum + slope**2\n",
        ),
    },
)
def own_rates(slopes, learning_rate):
    """Add up the squares of all slopes so far, and divide the rate by the root of their sum."""
    square_sum = 0
    rates = []
    for slope in slopes:
        square_sum = square_sum + slope**2
        rates.append(learning_rate / math.sqrt(square_sum))
    return rates


@exercise(
    right=lambda slopes, rate, decay: _updates(RMSProp(rate, decay, 1e-30), slopes),
    cases=[((-8.0, -0.4, 0.3), 0.6, 0.9), ((1.0, -2.0, 0.5, 3.0), 0.1, 0.7)],
    mistakes={
        "That is a sum that fades: to be a mean, the new square counts by one minus the decay.": (
            "(1 - decay) * ",
            "",
        ),
        "You swapped the weights: the decay is what is kept.": (
            "decay * square_mean + (1 - decay) * slope**2",
            "(1 - decay) * square_mean + decay * slope**2",
        ),
        "The step goes uphill: it has the opposite sign of the slope.": (
            "-learning_rate",
            "learning_rate",
        ),
        "You divided by the mean square itself: its root belongs there.": (
            "math.sqrt(square_mean)",
            "square_mean",
        ),
    },
)
def rmsprop(slopes, learning_rate, decay):
    """The mean keeps `decay` of what it was, and the rest is the new square."""
    square_mean = 0
    updates = []
    for slope in slopes:
        square_mean = decay * square_mean + (1 - decay) * slope**2
        updates.append(-learning_rate * slope / math.sqrt(square_mean))
    return updates


@prediction(asks="Steps that they take")
def steps_with_own_rates():
    """One over its curvature takes each weight to its lowest point at once."""
    right, wrong = either(one_rate().own_new_weights == (0, 0), 1, 2)
    return right, {
        "Both weights move in the same step.": wrong,
    }


@prediction(within=0.005, asks="It gets as near as")
def nearest_by_sign():
    """Whole steps lead past the lowest point, and then from one side to the other for ever."""
    walk = sign_steps()
    far = [abs(place[1]) for place in walk.weights]
    arrived = far.index(min(far))
    return far[arrived], {
        "That is a whole step, and the walk comes nearer.": walk.updates[0][1],
        "That is the place on the other side, one step later.": far[arrived + 1],
        "Whole steps from that start do not meet zero: count them.": 0,
    }


@prediction(within=0.005, asks="Its second rate")
def second_rate():
    """The sum has both squares in it, and no mean is taken."""
    walk = adagrad(num_steps=2)
    first, second = (pair[0] for pair in walk.slopes[:2])
    rate = walk.updates[0][0]  # AdaGrad's first step is as long as its rate
    return walk.own_rates[1][0], {
        "That is the rate of the first step: the sum has one more square now.": walk.own_rates[
            0
        ][0],
        "The first slope is in the sum as well: AdaGrad remembers every one.": rate
        / abs(second),
        "Square the slopes before you add them, and take the root at the end.": rate
        / (abs(first) + abs(second)),
        "That is a mean of the squares: AdaGrad adds them.": rate
        / math.sqrt((first**2 + second**2) / 2),
    }


@prediction(asks="Its rates")
def rates_that_forget():
    """The slopes are small for so long that the mean is small, too, and it divides."""
    rates = [pair[1] for pair in chapter.rmsprop(num_steps=60).own_rates]
    right, wrong = either(max(rates) > rates[0], "grow again", "go on shrinking")
    return right, {
        "So did those of AdaGrad, whose sum never falls: a mean that fades can.": wrong,
        "It divides by the root of a mean that follows the slopes down.": "come to rest",
    }


@prediction(asks="Those that jump are")
def walks_that_jump():
    """They have forgotten that the steep weight is steep; the mean above makes jumps shorter."""
    late = {
        (above, below): max(
            chapter.adam(beta1=above, beta2=below, num_steps=200).losses[180:]
        )
        for above in (0, 0.9)
        for below in (0.9, 0.999)
    }
    short, long = ([late[above, below] for above in (0, 0.9)] for below in (0.9, 0.999))
    right, wrong = either(
        min(short) > max(long), "both of short memory", "both without a mean"
    )
    return right, {
        "One of them has the long memory, which still holds most of the steep slopes.": wrong,
        "A mean above the line makes the jumps shorter, but the rate has grown all the same.": "the one with neither",
    }


@prediction()
def uncorrected_steps():
    """The root of the mean square is too small by more than the mean is."""
    right, wrong = either(
        steady_slope(num_steps=2).uncorrected[0] > 1, "too long", "too short"
    )
    return right, {
        "The mean is too small, and the root that it is divided by is smaller still.": wrong,
    }
