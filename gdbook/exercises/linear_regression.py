"""Exercises on fitting a line."""

from gdbook.examples.conditioning import INPUTS, TARGETS
from gdbook.examples.linear_regression import (
    hours_and_grades,
    linear_step,
    linear_steps,
    solve_line,
    two_curvatures,
    two_speeds,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.gradients import best_line

BOOK = (tuple(map(float, INPUTS)), tuple(map(float, TARGETS)), 0, 0)
OTHER = ((1.0, -2.0, 3.0, 0.5, 4.0), (2.0, 1.0, -1.0, 0.0, 3.0), 0.5, -1.0)


@exercise(
    right=lambda *given: linear_step(*given)[3:5],
    cases=[BOOK, OTHER],
    mistakes={
        "Your slopes have their signs reversed: the error is prediction − target.": (
            "slope * x + intercept - y",
            "y - slope * x - intercept",
        ),
        "The slope of a square has a factor of two, and yours have none.": (
            "2 * e * x",
            "e * x",
            "2 * e ",
            "e ",
        ),
        "You added over the samples: divide by how many there are.": (
            " / len(inputs)",
            "",
            " / len(errors)",
            "",
        ),
        "You divided by the number of weights, two: divide by the number of samples.": (
            "len(inputs)",
            "2",
            "len(errors)",
            "2",
        ),
        "Along the slope of the line each error is multiplied by its input.": (
            "2 * e * x",
            "2 * e",
        ),
        "Give the slope along the line's slope first.": (
            "return along_slope, along_intercept",
            "return along_intercept, along_slope",
        ),
    },
)
def slopes(inputs, targets, slope, intercept):
    """Each error counts twice; along the slope of the line it is also multiplied by its input; then take the mean."""
    errors = [slope * x + intercept - y for x, y in zip(inputs, targets)]
    along_slope = sum(2 * e * x for e, x in zip(errors, inputs)) / len(inputs)
    along_intercept = sum(2 * e for e in errors) / len(errors)
    return along_slope, along_intercept


@exercise(
    right=lambda *given: linear_step(*given)[5:7],
    cases=[(*BOOK, 0.1), (*OTHER, 0.05)],
    mistakes={
        "You moved the slope of the line before you looked along the intercept: compute both slopes first.": (
            "    along_intercept =",
            "    slope = slope - learning_rate * along_slope / len(pairs)\n    along_intercept =",
            "new_slope = slope - learning_rate * along_slope / len(pairs)",
            "new_slope = slope",
        ),
        "Both went uphill: subtract the rate times the slope.": (
            "slope - l",
            "slope + l",
            "intercept - l",
            "intercept + l",
        ),
        "You added over the samples: divide by how many there are.": (
            "along_slope / len(pairs)",
            "along_slope",
            "along_intercept / len(pairs)",
            "along_intercept",
        ),
    },
)
def step(inputs, targets, slope, intercept, learning_rate):
    """Work out both slopes where you stand, and move both only then."""
    pairs = list(zip(inputs, targets))
    along_slope = sum(2 * (slope * x + intercept - y) * x for x, y in pairs)
    along_intercept = sum(2 * (slope * x + intercept - y) for x, y in pairs)
    new_slope = slope - learning_rate * along_slope / len(pairs)
    new_intercept = intercept - learning_rate * along_intercept / len(pairs)
    return new_slope, new_intercept


@exercise(
    right=lambda xs, ys, slope: -linear_step(xs, ys, slope, 0).intercept_gradient / 2,
    cases=[BOOK[:3], OTHER[:3], ((2.0, 4.0), (3.0, 7.0), -1)],
    mistakes={
        "That is the sum of what is left over: take the mean.": (" / len(inputs)", ""),
        "Turn it around: the intercept is what the targets have more than the slope explains.": (
            "y - slope * x",
            "slope * x - y",
        ),
        "That is the mean of the targets: what the slope explains goes off first.": (
            "y - slope * x",
            "y",
        ),
    },
)
def best_intercept(inputs, targets, slope):
    """The slope along the intercept is zero where the errors add up to zero."""
    return sum(y - slope * x for x, y in zip(inputs, targets)) / len(inputs)


@exercise(
    right=lambda xs: two_curvatures(xs).curvatures,
    cases=[BOOK[:1], OTHER[:1], ((10.5, 12.0, 11.0),)],
    mistakes={
        "Those are the numbers on the diagonal; the one beside it turns and stretches.": (
            "h12 = 2 * sum(inputs) / n",
            "h12 = 0",
        ),
        "Under the root stands the square of half the sum, not of the sum.": (
            "root = (half**2",
            "root = ((2 * half) ** 2",
        ),
        "Give the least curvature first.": (
            "return half - root, half + root",
            "return half + root, half - root",
        ),
        "The loss is a mean: divide the sums by the number of samples.": (
            "x in inputs) / n",
            "x in inputs)",
            "sum(inputs) / n",
            "sum(inputs)",
        ),
    },
)
def curvatures(inputs):
    """The roots of $λ^2 - sλ + p = 0$ lie the root of $(s/2)^2 - p$ on both sides of $s/2$; $s$ is the sum of the diagonal, $p$ the determinant."""
    n = len(inputs)
    h11 = 2 * sum(x * x for x in inputs) / n
    h12 = 2 * sum(inputs) / n
    h22 = 2
    half = (h11 + h22) / 2
    root = (half**2 - (h11 * h22 - h12**2)) ** 0.5
    return half - root, half + root


@prediction(within=0.005)
def guessed_loss():
    """The errors are 0, 0 and three times 3; the mean of their squares is taken over all five."""
    guess = hours_and_grades()
    return guess.loss, {
        "That is the sum of the squares: divide by the number of pupils.": guess.loss
        * len(guess.errors),
        "That is the mean error: square each error first.": sum(guess.errors)
        / len(guess.errors),
        "You divided by the pupils that it misses: those it meets count, too.": guess.loss
        * len(guess.errors)
        / sum(error != 0 for error in guess.errors),
    }


@prediction()
def signs_of_slopes():
    """All targets lie above the line, so it has to rise, against negative slopes."""
    found = linear_step()
    signs = {each > 0 for each in (found.slope_gradient, found.intercept_gradient)}
    right, wrong = either(signs == {False}, "both negative", "both positive")
    return right, {
        "The errors are negative, and all inputs positive.": wrong,
        "All errors have one sign, and all inputs are positive.": "one of each",
    }


@prediction()
def second_addition():
    """The first step took most of the error away, and the slope with it."""
    slopes = linear_steps().slopes
    right, wrong = either(slopes[2] - slopes[1] < slopes[1] - slopes[0], "less", "more")
    return right, {
        "That would need the same slope again, and the errors have shrunk.": "as much",
        "For more, the loss would have to be steeper than before.": wrong,
    }


@prediction()
def end_of_slope():
    """It has climbed on the way across the valley, and comes back along it."""
    run = linear_steps()
    end = best_line(run.inputs, run.targets)[0]
    right, wrong = either(end < run.new_slope, "lower", "higher")
    return right, {
        "The steps have become short across the valley, and along it there is far to go.": "near",
        "Look at the intercept: while it rises, the slope has to give way.": wrong,
    }


@prediction(within=0.005, asks="Take it")
def times_to_drop():
    """So many times its factor of the intercept is that of the first equation."""
    (first, shared), (_, second) = solve_line().matrix
    return solve_line().multiplier, {
        "That many times the first would have to be taken from the second.": second
        / shared,
        "So much does the one factor exceed the other; a multiple of the second has to make up for all of the first.": shared
        - second,
        "That makes the slope drop out: the intercept is asked for.": first / shared,
    }


@prediction(within=0.001)
def least_curvature():
    """The two add up to the sum of the diagonal."""
    found = two_curvatures()
    least, greatest = found.curvatures
    return least, {
        "That is their product: divide it by the greatest.": found.determinant,
        "The numbers on the diagonal are the curvatures along the two weights, and no roots.": found.matrix[
            1
        ][1],
        "The product of the two is given, and not what one is of the other.": greatest
        * float(found.determinant),
        "That is one over it.": 1 / least,
    }


@prediction(within=0.01, asks="A step across leaves")
def left_across():
    """A step takes away the rate times the curvature, and so across the valley by far more."""
    found = two_speeds()
    along, across = found.factors
    return across, {
        "That is what a step takes away: the factor is what it leaves.": 1 - across,
        "The curvature multiplies what a step takes away, and does not divide what it leaves.": along
        / found.condition_number,
        "So much do that many steps along the floor leave: one step across takes away more.": along
        ** found.condition_number,
        "That is the factor along the floor.": along,
    }
