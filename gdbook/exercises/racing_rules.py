"""Exercises on rules that race."""

import math

from gdbook.examples.conditioning import best_rate, zig_zag
from gdbook.examples.racing_rules import (
    race_of_rules,
    reddi,
    shrinking_weights,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.optimizers import AdamW


def _walked(slopes, weight, rate, decay):
    rule = AdamW(rate, epsilon=0, weight_decay=decay)
    state = rule.init(weight)
    for slope in slopes:
        update, state = rule.update(slope, state)
        weight += update
    return weight


@exercise(
    right=lambda losses, target: next(
        step
        for step in range(len(losses) + 1)
        if all(loss <= target for loss in losses[step:])
    ),
    cases=[
        ((10.5, 0.9, 1.4, 0.8, 0.3), 1.0),
        ((0.5, 0.2), 1.0),
        ((3.0, 1.0, 2.0), 1.5),
        ((2.0, 1.0, 1.0), 1.0),
    ],
    mistakes={
        "That is the first step at the target, and the rule leaves again: look for the last loss above it.": (
            "loss > target:\n            arrived = step + 1",
            "loss <= target:\n            return step",
        ),
        "That is the last step above the target: the rule has arrived one later.": (
            "step + 1",
            "step",
        ),
        "At the target is arrived, too.": ("loss > target", "loss >= target"),
    },
)
def settled(losses, target):
    """Each loss above the target says that it has not arrived yet: the next step may be the one."""
    arrived = 0
    for step, loss in enumerate(losses):
        if loss > target:
            arrived = step + 1
    return arrived


@exercise(
    right=lambda *given: reddi(*given).descent[-1],
    cases=[(3, 0.2, 300), (4, 0.5, 5), (2.5, 0.1, 7), (8, 0.01, 20)],
    mistakes={
        "The rate falls: divide it by the root of the step.": (
            " / math.sqrt(step)",
            "",
        ),
        "You divided by the step itself: its root belongs there.": (
            "math.sqrt(step)",
            "step",
        ),
        "The steep slope comes first, and then every third time.": (
            "step % 3 == 1",
            "step % 3 == 0",
        ),
        "The step goes uphill: subtract the slope.": (
            "place - learning_rate",
            "place + learning_rate",
        ),
    },
)
def descend(steep, learning_rate, num_steps):
    """The remainder of the step by three says which slope it meets."""
    place = 0
    for step in range(1, num_steps + 1):
        slope = steep if step % 3 == 1 else -1
        place = place - learning_rate / math.sqrt(step) * slope
        place = min(max(place, -1), 1)
    return place


@exercise(
    right=_walked,
    cases=[
        ((0.5, -0.5, 0.5), 1.0, 0.01, 0.5),
        ((-8.0, -6.0, -4.0), 2.0, 0.6, 0.1),
        ((1.0, -2.0, 0.5, 3.0), -1.0, 0.1, 0.25),
    ],
    mistakes={
        "The decay is missing: it pulls the weight to zero.": (
            " + weight_decay * weight",
            "",
        ),
        "The learning rate multiplies the decay as well.": (
            "(quotient + weight_decay * weight)",
            "quotient - weight_decay * weight",
        ),
        "The decay pulls to zero: its sign is that of the weight.": (
            "+ weight_decay",
            "- weight_decay",
        ),
        "You pull at the weight after the step: both start from the same weight.": (
            "weight - learning_rate * (quotient + weight_decay * weight)",
            "(weight - learning_rate * quotient) * (1 - learning_rate * weight_decay)",
        ),
    },
)
def adamw(slopes, weight, learning_rate, weight_decay):
    """Add the decay to the quotient, and the learning rate multiplies both."""
    mean = square_mean = 0
    for t, slope in enumerate(slopes, start=1):
        mean = 0.9 * mean + 0.1 * slope
        square_mean = 0.999 * square_mean + 0.001 * slope**2
        root = math.sqrt(square_mean / (1 - 0.999**t))
        quotient = mean / (1 - 0.9**t) / root
        weight = weight - learning_rate * (quotient + weight_decay * weight)
    return weight


@prediction(within=6, asks="Steps of descent, about")
def steps_of_descent():
    """The loss goes with the square of the distance; from one start another rate may do a little better."""
    best = best_rate()
    losses = zig_zag(learning_rate=float(best.learning_rate), num_steps=200).losses
    steps = next(step for step, loss in enumerate(losses) if loss <= 1e-6)
    return steps, {
        "The loss goes with the square of the distance: it needs half of those.": 2
        * steps,
    }


@prediction(asks="The turn is noticed by")
def rules_that_notice():
    """They divide weight by weight, and a turn makes other weights; the others never look at the axes."""
    race = race_of_rules(memories=(0.5, 0.999), num_rates=20, scale=1, limit=200)
    noticed = {
        rule: steps[1] != steps[2] for rule, steps in zip(race.rules, race.num_steps)
    }
    with_own = [noticed[rule] for rule in ("AdaGrad", "RMSProp", "Adam")]
    without = [noticed[rule] for rule in ("descent", "momentum", "Nesterov")]
    aside = all(with_own) and not any(without)
    right, wrong = either(aside, "those with own rates", "those with one rate")
    return right, {
        "They step along the gradient, which turns with the valley.": wrong,
        "A rate for a weight belongs to an axis, and the axes stay.": "none of them",
        "The gradient turns with the valley, so a step along it does as well.": "all of them",
    }


@prediction(within=0.02, asks="In units of the rate")
def first_large_step():
    """The newest square makes up most of the mean, so the slope is divided by little less than itself."""
    walk = reddi(num_steps=1)
    newest, slope = float(1 - walk.beta2), math.sqrt(1 / walk.beta2 - 1)
    first, plain = walk.adam[1], walk.descent[1]
    return first / plain * slope, {
        "That is the step of descent: Adam divides it by its size.": slope,
        "That would be so with the correction: the mean starts at zero, and has not the whole square.": 1,
        "You divided by the mean square itself: its root belongs there.": slope
        / (newest * slope**2),
        "You swapped the shares: beta is what is kept.": 1 / math.sqrt(1 - newest),
    }


@prediction(asks="That with slopes of size")
def least_shrunk():
    """What goes into the slope gets divided by the size of the slopes."""
    left = shrinking_weights()
    kept = dict(zip((f"{size:g}" for size in left.sizes), left.in_gradient))
    least, middle, most = kept
    right = max(kept, key=lambda size: kept[size])
    words = {
        least: "Its decay is divided by the smallest number, so it shrinks the most.",
        middle: "Another has larger slopes, and so its decay is divided by more.",
        most: "Its decay is divided by the largest number.",
    }
    return right, {said: size for size, said in words.items() if size != right}
