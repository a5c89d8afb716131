"""The figures of the chapter `weight_update` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import weight_update
from gdbook.plotting import weight_update as draw

KINDS = [
    Kind(
        draw.one_step,
        lambda: weight_update.repeated(num_steps=1),
        # 2.24 · 3 is 6.72, and 3.28² is 10.7584.
        ("weight 2 the loss is 16", "by 24", "weight 2.24 and loss 10.8"),
        marks=((2, 16), (2.24, 10.7584)),
        # As far to the left as the step goes to the right: 16 + 24 · 0.24.
        notes=(("slope −24", (1.76, 21.76)),),
    ),
    Kind(
        draw.shrinking_errors,
        lambda: weight_update.repeated(num_steps=4),
        ("from 4 at step 0", "1.8 at step 4", "by 0.82"),  # 4 · 0.82⁴ = 1.8085
        marks=((0, 4), (1, 3.28), (2, 2.6896)),
        notes=(("× 0.82 each step", (2, 2.6896)),),
    ),
    Kind(
        draw.promise_and_kept,
        weight_update.promises,
        # 576/36 − 9·(24/36)² = 16 − 4; 576/6 − 9·4² = 96 − 144; 2/18 and half of it.
        ("highest, 16, at the rate 0.0556", "at 0.111", "12, 16, 12, 0 and −48"),
        marks=((1 / 36, 12), (1 / 36, 16), (1 / 18, 16), (1 / 18, 32), (1 / 6, -48)),
        notes=(("2/λ = 0.111", (1 / 9, 0)),),
    ),
    Kind(
        draw.weight_descent,
        lambda: weight_update.repeated(num_steps=2),
        ("at 3.33", "2 steps", "weight 2 with loss 16"),
        marks=((2, 16), (2.24, 10.7584)),
        notes=(("start: 2", (2, 16)), ("settles at 3.33", (10 / 3, 0))),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
