"""The figures of the chapter `adaptive_rates` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import adaptive_rates
from gdbook.plotting import adaptive_rates as draw

KINDS = [
    Kind(
        draw.online_walk,
        adaptive_rates.reddi,
        ("300 steps, from 0", "worst place, 1", "best place, −1"),
    ),
    Kind(
        draw.rule_losses,
        lambda: adaptive_rates.side_by_side((0.5, *(0.1,) * 5), num_steps=1),
        # At 0.5 descent goes to (−4.5, 2): 2.025 + 8; at 0.1 to (−4.9, −1.2):
        # 2.401 + 2.88, as do the balls at first.
        ("over 1 step from 10.5", "Descent ends at 10,", "momentum at 5.28"),
    ),
    Kind(
        draw.rule_paths,
        lambda: adaptive_rates.side_by_side((0.5, *(0.1,) * 5), num_steps=1),
        # AdaGrad and Adam step by the rate on both axes.
        (
            *("1 step from (−5, −2)", "descent to (−4.5, 2)"),
            *("AdaGrad to (−4.9, −1.9)", "Adam to (−4.9, −1.9)"),
        ),
    ),
    Kind(
        draw.steady_steps,
        lambda: adaptive_rates.steady_slope(num_steps=4),
        # 0.1/√0.001, and 0.3439/√(1 − 0.999⁴) = 0.3439/0.0632; RMSProp 1/√0.1 and
        # 1/√0.3439, AdaGrad 1/√4.
        ("over 4 steps", "stays 1", "3.16", "5.44", "from 3.16 to 1.71", "1 to 0.5"),
    ),
    Kind(
        draw.steps_over_rates,
        lambda: adaptive_rates.race_of_rules(0.125, 0.25, (0.9,), 2, limit=200),
        # 2.5·0.95²ᵗ ≤ 10⁻⁶ from t = 144 on: ln(2.5·10⁶)/(2·0.0513) = 143.6.
        ("from 0.125 to 0.25", "descent 144 at rate 0.25", "RMSProp never"),
        marks=((0.25, 144),),
    ),
    Kind(
        draw.weights_over_steps,
        lambda: (adaptive_rates.sign_steps(), adaptive_rates.sign_steps(1)),
        ("from −2", "20 steps of sign steps it is 0.4", "between −0.2 and 0.4"),
        # Steps of 0.6 and of 1 from −2.
        marks=((0, -2), (1, -1.4), (4, 0.4), (1, -1), (2, 0)),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
