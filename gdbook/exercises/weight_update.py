"""Exercises on the update of one weight."""

from gdbook.examples.learning_rate import stability_bound
from gdbook.examples.weight_update import promise, promises, repeated, weight_update
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction


@exercise(
    right=lambda x, w, y, rate: weight_update(x, w, y, rate).new_weight,
    cases=[(3, 2, 10, 0.01), (1.5, -1, 2, 0.1), (-2, 0.5, 3, 0.05)],
    mistakes={
        "The weight moved uphill: subtract the slope, and take prediction − target.": (
            "weight - l",
            "weight + l",
        ),
        "The slope of a square has a factor of two, and yours has none.": ("2 * ", ""),
        "Your slope stops at the prediction: multiply by the input, too.": (
            "error * input_value",
            "error",
        ),
        "That is the update: add it to the weight.": ("weight - l", "-l"),
        "You took the whole slope: multiply it by the learning rate.": (
            "learning_rate * ",
            "",
        ),
    },
)
def step(input_value, weight, target, learning_rate):
    """Multiply three factors for the slope: twice the error, one for the node, and the input."""
    error = weight * input_value - target
    slope = 2 * error * input_value
    return weight - learning_rate * slope


@exercise(
    right=lambda *given: promise(*given).kept,
    cases=[(3, 2, 10, 0.01), (1.5, -1, 2, 0.1), (-2, 0.5, 3, 0.3)],
    mistakes={
        "That is all of the promise: take the gap away.": (" - gap", ""),
        "The gap is half the curvature times the square of the update.": (
            "input_value**2 * update**2",
            "2 * input_value**2 * update**2",
        ),
        "You took the square of the slope for that of the update.": (
            "* update**2",
            "* slope**2",
        ),
        "The gap goes with the square of the update.": ("update**2", "update"),
        "The tangent promises a fall, which is more than nothing.": (
            "promised = -",
            "promised = ",
        ),
    },
)
def kept(input_value, weight, target, learning_rate):
    """The promise is the slope times the update, as a fall; the gap is $x^2$ times the update squared."""
    slope = 2 * (weight * input_value - target) * input_value
    update = -learning_rate * slope
    promised = -slope * update
    gap = input_value**2 * update**2
    return promised - gap


@exercise(
    right=lambda *given: repeated(*given[:4], 1000, given[4]).num_steps,
    cases=[(3, 2, 10, 0.01, 0.001), (1.5, 5, 2, 0.1, 0.01), (3, 2, 10, 0.1, 0.1)],
    mistakes={
        "A slope can be negative: ask for its size, or a falling loss counts as flat.": (
            "abs(slope)",
            "slope",
        ),
        "You counted the start, too: before the first step, no step has been taken.": (
            "count = 0",
            "count = 1",
        ),
        "You waited for a small error; flat is where the slope is small.": (
            "abs(slope) > flat",
            "abs(slope) > flat * 2 * abs(input_value)",
        ),
    },
)
def count(input_value, weight, target, learning_rate, flat):
    """As long as the size of the slope is more than `flat`, take a step and count it."""
    slope = 2 * (weight * input_value - target) * input_value
    count = 0
    while abs(slope) > flat:
        weight = weight - learning_rate * slope
        slope = 2 * (weight * input_value - target) * input_value
        count = count + 1
    return count


@exercise(
    right=lambda x: stability_bound(x).single_weight / 2,
    cases=[(3,), (0.5,), (-2,)],
    mistakes={
        "At that rate the error keeps its size and turns its sign: the factor is −1, not 0.": (
            "2 * input_value**2",
            "input_value**2",
        ),
        "The input counts twice: once in the prediction, once in the slope.": (
            "input_value**2",
            "input_value",
        ),
        "That is how much the slope changes with the weight: the rate is one over it.": (
            "1 / (2 * input_value**2)",
            "2 * input_value**2",
        ),
    },
)
def one_step_rate(input_value):
    """Each step multiplies the error by $1 - 2 α x^2$: which rate makes that zero?"""
    return 1 / (2 * input_value**2)


@prediction(within=0.005, asks="New weight")
def new_weight():
    """The slope is negative, so the weight grows by the learning rate times its size."""
    step = weight_update()
    return step.new_weight, {
        "That way the weight moves uphill: subtract the rate times the slope.": step.new_weight
        - 2 * step.update,
        "That is the update: add it to the weight.": step.update,
        "The slope of a square has a factor of two.": step.new_weight - step.update / 2,
    }


@prediction(within=0.5, asks="It falls by")
def kept_beyond():
    """The gap is greater than the promise, so the loss does not fall but rises."""
    last = promises()[-1]
    return last.kept, {
        "That is the promise: take the gap away.": last.promised,
        "That is the gap: take it from the promise.": last.gap,
        "So far the loss can fall at most, and here it rises: by how much?": last.before,
        "That size is right; a loss that rises falls by less than nothing.": -last.kept,
        "The gap is taken away from the promise, not added.": last.promised + last.gap,
    }


@prediction(within=0.005)
def next_factor():
    """Nothing in the bracket depends on the step, so the second factor is the first."""
    run = repeated()
    return run.factor, {
        "That is the share that a step takes away: what is left is one minus it.": 1
        - run.factor,
        "Those are both steps together: the question is for the second alone.": run.factor
        ** 2,
        "The slope of a square has a factor of two.": (1 + run.factor) / 2,
    }
