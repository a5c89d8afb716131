"""The data behind one interactive figure, ready to be written as JSON.

A function is named after its chapter and its figure, as is the script that draws it,
``docs/_static/figures/<function>.js``. It returns nested dicts and lists of floats,
integers and texts, every one computed by the library, so that a page shows the
library's numbers from the start and a test can hold the script's against them.
"""

from fractions import Fraction
from typing import Any

from gdbook import _checks
from gdbook._checks import Number
from gdbook.examples.linear_regression import hours_and_grades, linear_steps
from gdbook.formatting import format_number
from gdbook.gradients import curvatures, with_intercept

__all__ = ["linear_regression_grades"]


def linear_regression_grades(
    learning_rate: Number = 0.01, num_steps: int = 5
) -> dict[str, Any]:
    r"""Give the hours and grades, the first guess, its first steps and the best line.

    Descent converges from every start at a constant learning rate below the bound

    .. math:: \alpha < \frac{2}{\lambda_{\max}}

    where :math:`\lambda_{\max}` is the largest curvature of the loss.

    Parameters
    ----------
    learning_rate : number
        The learning rate at the start, :math:`\alpha`.
    num_steps : int
        How many steps from the first guess to give.

    Returns
    -------
    dict
        What the figure shows at first, in words; the points; slopes, intercepts and
        losses from the first guess on; the best line and its loss; the bound of the
        learning rate; the slope of the loss that counts as flat; the loss that counts
        as diverged; what the axes and sliders span, as the least and the largest
        value, and the sliders' step.

    Raises
    ------
    TypeError
        If `learning_rate` is no number, or `num_steps` no whole number.
    ValueError
        If `learning_rate` is not positive and finite, or `num_steps` is negative.
    DivergenceError
        If the loss becomes infinite within `num_steps`.

    Examples
    --------
    >>> data = linear_regression_grades(num_steps=1)
    >>> data["steps"]["slopes"], data["steps"]["intercepts"]
    ([1.0, 0.712], [1.0, 0.964])
    >>> data["best"]["slope"], data["best"]["intercept"], round(data["bound"], 5)
    (0.55, 1.9, 0.02231)
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    num_steps = _checks.count("num_steps", num_steps)
    line = hours_and_grades()
    steps = linear_steps(
        inputs=line.hours,
        targets=line.grades,
        slope=line.slope,
        intercept=line.intercept,
        learning_rate=learning_rate,
        num_steps=num_steps,
    )
    equation = f"y = {format_number(line.slope)} x + {format_number(line.intercept)}"
    data = {
        "alt": (
            f"{len(line.hours)} grades over hours studied, with a line and the square "
            f"of each of its errors. The line {equation} has mean squared error "
            f"{format_number(line.loss)}."
        ),
        "hours": line.hours,
        "grades": line.grades,
        "learning_rate": learning_rate,
        "steps": {
            "slopes": steps.slopes,
            "intercepts": steps.intercepts,
            "losses": steps.losses,
        },
        "best": {
            "slope": line.new_slope,
            "intercept": line.new_intercept,
            "loss": line.new_loss,
        },
        "bound": 2 / curvatures(with_intercept(line.hours))[-1],
        "flat": 0.001,
        "diverged": 100 * line.loss,
        "axes": {"hours": (0, 13), "grades": (0, 12)},
        "sliders": {
            "slope": (-0.5, 1.5, 0.01),
            "intercept": (0, 6, 0.05),
            "learning_rate": (0.001, 0.03, 0.0005),
        },
    }
    jsonable: dict[str, Any] = _jsonable(data)
    return jsonable


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_jsonable(item) for item in value]
    return float(value) if isinstance(value, Fraction) else value
