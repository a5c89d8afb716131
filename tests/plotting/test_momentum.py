"""The figures of the chapter `momentum` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import momentum
from gdbook.plotting import momentum as draw

# The best momentum for curvatures whose ratio is 20.
BEST_MOMENTUM = ((20**0.5 - 1) / (20**0.5 + 1)) ** 2

KINDS = [
    Kind(
        draw.damped_swings,
        lambda: momentum.critical_damping(num_steps=2),
        # w₁ = 24/25, and w₂ = (1 + β − 1/25)·24/25 − β with β = 19/100, 16/25, 9/10.
        ("2 steps from 1", "0.19 it creeps, by the factor 0.95", "0.64 it is critical"),
        marks=((0, 1), (1, 0.96), (2, 0.914), (2, 0.896), (2, 0.8856)),
    ),
    Kind(
        draw.goals_reached,
        lambda: momentum.steps_to_goals((0.1, 0.01)),
        (
            "first loss from 0.1 to 0.01",
            "With descent they are 12 and 24; with heavy ball 9 and 12; with Nesterov",
        ),
        marks=((0.1, 12), (0.01, 24), (0.1, 9), (0.01, 12), (0.1, 6), (0.01, 10)),
    ),
    Kind(
        draw.momentum_factors,
        momentum.sweep_momentum,
        # 1 − √(2/21) = 0.6914, and its square.
        ("learning rate 0.476", "0.905 for the curvature 0.2", "0.478", "0.691"),
        marks=((0, 19 / 21), ((1 - (2 / 21) ** 0.5) ** 2, 1 - (2 / 21) ** 0.5)),
        notes=(
            ("best: 0.478", ((1 - (2 / 21) ** 0.5) ** 2, 1 - (2 / 21) ** 0.5)),
            ("steep: λ = 4", (0.25, 0.5)),
        ),
    ),
    Kind(
        draw.momentum_map,
        lambda: momentum.phase_map(21, 10),
        ("67 percent", "at 0.0952 and 1.9", "at 0.134 and 2.67 with momentum 0.403"),
        # Descent at 10/21 of 1/5 and 4; the ball at (2/(1 + √20))² of 1 and 20.
        marks=(
            (2 / 21, 0),
            (40 / 21, 0),
            ((2 / (1 + 20**0.5)) ** 2, BEST_MOMENTUM),
            ((2 * 20**0.5 / (1 + 20**0.5)) ** 2, BEST_MOMENTUM),
        ),
        notes=(("creeps", (0.3, 0.1)),),
    ),
    Kind(
        draw.rolling_losses,
        lambda: (momentum.heavy_ball(0.25, 0.5, num_steps=2),),
        # 351²/64000 + 2 = 3.925, by the fractions of the chapter's test.
        ("from 10.5", "heavy ball it is at most 10.5", "3.93 after 2 steps"),
        marks=((2, 251201 / 64000),),
    ),
    Kind(
        draw.rolling_paths,
        lambda: (
            momentum.heavy_ball(0.25, 0.5, num_steps=2),
            momentum.nesterov(0.25, 0.5, num_steps=1),
        ),
        ("from (−5, −2)", "After 2 steps heavy ball", "Nesterov is at (−4.62, 1)"),
        marks=((-5, -2), (-4.75, 0), (-4.3875, 1), (-4.625, 1), (0, 0)),
    ),
    Kind(
        draw.velocity_shares,
        lambda: momentum.velocity_memory(0.5, num_steps=3),
        ("0 to 3 steps", "momentum 0.5", "from 1 to 0.125", "half after 1 steps"),
        marks=((1, 0.5), (2, 0.25)),
        notes=(("half-life: 1", (1, 0.5)), ("2 steps: 0.25 is left", (2, 0.25))),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
