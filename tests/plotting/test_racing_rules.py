"""The figures of the chapter `racing_rules` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import racing_rules
from gdbook.plotting import racing_rules as draw

KINDS = [
    Kind(
        draw.online_walk,
        racing_rules.reddi,
        ("300 steps, from 0", "worst place, 1", "best place, −1"),
    ),
    Kind(
        draw.rule_losses,
        lambda: racing_rules.side_by_side((0.5, *(0.1,) * 5), num_steps=1),
        # At 0.5 descent goes to (−4.5, 2): 2.025 + 8; at 0.1 to (−4.9, −1.2):
        # 2.401 + 2.88, as do the balls at first.
        ("over 1 step from 10.5", "Descent ends at 10,", "momentum at 5.28"),
    ),
    Kind(
        draw.rule_paths,
        lambda: racing_rules.side_by_side((0.5, *(0.1,) * 5), num_steps=1),
        # AdaGrad and Adam step by the rate on both axes.
        (
            *("1 step from (−5, −2)", "descent to (−4.5, 2)"),
            *("AdaGrad to (−4.9, −1.9)", "Adam to (−4.9, −1.9)"),
        ),
    ),
    Kind(
        draw.steps_over_rates,
        lambda: racing_rules.race_of_rules(0.125, 0.25, (0.9,), 2, limit=200),
        # 2.5·0.95²ᵗ ≤ 10⁻⁶ from t = 144 on: ln(2.5·10⁶)/(2·0.0513) = 143.6.
        ("from 0.125 to 0.25", "descent 144 at rate 0.25", "RMSProp never"),
        marks=((0.25, 144),),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
