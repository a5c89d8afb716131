"""The figures of the chapter `stochastic_gradient` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import stochastic_gradient
from gdbook.plotting import stochastic_gradient as draw

KINDS = [
    Kind(
        draw.batch_costs,
        lambda: stochastic_gradient.steps_to_loss((100, 1000, 10_000)),
        ("0.03 above", "100, 1000 and 10000", "153, 140 and 139", "1.53, 14 and 139"),
        marks=((100, 153), (10_000, 139), (100, 1.53), (1000, 14), (10_000, 139)),
        notes=(
            ("139", (10_000, 139)),
            ("153 steps", (100, 153)),
            ("1.53 epochs", (100, 1.53)),
        ),
    ),
    Kind(
        draw.batch_gradients,
        stochastic_gradient.sample_mean,
        ("(−0.8, −1.6), (−4, −2) and (−3, −3)", "(−1.9, −2.3)", "all, (−2.6, −2.2)"),
        # Three samples, the middles of their sides, and the mean.
        marks=(
            *((-0.8, -1.6), (-4, -2), (-3, -3)),
            *((-2.4, -1.8), (-1.9, -2.3), (-3.5, -2.5), (-2.6, -2.2)),
        ),
    ),
    Kind(
        draw.batch_variances,
        stochastic_gradient.batch_variance,
        ("sizes 1, 2 and 3", "2.13, 1.07 and 0.711", "2.13, 0.533 and 0"),
        # 32/15, 16/15, 32/45 and 8/15; zero has no logarithm.
        marks=((1, 32 / 15), (2, 16 / 15), (3, 32 / 45), (1, 32 / 15), (2, 8 / 15)),
    ),
    Kind(
        draw.cooled_losses,
        lambda: stochastic_gradient.cooling(num_steps=100, n_lines=2, n_samples=50),
        ("100 steps on single samples", "rate 0.006 ends", "rate 0.0005 at", "to 0 at"),
    ),
    Kind(
        draw.dealt_losses,
        # A batch of all, so that the order does not matter.
        lambda: stochastic_gradient.shuffled(50, num_epochs=3, n_samples=50),
        ("3 epochs", "Dealt in order", "shuffled before every epoch"),
    ),
    Kind(
        draw.noise_floors,
        lambda: stochastic_gradient.noise_floor(
            (0.001, 0.002), num_steps=20, settle=10, n_lines=2, n_samples=50
        ),
        ("20 steps from the best line", "rates 0.001 and 0.002", "predictions"),
    ),
    Kind(
        draw.noisy_valley,
        lambda: stochastic_gradient.noisy_paths(num_steps=20),
        ("20 steps from (0, 0)", "1, 10 and 10000", "(0.77, 0.152)", "(0.55, 1.9)"),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
