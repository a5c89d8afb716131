"""What the chapter says, beyond its own numbers."""

import math
import sys
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from near import near
from strategies import fractions, positive_fractions

from gdbook import gradients, schedules
from gdbook.descent import DivergenceError
from gdbook.examples.gradient import two_inputs
from gdbook.examples.learning_rate import (
    beside_bound,
    plateau,
    race,
    schedule,
    stability_bound,
    sweep,
    three_rates,
)
from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.weight_update import repeated, weight_update
from gdbook.glue import defaults

WEIGHTS = fractions().filter(bool)


@st.composite
def lines(draw: st.DrawFn) -> Any:
    """Draw the inputs of a line, far enough apart for floats."""
    inputs = draw(st.lists(fractions(), min_size=2, max_size=6))
    assume(max(inputs) - min(inputs) >= 1)
    return inputs


class TestTheBound:
    """Two over the greatest curvature, for one weight and for a line."""

    @pytest.mark.claims(
        "It is the bound of …, below which every step lowers the loss.",
        "Descent converges when the factor is less than $1$ in size; with a factor of "
        "$1$ or more in size it comes no nearer.",
        "The descent still comes nearer while the factor is less than $1$ in size.",
        "In each run the error is multiplied by a constant factor.",
        "A small rate has a factor a little below $1$.",
        "A larger rate brings the factor to $0$, and then below.",
        "A rate that is too small costs time, a rate beyond the bound leads away, and "
        "a rate that is lowered on the way can begin large.",
        "At the bound the error jumps between … and … as long as the rate stays.",
    )
    @given(WEIGHTS, WEIGHTS, fractions(), positive_fractions())
    def test_of_one_weight(
        self, input_value: Any, weight: Any, target: Any, rate: Any
    ) -> None:
        """Inside it every step comes nearer, at it none does, outside it goes away."""
        assume(weight * input_value != target)
        bound = stability_bound(input_value).single_weight
        for one in (rate, rate * bound, bound):
            run: Any = repeated(
                input_value, weight, target, one, num_steps=4, flat=Fraction(0)
            )
            sizes: list[Any] = [abs(error) for error in run.errors]
            assert run.factor == 1 - 2 * one / bound
            factors = {b / a for a, b in pairwise(run.errors)} if run.factor else set()
            assert factors <= {run.factor}
            falls = [later < loss for loss, later in pairwise(run.losses)]
            assert falls == [one < bound] * len(falls)
            if one < bound:
                assert all(later < size for size, later in pairwise(sizes))
                assert sizes[-1] == sizes[0] * abs(run.factor) ** (len(sizes) - 1)
            elif one > bound:
                assert all(later > size for size, later in pairwise(sizes))
            else:
                first = run.errors[0]
                assert run.errors == (first, -first, first, -first, first)

    @pytest.mark.claims(
        "For one sample, the exercises of … and … have a formula for the learning rate "
        "that lands in one step."
    )
    @given(WEIGHTS, WEIGHTS, fractions())
    def test_formulas_for_one_sample(self, x1: Any, x2: Any, target: Any) -> None:
        """1/(2x²), and 1/(2(x₁² + x₂²))."""
        run = repeated(x1, 2, target, 1 / (2 * x1**2), num_steps=1)
        assert run.errors[-1] == 0
        rate = 1 / (2 * (x1**2 + x2**2))
        assert two_inputs((1, 2), (x1, x2), target, rate).new_error == 0

    @pytest.mark.claims(
        "Both factors must be less than $1$ in size, and the steep one reaches $-1$ "
        "first.",
        "So the greatest curvature sets the bound.",
        "A step multiplies the distance to the best line by one factor along the "
        "valley and by another across it.",
        "On a quadratic loss a step multiplies the distance to the lowest point along "
        "a direction of curvature λ by one minus the rate times λ, so descent "
        "converges below two over the greatest curvature, and above it diverges from "
        "any start that has a part in the steepest direction.",
    )
    @given(lines(), fractions(), WEIGHTS, st.floats(0.02, 1.98))
    def test_of_a_line(self, inputs: Any, along: Any, across: Any, share: Any) -> None:
        """A step from the lowest point along an axis shrinks it inside the bound."""
        assume(abs(share - 1) > 1e-3)
        bound = stability_bound(inputs=inputs)
        assert bound.linear_step == near(2 / max(bound.curvatures), rel=1e-13)
        rows = gradients.with_intercept(np.array(inputs, dtype=float))
        curvature = gradients.linear_curvature(rows)
        _, axes = np.linalg.eigh(curvature)
        rate = share * bound.linear_step
        start = axes @ np.array([float(along), float(across)])
        parts = axes.T @ (start - rate * curvature @ start)
        flat, steep = (1 - rate * one for one in bound.curvatures)
        assert parts == near((flat * float(along), steep * float(across)), abs=1e-9)
        assert (abs(steep) < 1) == (share < 1)
        assert abs(flat) < 1 or share > 1

    @pytest.mark.claims(
        "At the best rate both are of equal size:",
        "The lines cross at the best rate, …, and the steep one passes $1$ at the "
        "bound, ….",
        "The best rate lies close to the bound whenever the curvatures are far apart.",
        "There the best constant rate is, in the long run, two over the sum of the "
        "least and the greatest curvature, and it lies close to the bound when the "
        "valley is narrow.",
        "Equation … says that no constant rate has a better slower factor than ….",
        "In the long run a rate is as good as the slower of its two factors.",
        "Raising the rate speeds up the flat direction, whose factor falls from $1$, "
        "until the steep direction, whose factor is negative by then, becomes the "
        "slower one.",
        "That is …, where both factors have the size ….",
    )
    @given(lines(), st.floats(-0.9, 1).filter(lambda share: abs(share) > 1e-3))
    def test_the_best_rate(self, inputs: Any, share: float) -> None:
        """It is κ/(κ + 1) of the bound, and any other rate has a worse factor."""
        found = stability_bound(inputs=inputs)
        flat, steep = found.curvatures
        rate, kappa = float(found.best_rate), found.condition_number
        assert 1 - rate * flat == near(-(1 - rate * steep), abs=1e-12)
        assert rate / found.linear_step == near(kappa / (kappa + 1), rel=1e-11)
        other = rate * (1 + share)
        slower = max(abs(1 - other * flat), abs(1 - other * steep))
        assert slower > found.best_factor
        if share < 0:
            assert 1 - other * flat == slower
        else:
            assert other * steep - 1 == slower
        assert abs(1 - found.linear_step * steep) == near(1, rel=1e-13)

    @pytest.mark.claims(
        "So the rate … is inside, … outside, and the best decade of the sweep, …, the "
        "last one inside.",
        "Start at the bound, ….",
        "The one that fails has the factor …, negative and greater than $1$ in size.",
        "Look between the decades, at three rates: one too small, one right, one too "
        "large.",
        "The three rates are …, … and ….",
        "One start with three rates.",
        "With the input … it is ….",
        "For the single weight the bound is …, or ….",
    )
    def test_of_the_rates_of_the_page(self) -> None:
        """The best decade is the last inside; at the bound the plateau starts."""
        value = defaults(weight_update)["input_value"]
        assert defaults(stability_bound)["input_value"] == value
        assert stability_bound().single_curvature == 2 * value**2
        bound = stability_bound(Fraction(value)).single_weight
        swept = sweep()
        assert swept.best_rate == max(r for r in swept.learning_rates if r < bound)
        *inside, outside = (run.factor for run in three_rates())
        assert outside < -1 < min(inside) <= max(inside) < 1
        creeping, soon_there = map(float, inside)
        assert creeping > 0.8
        assert abs(soon_there) < 0.2
        _, right, large = (run.learning_rate for run in three_rates())
        assert right < bound < large
        assert defaults(plateau)["learning_rate"] == bound


class TestTheSweep:
    """More helps until it explodes."""

    @pytest.mark.claims(
        "The line of … has two weights and two curvatures: a flat one along the valley "
        "and a steep one across it.",
        "A rate of … is well inside.",
        "The rate … takes … steps, the rate … takes …: smaller is slower here.",
        "One of our sources adds to the linear step that a rate of … is not ideal and "
        "that a smaller one is usual, as a larger one may not converge.",
    )
    def test_of_the_line_of_the_page(self) -> None:
        """All examples take the line of the chapter before, with its rate."""
        line = defaults(linear_steps)
        bound = stability_bound()
        for example in (stability_bound, beside_bound):
            assert defaults(example)["inputs"] == line["inputs"]
        assert defaults(beside_bound)["targets"] == line["targets"]
        assert line["learning_rate"] == 0.1  # the source's rate
        assert 3 * line["learning_rate"] < bound.linear_step
        flat, steep = bound.curvatures
        assert steep > 5 * flat
        raced = race()
        (small, steps), (rate, fewer) = [
            *zip(raced.learning_rates, raced.num_steps, strict=True)
        ][:2]
        assert small < rate == line["learning_rate"]
        assert steps > fewer

    @pytest.mark.claims(
        "The … smallest rates leave the loss where it was, to within a percent.",
        "Then … rates lower it, the more the greater they are.",
        "It is least at the rate …, the last that helps.",
        "Take rates from … to …, a decade apart: how many of them make the loss "
        "visibly smaller?",
        "One decade further the loss explodes.",
        "At the next one it leaves the figure.",
    )
    def test_more_helps(self) -> None:
        """Losses fall with the rate, by less than a percent first, and then explode."""
        swept = sweep()
        rates = swept.learning_rates
        assert [b / a for a, b in pairwise(rates)] == near([10] * (len(rates) - 1))
        *falling, last = swept.losses
        assert all(later < loss for loss, later in pairwise(falling))
        assert last > 1e20 * swept.first_loss
        stuck = swept.verdicts.count("stuck")
        assert falling[stuck - 1] > 0.99 * swept.first_loss >= falling[stuck]
        assert swept.verdicts[stuck:-1] == ("lower",) * (len(falling) - stuck)
        assert falling[-1] == min(swept.losses)


class TestTheRace:
    """Smaller is slower, but a little smaller wins for a long while."""

    @pytest.mark.claims(
        "Here larger ones converge up to the bound, and smaller ones are slower; … "
        "keeps the remark beside what holds."
    )
    def test_both_ways_from_a_tenth(self) -> None:
        """Every rate below 0.1 needs more steps; beyond it they arrive up to 2/λ."""
        rates = (0.02, 0.05, 0.08, 0.09, 0.1)
        steps = race(rates).num_steps
        assert all(later < count for count, later in pairwise(steps))
        bound = stability_bound().linear_step
        assert all(race((0.15, 0.25, 0.35, 0.99 * bound)).num_steps)
        with pytest.raises(DivergenceError):
            race((1.02 * bound,))

    @pytest.mark.claims(
        "The rate with the best factor takes …, and …, just inside the bound, takes …."
    )
    def test_its_best_rate(self) -> None:
        """The fifth rate of the race has the best factor, the last is just inside."""
        rates, bound = race(flat=3).learning_rates, stability_bound()
        assert rates[4] == near(float(bound.best_rate), rel=1e-15)
        assert 0.98 * bound.linear_step < rates[5] < bound.linear_step

    @pytest.mark.claims(
        "The equation promises the best factor for the slower direction, and keeps it.",
        "But the two directions do not start equal: the slope is the curvature times "
        "the distance, so across the valley it starts more than ten times as steep and "
        "has further to fall.",
        "The smaller rate gives the steep direction a better factor and the flat one a "
        "slightly worse factor, and for this start the trade pays.",
        "In the long run the slower factor decides, but here that takes more than five "
        "times as many steps as either run has.",
    )
    def test_when_the_best_rate_wins(self) -> None:
        """In decimals, which outlast floats: after a thousand steps, for good."""
        root = Decimal(865).sqrt()
        curvatures = (33 - root) / 12, (33 + root) / 12
        best = (Decimal(3) / 70, Decimal(21) / 20)
        axes = [(Decimal(7) / 3, one - Decimal(7) / 2) for one in curvatures]
        parts = [(a * best[0] + b * best[1]) / (a * a + b * b).sqrt() for a, b in axes]
        slopes = [abs(c * part) for c, part in zip(curvatures, parts, strict=True)]
        assert slopes[1] > 10 * slopes[0]
        rates = (Decimal("0.36"), Decimal(4) / 11)
        (flat, steep), (best_flat, best_steep) = (
            [abs(1 - rate * one) for one in curvatures] for rate in rates
        )
        assert max(flat, steep) > best_flat
        assert abs(best_flat - best_steep) < Decimal("1e-20")
        assert steep < best_steep
        assert 0 < flat - best_flat < Decimal("0.002")

        def ahead(step: int) -> bool:
            """Say whether the best rate has the smaller loss."""
            smaller, larger = (
                sum(
                    c * (p * (1 - rate * c) ** step) ** 2
                    for c, p in zip(curvatures, parts, strict=True)
                )
                for rate in rates
            )
            return larger < smaller

        counts = race((0.36, 4 / 11)).num_steps
        assert counts[0] < counts[1]
        assert not any(ahead(step) for step in range(1, 5 * max(counts), 7))
        assert all(ahead(step) for step in range(1100, 9000, 300))


class TestADivergence:
    """It comes when the steep factor has filled a float."""

    @pytest.mark.claims(
        "The loss is a square, so in the long run each step multiplies it by the "
        "square of the steep factor.",
        "A float has room for a fixed number of decades, so the number of steps is all "
        "of them over the decades gained in each.",
        "The loss starts near one, so the estimate lies within one step of the "
        "message.",
    )
    @pytest.mark.parametrize("rate", [0.45, 0.5, 0.75, 1.0, 3.0])
    def test_its_step_is_foretold(self, rate: float) -> None:
        """For every rate well beyond the bound."""
        with pytest.raises(DivergenceError) as caught:
            linear_steps(learning_rate=rate, num_steps=2000)
        factor = 1 - rate * stability_bound().curvatures[1]
        decades = math.log10(sys.float_info.max) / math.log10(factor**2)
        assert abs(caught.value.step - decades) <= 1
        assert 0.5 < linear_steps(num_steps=0).losses[0] < 2
        losses = linear_steps(learning_rate=rate, num_steps=60).losses
        assert losses[-1] / losses[-2] == near(factor**2, rel=1e-9)


class TestSchedules:
    """Rates that fall too fast add up to too little."""

    @pytest.mark.claims(
        "Halved after every step, all rates together add up to less than twice the "
        "first one, so the weight can move only so far.",
        "The error comes to … and stays there.",
    )
    @given(st.fractions(Fraction(1, 99), Fraction(1, 20)), st.integers(1, 30))
    def test_halved_after_every_step(self, rate: Fraction, num_steps: int) -> None:
        """The error keeps more than the product of the factors, which has a limit."""
        run = schedule(rate, every=1, factor=Fraction(1, 2), num_steps=num_steps)
        assert sum(run.learning_rates) < 2 * rate
        assert defaults(schedule)["factor"] == 0.5
        # ∏ (1 − aₜ) ≥ 1 − ∑ aₜ; beyond the first step the shares are 18α/2 and less.
        first: Any = abs(run.errors[1])
        assert abs(run.errors[-1]) >= first * (1 - 18 * rate)
        fast = schedule(three_rates()[0].learning_rate, every=1).errors
        assert fast[-1] == near(fast[-6], rel=1e-5)

    @pytest.mark.claims(
        "Start the single weight just below its bound, at …, and multiply the rate by "
        "… after every … steps.",
        "Just below the bound, a constant rate jumps from side to side, and the jumps "
        "shrink slowly.",
        "Lowered to …, the rate stops jumping: the error falls from … to … in one "
        "step.",
        "A schedule says how: this one begins with a large rate and multiplies it by a "
        "factor $\\gamma$ after every $k$ steps.",
        "After … steps the constant rate has an error of … left, and the schedule one "
        "of ….",
    )
    def test_just_below_the_bound(self) -> None:
        """The jumps keep nine tenths; the first step at the lower rate is the last."""
        run = schedule()
        bound = stability_bound().single_weight
        assert 0.95 * bound < run.learning_rates[0] < bound
        for before, after in pairwise(run.constant_errors):
            assert -1 < after / before < -0.9
        set_up = defaults(schedule)
        rates = [
            set_up["learning_rate"] * set_up["factor"] ** (step // set_up["every"])
            for step in range(set_up["num_steps"])
        ]
        assert run.learning_rates == near(rates)
        ends: list[Any] = [run.errors[-1], run.constant_errors[-1]]
        assert abs(ends[0]) < abs(ends[1]) / 100
        change = run.changes[0]
        before, after = run.errors[change : change + 2]
        assert 0 < after / before < 0.05
        assert all(error * after > 0 for error in run.errors[change:-1] if error)


@pytest.mark.claims(
    "The first step tells them apart already: one loss falls a little, the other grows "
    "a little.",
    "Across the valley the factors are … and …, one less and one greater than $1$ in "
    "size.",
    "Two rates, … and …, lead in opposite directions.",
    "Take a rate a little below it and one a little above, … of the bound away on "
    "either side, and run the line's descent with both.",
)
@pytest.mark.parametrize("margin", [0.01, 0.05])
def test_the_first_step_beside_the_bound(margin: float) -> None:
    """On the line of the page, for margins that are not much smaller."""
    for sides in (beside_bound(margin=margin, num_steps=1), beside_bound()):
        below, above = sides.losses_below, sides.losses_above
        assert below[1] < below[0] == above[0] < above[1] < 1.2 * above[0]
        assert below[1] > 0.8 * below[0]
        assert [abs(one) < 1 for one in sides.factors] == [True, False]
        middle = sum(map(float, sides.learning_rates)) / 2
        assert middle == near(stability_bound().linear_step)
    assert below[-1] < below[0] < above[-1]


@pytest.mark.claims(
    "With $m_t$ for the least loss since step $s$, at which the rate last changed, "
    "the rule is",
    "The rule notices after … steps and lowers the rate, at the first dotted line.",
)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.integers(1, 4),
    st.fractions(Fraction(1, 9), Fraction(8, 9)),
)
def test_the_plateau(losses: list[int], patience: int, factor: Fraction) -> None:
    """The least loss since the change has not become less in the last p steps."""
    rate = schedules.reduce_on_plateau(1, losses, patience=patience, factor=factor)
    least = list(accumulate(losses, min))
    waited = len(least) > patience and least[-1] == least[-1 - patience]
    assert rate == (factor if waited else 1)
    assert plateau().changes[0] == defaults(plateau)["patience"]
