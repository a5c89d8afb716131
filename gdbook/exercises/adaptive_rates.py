"""Exercises on rates that adapt."""

import math

from gdbook.examples.adaptive_rates import one_rate, steady_slope
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


@prediction()
def uncorrected_steps():
    """The root of the mean square is too small by more than the mean is."""
    right, wrong = either(
        steady_slope(num_steps=2).uncorrected[0] > 1, "too long", "too short"
    )
    return right, {
        "The mean is too small, and the root that it is divided by is smaller still.": wrong,
    }
