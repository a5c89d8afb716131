"""What every interactive figure declares, and its numbers against those by hand."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_A_NUMBER, Refusal, not_a_count, refused
from near import near

from gdbook import explorables
from gdbook.examples.rare_classes import ranking
from gdbook.explorables import (
    activations,
    backpropagation,
    beyond_one_machine,
    capacity,
    conditioning,
    forward_propagation,
    learning_rate,
    loss_functions,
    momentum,
    racing_rules,
    rare_classes,
    saddle_points,
    slopes,
    vanishing_gradients,
    weight_update,
)
from gdbook.explorables._parts import Choice, Explorable, Log, Slider, Steps, Toggle
from gdbook.explorables.linear_regression import grades
from gdbook.gradients import central_difference
from gdbook.initialisation import glorot, he, normal
from gdbook.network import Dense, dense_network

FIGURES = explorables.figures()
BAD: dict[type, list[Refusal]] = {
    Slider: NOT_A_NUMBER,
    Steps: not_a_count(0),
    Toggle: [(1, TypeError, "is 1 but must be True or False")],
    Choice: [],
    Log: [
        (value, ValueError, f"is {value!r} but must be numbers with _ between them")
        for value in ("1_x", "1__2", "-1", "1_99", "nan", 0, 3, None, "1" + 12 * "_1")
    ],
}


@pytest.fixture(params=list(FIGURES.values()), ids=list(FIGURES))
def figure(request: pytest.FixtureRequest) -> Explorable:
    """Give each figure."""
    chosen: Explorable = request.param
    return chosen


class TestEvery:
    """What holds for every figure."""

    def test_numbers_go_through_json(self, figure: Explorable) -> None:
        """A script can have the same numbers, none of which is infinite."""
        for numbers in (figure(), figure.given, figure.start):
            assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers

    def test_start_is_on_the_controls(self, figure: Explorable) -> None:
        """A control can go back to its start, and away from it on both sides."""
        for control in figure.controls:
            assert control.check(control.start) == control.start
            if isinstance(control, Slider | Steps):
                place = (control.start - control.low) / control.step
                assert place == near(round(place))
                assert control.low < control.high
                assert control.low <= control.start <= control.high
                ends = (control.high - control.low) / control.step
                assert ends == near(round(ends))

    def test_words_have_numbers(self, figure: Explorable) -> None:
        """What is drawn is said, and what is said is a sentence with a number."""
        assert re.search(r"\w.*\.$", figure.drawn.scene)
        assert re.search(r"\d.*\.$", figure.drawn.said)

    def test_names_are_known(self, figure: Explorable) -> None:
        """Readouts, handles and steps name controls and numbers that there are."""
        known = figure.given | figure.start | figure()
        names = {readout.name for readout in figure.readouts}
        names |= set(figure.carries)
        names |= {name.partition(".")[0] for name in figure.carries.values()}
        assert names <= known.keys()
        for handle in figure.handles:
            moved = {handle.across, handle.up, handle.moves} - {""}
            assert moved
            assert moved <= figure.start.keys()
            assert handle.panel < len(figure.drawn.panels)

    def test_panels_are_the_pages_own(self, figure: Explorable) -> None:
        """A panel is well formed, has no style or colour of its own, and a mark."""
        marks = 0
        for panel in figure.drawn.panels:
            root = ET.fromstring(f"<svg>{panel.inner}</svg>")  # noqa: S314 (our own)
            assert 'style="' not in panel.inner
            for element in root.iter():
                marks += "data-mark" in element.attrib
                for kind in ("fill", "stroke"):
                    assert re.fullmatch(
                        r"none|var\(--\w+\)", element.get(kind, "none")
                    ), ET.tostring(element)
                for place in re.findall(
                    r"#([\w-]+)", " ".join(element.attrib.values())
                ):
                    assert f'id="{place}"' in panel.inner
                    assert place.startswith(figure.name)
        assert marks

    def test_other_settings_are_refused(self, figure: Explorable) -> None:
        """A control names itself when it is given what it cannot be set to."""
        for control in figure.controls:
            for value, error, says in BAD[type(control)]:
                with refused(error, control.name, says):
                    figure(**{control.name: value})
            for value in () if isinstance(control, Toggle) else (10**6, -(10**6)):
                says = f"^`{control.name}` is {value} but must be "
                with pytest.raises(ValueError, match=says):
                    figure(**{control.name: value})
        with pytest.raises(TypeError, match="`spin` is no control of"):
            figure(spin=1)


def test_names_without_a_figure_are_refused() -> None:
    """A name has a chapter with figures, and a figure of this chapter."""
    for name in ("nothing_here", "linear_regression_nothing", "linear_regression"):
        with pytest.raises(ValueError, match=f"`name` is '{name}' but"):
            explorables.find(name)


class TestLinearRegressionGrades:
    """A line over hours and grades."""

    def test_points_and_best_line(self) -> None:
        """Five pupils; 110/200·x + 1.9 is the best line, with loss 2.7/5."""
        given = grades.given
        assert given["hours"] == [2, 4, 6, 8, 10]
        assert given["grades"] == [3, 5, 4, 6, 8]
        # Spreads −4 −2 0 2 4 of the hours: 22/40; mean grade 5.2, mean hours 6.
        best = [given["best_slope"], given["best_intercept"]]
        assert best == near([0.55, 1.9], rel=1e-15)
        # Errors 0, −0.9, 1.2, 0.3, −0.6: (0.81 + 1.44 + 0.09 + 0.36)/5
        assert given["best_loss"] == near(0.54, rel=1e-15)
        numbers = grades(slope=0.55, intercept=1.9)
        assert numbers["squared"] == near([0, 0.81, 1.44, 0.09, 0.36], abs=1e-15)
        assert numbers["ended"] == "flat"

    def test_first_step(self) -> None:
        """From y = x + 1, with loss 27/5, one step of rate 1/100 by hand."""
        first = grades()
        assert first["loss"] == near(5.4, rel=1e-15)
        # Errors 0, 0, 3, 3, 3: slopes 2/5·3·(6 + 8 + 10) = 28.8 and 2/5·9 = 3.6
        assert first["new_slope"] == near(0.712, rel=1e-15)
        assert first["new_intercept"] == near(0.964, rel=1e-15)

    def test_bound(self) -> None:
        """The curvature [[88, 12], [12, 2]] has the eigenvalues 45 ± √1993."""
        bound = 2 / (45 + math.sqrt(1993))
        assert grades.given["bound"] == near(bound, rel=1e-14)
        rate = next(c for c in grades.controls if c.name == "learning_rate")
        assert isinstance(rate, Slider)
        assert rate.low + rate.step < bound < rate.high - rate.step

    def test_ends(self) -> None:
        """A line counts as diverged above the bound alone, and far from the points."""
        far = {"slope": 8, "intercept": 8}
        assert grades(**far, learning_rate=0.03)["ended"] == "diverged"
        assert grades(**far, learning_rate=0.02)["ended"] == ""
        assert grades(slope=1.5, intercept=6, learning_rate=0.03)["ended"] == ""

    @pytest.mark.parametrize(
        ("slope", "reach"), [(1, 9), (1.5, 7), (-0.5, 1.5), (0, 9), (1000, 1.5)]
    )
    def test_handle_stays_where_it_is_seen(self, slope: float, reach: float) -> None:
        """The handle that turns the line is as far right as the line is in sight."""
        # (12 − 1/2 − 1)/(3/2) = 7
        assert grades(slope=slope)["turn"]["x"] == near(reach)


class TestWeightUpdate:
    """One weight, its first steps, and a step at a rate of the reader's."""

    def test_step(self) -> None:
        """From weight 2, with error −4 and loss 16, a step of rate 3/100 by hand."""
        numbers = weight_update.step()
        assert numbers["slope"] == -24
        assert numbers["update"] == near(0.72)
        assert numbers["new_weight"] == near(2.72)
        # 24·0.72 = 17.28 less than 16; the prediction is 8.16, its error −1.84
        assert numbers["promised"] == near(-1.28, rel=1e-11)
        assert numbers["new_loss"] == near(1.84**2)

    @pytest.mark.claims(
        "Drag the point along the loss, and see its three factors multiply to the "
        "slope.",
        page="weight_update",
    )
    @pytest.mark.parametrize("weight", [0, 2, 3.5, 6.6])
    def test_three_factors(self, weight: float) -> None:
        """The printed factors multiply to the printed slope."""
        numbers = weight_update.step(weight=weight)
        shown = weight_update.GIVEN | numbers
        product = shown["of_loss"] * shown["of_activation"] * shown["input_value"]
        assert numbers["slope"] == near(product)

    @pytest.mark.parametrize(
        ("weight", "rate", "ended"),
        [
            (10 / 3, 0.03, "flat"),
            (500, 0.12, "diverged"),
            (500, 0.03, ""),
            (2, 0.12, ""),
        ],
    )
    def test_ends(self, weight: float, rate: float, ended: str) -> None:
        """A weight counts as diverged above the bound alone, and far from its goal."""
        numbers = weight_update.step(weight=weight, learning_rate=rate)
        assert numbers["ended"] == ended

    @pytest.mark.claims(
        "Press Play: the steps shorten by themselves, although the learning rate stays "
        "the same.",
        page="index",
    )
    def test_first_steps(self) -> None:
        """The weight goes to 2.24, then 2.4368; each step has 0.82 of the last."""
        weights = weight_update.first(steps=12)["weights"]
        assert weights[:3] == near([2, 2.24, 2.4368])
        lengths = [after - before for before, after in pairwise(weights)]
        assert all(0 < after < before for before, after in pairwise(lengths))
        assert weight_update.first()["losses"] == near([16, 10.7584])


class TestLearningRateBound:
    """The learning rate across its bound."""

    @pytest.mark.claims(
        "Raise the learning rate: descent creeps down on one side, then it swings from "
        "side to side, and above … it swings wider and wider.",
        page="learning_rate",
    )
    def test_every_rate(self) -> None:
        """At each rate of the slider the errors go where the factor says."""
        (rate, _) = learning_rate.bound.controls
        assert isinstance(rate, Slider)
        regimes = []
        for step in range(round((rate.high - rate.low) / rate.step) + 1):
            alpha = rate.low + step * rate.step
            numbers = learning_rate.bound(learning_rate=alpha, steps=3)
            errors = [3 * weight - 10 for weight in numbers["weights"]]
            assert numbers["factor"] == near(1 - 18 * alpha, abs=1e-12)
            one_side = errors[0] * errors[1] > 0
            wider = abs(errors[1]) > abs(errors[0])
            for before, after in pairwise(errors):
                assert (before * after > 0) == one_side
                assert (abs(after) > abs(before)) == wider
            assert wider == (alpha > 2 / 18)
            regimes.append((one_side, wider))
        creeps, swings, grows = (True, False), (False, False), (False, True)
        assert list(dict.fromkeys(regimes)) == [creeps, swings, grows]

    def test_a_step_that_lands(self) -> None:
        """Where the slope is 0 to the last bit, the other steps stay there."""
        numbers = learning_rate.bound(learning_rate=0.056, steps=30)
        assert len(numbers["weights"]) == len(numbers["losses"]) == 31
        assert numbers["losses"][-1] < 1e-25


class TestConditioningValley:
    """A valley as narrow as the reader wants it."""

    RATES = (0.01, 0.2, 0.45, 0.48, 0.5, 0.55)

    @pytest.mark.claims(
        "Turn the learning rate: the part along the valley and the part across it fall "
        "on straight lines of their own.",
        page="conditioning",
    )
    @pytest.mark.parametrize("condition_number", [2, 20, 37])
    @pytest.mark.parametrize("rate", RATES)
    def test_straight_lines(self, condition_number: int, rate: float) -> None:
        """Each part is multiplied by its own factor, 1 − αλ, in every step."""
        numbers = conditioning.valley(
            condition_number=condition_number, learning_rate=rate, steps=12
        )
        for part, factor, curvature in (
            ("along", numbers["flat"], 4 / condition_number),
            ("across", numbers["steep"], 4),
        ):
            assert factor == near(1 - rate * curvature, abs=1e-15)
            assert numbers[part] == near([abs(factor) ** t for t in range(13)])

    @pytest.mark.claims(
        "Then lower the condition number, and find it again: the rounder the valley, "
        "the faster both parts fall.",
        page="conditioning",
    )
    def test_rounder_is_faster(self) -> None:
        """At the best rate both parts have the factor (κ − 1)/(κ + 1) in size."""
        factors = []
        for condition_number in range(40, 1, -1):
            best = conditioning.valley(condition_number=condition_number)["best"]
            numbers = conditioning.valley(
                condition_number=condition_number, learning_rate=best
            )
            expected = (condition_number - 1) / (condition_number + 1)
            assert [numbers["flat"], -numbers["steep"]] == near([expected] * 2)
            factors.append(expected)
        assert all(after < before for before, after in pairwise(factors))

    def test_contours(self) -> None:
        """Each contour has a share of the height of the start."""
        numbers = conditioning.valley(condition_number=5)
        for contour, share in zip(numbers["contours"], [0.6, 0.2, 0.04], strict=True):
            for x, y in zip(contour["x"], contour["y"], strict=True):
                # 0.4·25 + 2·4 = 18
                assert 0.4 * x**2 + 2 * y**2 == near(18 * share)


class TestMomentumMap:
    """The map of rate and momentum."""

    @pytest.mark.claims(
        "Above the curve it swings, and below it creeps down or alternates; right of "
        "the straight line it grows.",
        page="momentum",
    )
    def test_regimes(self) -> None:
        """All over the map the distance does what the place says."""
        seen = set()
        for alpha, beta in product(np.arange(0.05, 4, 0.1), np.arange(0.03, 1, 0.08)):
            numbers = momentum.map(learning_rate=alpha, momentum=beta)
            distances = np.array(numbers["distances"])
            if alpha > 2 + 2 * beta:
                expected = "diverges"
                assert abs(distances[-1]) > 1
            elif beta > (1 - alpha**0.5) ** 2:
                expected = "swings"
            else:
                expected = "creeps"
                signs = np.sign(distances[1:])
                turned = signs[1:] * signs[:-1]
                assert set(turned) <= ({1.0, 0.0} if alpha < 1 else {-1.0, 0.0})
            assert numbers["regime"] == expected, (alpha, beta)
            seen.add(expected)
        assert len(seen) == 3

    def test_borders(self) -> None:
        """At rate 9/25 the damping is critical with momentum 4/25, by (1 − 3/5)²."""
        assert momentum.map(learning_rate=0.36, momentum=0.16)["regime"] == "critical"
        assert momentum.map(learning_rate=2, momentum=0)["regime"] == "stuck"
        first = momentum.map(learning_rate=0.5, momentum=0.6)["distances"][:3]
        # 1 − 1/2; the velocity is then 0.6·(−1/2) − 1/2·1/2 = −0.55
        assert first == near([1, 0.5, -0.05])


class TestRacingRulesRace:
    """One start for all rules."""

    @pytest.mark.claims(
        "Drag the start, and turn the rate $\\alpha$ and the memory $\\beta$ of each "
        "rule.",
        "Which rule is lowest depends on the start and on the settings.",
        page="racing_rules",
    )
    def test_lowest(self) -> None:
        """Another start, or another setting, has another rule in front."""

        def lowest(**state: float) -> str:
            numbers = racing_rules.race(**state)
            return min(numbers, key=lambda name: numbers[name]["losses"][-1])

        by_start = {
            lowest(x=x, y=y) for x, y in product((-5, -1, 0.2, 4), (-2, 0, 0.1, 3))
        }
        assert len(by_start) > 1
        first = racing_rules.race()
        controls = {control.name: control for control in racing_rules.race.controls}
        settings = controls.keys() - {"x", "y", "steps"}
        assert len(settings) == 9
        for setting in settings:
            control = controls[setting]
            assert isinstance(control, Slider)
            numbers = racing_rules.race(**{setting: control.low})
            changed = {name for name in first if numbers[name] != first[name]}
            assert changed == {setting.partition("_")[0]}
        assert {lowest(), lowest(momentum_beta=0.7), lowest(AdaGrad_rate=3)} == {
            "RMSProp",
            "momentum",
            "AdaGrad",
        }

    @pytest.mark.claims(
        "With a rate above …, plain descent diverges.", page="racing_rules"
    )
    @pytest.mark.parametrize("rate", [0.3, 0.48, 0.52, 0.6])
    @pytest.mark.parametrize("start", [(-5, -2), (4, 3), (0.3, -0.2)])
    def test_who_diverges(self, rate: float, start: tuple[float, float]) -> None:
        """The bound of descent is 2/4."""
        assert racing_rules.race.given["bound"] == 0.5
        x, y = start
        run = racing_rules.race(x=x, y=y, descent_rate=rate, steps=60)["descent"]
        assert (run["losses"][-1] > 10 * run["losses"][0]) == (rate > 0.5)


class TestRareClassesThreshold:
    """A threshold among ten samples, of which four are true."""

    def test_by_hand(self) -> None:
        """At 1/2 three of the four true samples get a yes, and one of the others."""
        numbers = rare_classes.threshold(threshold=0.5)
        assert [numbers[name] for name in ("found", "alarms")] == [3, 1]
        shares = [numbers[name] for name in ("precision", "recall", "f1", "accuracy")]
        assert shares == [3 / 4, 3 / 4, 3 / 4, 8 / 10]
        for name in ("precisions", "recalls"):
            assert numbers[name] == [float(each) for each in getattr(ranking(), name)]
        numbers = rare_classes.threshold(threshold=0.5, others=10)
        shares = [numbers[name] for name in ("precision", "recall", "f1", "accuracy")]
        # The false alarm counts ten times, and so do the five right noes.
        assert shares == [3 / 13, 3 / 4, 6 / 17, 53 / 64]

    @pytest.mark.claims(
        "Then let each of the others stand for several: the recall stays where it is, "
        "and the precision falls where there are false alarms.",
        page="rare_classes",
    )
    def test_rarer(self) -> None:
        """It does so at every threshold."""
        for hundredths in range(0, 90, 5):
            few, many = (
                rare_classes.threshold(threshold=hundredths / 100, others=others)
                for others in (1, 10)
            )
            assert few["recall"] == many["recall"]
            falls = many["precision"] < few["precision"]
            assert falls == (few["alarms"] > 0)

    @pytest.mark.claims(
        "The figure says where $F_1$ is highest; find that place with one other for "
        "each, and with ten.",
        page="rare_classes",
    )
    def test_two_places(self) -> None:
        """With ten others for each the best threshold is another one."""
        best = []
        for others in (1, 10):
            all_of_them = {
                hundredths: rare_classes.threshold(
                    threshold=hundredths / 100, others=others
                )
                for hundredths in range(0, 90, 5)
            }
            best.append(
                {
                    at
                    for at, found in all_of_them.items()
                    if found["f1"] == found["highest"]
                }
            )
        assert best == [{50, 55}, {70, 75}]


class TestSaddlePointsRidge:
    """A start on, near or off the ridge."""

    RATES = (0.05, 0.1, 0.2, 0.3)

    @pytest.mark.claims(
        "Move the start towards the ridge: the counted steps stay close to the line of "
        "theory.",
        page="saddle_points",
    )
    @pytest.mark.parametrize("rate", RATES)
    @pytest.mark.parametrize("exponent", range(-12, 0))
    def test_close_to_theory(self, exponent: int, rate: float) -> None:
        """Whole steps and the walls of the hollow cost less than four steps."""
        numbers = saddle_points.ridge(exponent=exponent, learning_rate=rate)
        assert 0 < numbers["left"] - numbers["forecast"] < 4
        assert numbers["theory"][exponent + 12] == numbers["forecast"]

    @pytest.mark.claims(
        "Raise the learning rate, and the line becomes flatter.", page="saddle_points"
    )
    def test_flatter(self) -> None:
        """A decade costs ln 10/ln(1 + α) steps, which fall as the rate grows."""
        costs = []
        for rate in self.RATES:
            theory = saddle_points.ridge(learning_rate=rate)["theory"]
            costs.append(theory[0] - theory[1])
            assert costs[-1] == near(math.log(10) / math.log(1 + rate))
        assert all(after < before for before, after in pairwise(costs))

    @pytest.mark.claims(
        "Press Play to see how long the descent waits at the saddle, and start it on "
        "the ridge, which it never leaves.",
        page="saddle_points",
    )
    @pytest.mark.parametrize("rate", RATES)
    def test_on_the_ridge(self, rate: float) -> None:
        """On the ridge no step has a part across it, however many are taken."""
        numbers = saddle_points.ridge(on_ridge=True, learning_rate=rate, steps=400)
        assert set(numbers["y"]) == {0}
        beside = saddle_points.ridge(learning_rate=rate, steps=400)
        assert abs(beside["y"][-1]) > 0.9


class TestLossFunctionsSurface:
    """A point on the map of two weights."""

    @pytest.mark.claims(
        "Drag the point over the map, and see what its weights predict: each error is "
        "the side of a square, and the mean of their areas is the height of the map.",
        "Or drag one of the first two predictions, and the point on the map follows.",
        page="loss_functions",
    )
    @pytest.mark.parametrize("weights", [(0, 0), (2, 1), (-1, 4), (0.5, 2.05)])
    def test_squares(self, weights: tuple[float, float]) -> None:
        """Samples (1, 0), (0, 1) and (1, 1) predict w₁, w₂ and w₁ + w₂."""
        first, second = weights
        numbers = loss_functions.surface(first=first, second=second)
        assert numbers["predictions"] == near([first, second, first + second])
        areas = []
        for square, target, prediction in zip(
            numbers["squares"], [2, 1, 3], numbers["predictions"], strict=True
        ):
            (left, right), (low, high) = set_of(square["x"]), set_of(square["y"])
            assert right - left == near(high - low, abs=1e-15)
            assert [low, high] == near(sorted([target, prediction]))
            areas.append((right - left) * (high - low))
        assert numbers["squared"] == near(areas, abs=1e-15)
        assert numbers["loss"] == near(sum(areas) / 3, abs=1e-15)
        moved = {handle.up: handle.y for handle in loss_functions.surface.handles[1:]}
        assert moved == {"first": "predictions.0", "second": "predictions.1"}


def set_of(ends: list[float]) -> tuple[float, float]:
    """Return the least and the greatest of some numbers."""
    return min(ends), max(ends)


class TestForwardPropagationNetwork:
    """A network of two inputs, two hidden nodes and one output."""

    def test_book(self) -> None:
        """Inputs 2 and 3 give 5 and 1, and these 2·5 − 1·1 = 9, where 13 is right."""
        numbers = forward_propagation.network()
        assert numbers == {"hidden": [5, 1], "prediction": 9, "error": -4}

    @pytest.mark.claims(
        "Change any weight or input, and follow the numbers from left to right.",
        "Bring the error to zero, and then do so with other weights: one target leaves "
        "more than one answer.",
        page="forward_propagation",
    )
    def test_every_control(self) -> None:
        """Each control moves a node, and the output weights have many answers."""
        before = forward_propagation.network()
        for control in forward_propagation.network.controls:
            after = forward_propagation.network(**{control.name: 0.5})
            assert after["prediction"] != before["prediction"]
        # 5·v₁ + v₂ = 13
        for v1, v2 in ((3, -2), (2, 3), (2.6, 0)):
            assert forward_propagation.network(v1=v1, v2=v2)["error"] == near(0)


class TestActivationsStack:
    """Two nodes side by side."""

    @pytest.mark.claims(
        "Move weights and biases: with the identity, the sum of the two nodes stays "
        "one line.",
        "Choose ReLU, and it bends where a node does.",
        page="activations",
    )
    @pytest.mark.parametrize(
        ("w1", "b1", "w2", "b2"), [(1, 0.5, -0.5, 0.5), (2, -1, -1, -1), (-3, 3, 1, 0)]
    )
    def test_where_it_bends(self, w1: float, b1: float, w2: float, b2: float) -> None:
        """The slope changes at −b/w of each node, and nowhere with the identity."""
        grid = activations.stack.given["grid"]
        for activation in ("identity", "ReLU"):
            numbers = activations.stack(
                activation=activation, w1=w1, b1=b1, w2=w2, b2=b2
            )
            slopes = np.diff(numbers["sum"]) / np.diff(grid)
            bends = np.flatnonzero(abs(np.diff(slopes)) > 1e-9)
            found = {round(grid[bend + 1], 6) for bend in bends}
            nodes = {round(-b1 / w1, 6), round(-b2 / w2, 6)}
            assert found == (set() if activation == "identity" else nodes)

    def test_points(self) -> None:
        """Two nodes of ReLU with weights 1 and −1 meet |x| at all five points."""
        numbers = activations.stack(activation="ReLU", b1=0, w2=-1, b2=0)
        assert numbers["predictions"] == [2, 1, 0, 1, 2]
        assert numbers["loss"] == 0


class TestBackpropagationBackward:
    """The circuit of the chapter."""

    def test_book(self) -> None:
        """Error −4: slope −8 along the prediction, then −8 times what it meets."""
        numbers = backpropagation.backward()
        assert numbers["loss_slope"] == -8
        assert numbers["hidden_slopes"] == [-16, 8]
        expected = {"w11": -32, "w21": -48, "w12": 16, "w22": 24, "v1": -40, "v2": -8}
        assert numbers["slope"] == expected

    @pytest.mark.claims(
        "Press Step: every weight moves against its own slope, all at once.",
        page="backpropagation",
    )
    @pytest.mark.parametrize("rate", [0.001, 0.002, 0.02])
    def test_step(self, rate: float) -> None:
        """What a step carries on is each weight minus the rate times its slope."""
        numbers = backpropagation.backward(learning_rate=rate)
        for name, key in backpropagation.backward.carries.items():
            before = backpropagation.backward.start[name]
            assert key == f"next.{name}"
            moved = numbers["next"][name] - before
            assert moved == near(-rate * numbers["slope"][name], rel=1e-9)
        assert len(numbers["next"]) == 6


class TestVanishingGradientsLayers:
    """The slope that reaches every layer of a fresh network."""

    SETTINGS = tuple(
        product(("sigmoid", "tanh", "ReLU", "leaky ReLU"), ("normal", "glorot", "he"))
    )

    @pytest.mark.parametrize("initialise", [normal, glorot, he])
    def test_the_library_draws_the_weights(self, initialise: Any) -> None:
        """What a page carries are its weights, in hundredths of their scale."""
        drawn = dense_network(
            [16] * 11 + [10], np.random.default_rng(0), initialise=initialise
        )
        name = initialise.__name__
        carried = vanishing_gradients.weights_of(name, 10)
        for layer, own in zip(drawn, carried, strict=True):
            assert isinstance(layer, Dense)
            # Half a hundredth of 0.05, of √(6/(16 + …)) or of √(2/16).
            largest = abs(layer.weights - own).max()
            scale = {"normal": 0.05, "he": 8**-0.5}.get(name, (6 / 26) ** 0.5)
            assert 0 < largest <= 0.00501 * scale

    @pytest.mark.claims(
        "Choose activation and initialisation for a network of … nodes in each layer, "
        "and compare the factor of every layer with the one that equation … expects.",
        page="vanishing_gradients",
    )
    @pytest.mark.parametrize(
        ("activation", "initialise", "expected"),
        [
            # s·√16·r with s of 0.05, 1/4 and √(1/8); r of 1/4, 1 and √(1/2)
            ("sigmoid", "normal", 0.05),
            ("tanh", "normal", 0.2),
            ("sigmoid", "glorot", 0.25),
            ("tanh", "glorot", 1),
            ("tanh", "he", 2**0.5),
            ("ReLU", "he", 1),
            ("leaky ReLU", "he", 1.01**0.5),
        ],
    )
    def test_factors(self, activation: str, initialise: str, expected: float) -> None:
        """The factors multiply to what reaches the first layer."""
        numbers = vanishing_gradients.layers(
            activation=activation, initialise=initialise
        )
        assert numbers["expected"] == near(expected)
        assert len(numbers["factors"]) == 9
        assert math.prod(numbers["factors"]) == near(numbers["ratio"])
        assert numbers["factor"] ** 9 == near(numbers["ratio"])
        assert numbers["slopes"][0] == numbers["ratio"]
        assert numbers["slopes"][-1] == 1

    @pytest.mark.claims(
        "Take layers away: where less than a half is expected, each layer less lets "
        "more of the slope arrive.",
        page="vanishing_gradients",
    )
    @pytest.mark.parametrize(("activation", "initialise"), SETTINGS)
    def test_fewer_layers(self, activation: str, initialise: str) -> None:
        """With a factor far below one, what arrives grows from ten layers to two."""
        runs = [
            vanishing_gradients.layers(
                depth=depth, activation=activation, initialise=initialise
            )
            for depth in range(10, 1, -1)
        ]
        ratios = [run["ratio"] for run in runs]
        if runs[0]["expected"] < 0.5:
            assert all(fewer > more for more, fewer in pairwise(ratios))
            assert ratios[0] < 1e-3 < ratios[-1] < 0.5
        else:
            assert ratios[0] > 0.01

    @pytest.mark.claims(
        "Then let at least a tenth of it come through all ten layers; the figure says "
        "when you have done it.",
        page="vanishing_gradients",
    )
    def test_a_tenth(self) -> None:
        """Those settings let a tenth through that expect a factor of one or more."""
        for activation, initialise in self.SETTINGS:
            numbers = vanishing_gradients.layers(
                activation=activation, initialise=initialise
            )
            good = numbers["expected"] > 1 - 1e-12
            assert (numbers["ratio"] >= 0.1) == good, (activation, initialise)


class TestSlopesProbes:
    """A hidden sea floor."""

    SEAS = range(1, 7)
    FULL = "_".join("5" * 11)

    def test_by_hand(self) -> None:
        """1.4·(2 − 7.1)² + 2·cos(1.7·2 + 4.3) − 78, and a floor without waves."""
        numbers = slopes.probes(sea=4)
        assert numbers["yours"] == near(78 - 36.414 - 2 * math.cos(7.7))
        assert numbers["slope"] == near(-14.28 - 3.4 * math.sin(7.7))
        assert slopes.height((5, 2, 0, 0, 0, 60), 3) == -52
        assert slopes.slope((5, 2, 0, 0, 0, 60), 3) == -8

    @pytest.mark.parametrize("sea", SEAS)
    def test_tangents(self, sea: int) -> None:
        """Each tangent has the slope that a central difference finds, in depths."""
        floor = slopes.probes.given["floors"][sea - 1]
        numbers = slopes.probes(sea=sea, probes="0_3.3_9.9")
        for x, tangent in zip((2, 0, 3.3, 9.9), numbers["tangents"], strict=False):
            (left, right), (before, after) = tangent["x"], tangent["y"]
            rise = central_difference(lambda at: -slopes.height(floor, at), x, 1e-4)
            assert (after - before) / (right - left) == near(float(rise), rel=1e-6)
            assert (left + right) / 2 == near(x, abs=1e-12)
        assert numbers["tangents"][4:] == [numbers["tangents"][3]] * 8

    def test_probes_are_noted(self) -> None:
        """A step adds the place to what is noted, until twelve are used."""
        assert slopes.probes(place=4.5)["next"] == "4.5"
        assert slopes.probes(place=3, probes="4.5")["next"] == "4.5_3"
        numbers = slopes.probes(probes=self.FULL)
        assert (numbers["count"], numbers["ended"]) == (12, "full")
        assert numbers["next"] == self.FULL
        assert slopes.probes(probes=self.FULL[2:])["ended"] == ""

    @pytest.mark.claims(
        "The bot has the same first probe and no more of them than you, and always "
        "steps against the slope; the grey line is how deep blind guesses come on "
        "average.",
        page="slopes",
    )
    @pytest.mark.parametrize("sea", SEAS)
    def test_the_bot_is_fair(self, sea: int) -> None:
        """It goes on from its own probes alone; guesses are anywhere on the scale."""
        floor = slopes.probes.given["floors"][sea - 1]
        numbers = slopes.probes(sea=sea, probes=self.FULL)
        places = numbers["bot"]["places"]
        assert places[0] == numbers["places"][0] == 2
        assert len(places) == len(numbers["places"]) == 12
        for before, after in pairwise(places):
            assert after == near(before - 0.08 * slopes.slope(floor, before))
        assert slopes.probes(sea=sea, probes="1_9_3")["bot"]["places"] == places[:4]
        depths = [-float(slopes.height(floor, each / 10)) for each in range(101)]
        first = -float(slopes.height(floor, 2))
        pairs = [max(first, *pair) for pair in product(depths, depths)]
        assert numbers["guessed"][0] == near(first)
        assert numbers["guessed"][1] == near(sum(max(first, d) for d in depths) / 101)
        assert numbers["guessed"][2] == near(sum(pairs) / 101**2)

    @pytest.mark.claims(
        "Try the other floors: on some of them the slope leads the bot into a hollow "
        "that is not the deepest, and even blind guesses come deeper in the end.",
        "Other ground has several hollows, and the slope underfoot leads into one of "
        "them, which need not be the deepest.",
        page="slopes",
    )
    def test_where_the_slope_leads(self) -> None:
        """On four floors of six the bot finds the deepest place, and guesses do not."""
        lost = set()
        for sea in self.SEAS:
            numbers = slopes.probes(sea=sea, probes=self.FULL)
            bot, floor = numbers["bot"], slopes.probes.given["floors"][sea - 1]
            short = max(numbers["bottom"]) - numbers["bots"]
            if short > 1:
                lost.add(sea)
                assert abs(slopes.slope(floor, bot["places"][-1])) < 0.1
                assert short > 4
                assert numbers["guessed"][-1] > numbers["bots"]
            else:
                assert numbers["guessed"][-1] < numbers["bots"]
        assert lost == {3, 5}

    @pytest.mark.claims(
        "Come within … m of the deepest place with at most … probes; the figure says "
        "when you have done it.",
        page="slopes",
    )
    @pytest.mark.parametrize("sea", SEAS)
    def test_deep_enough(self, sea: int) -> None:
        """Only what is found by the eighth probe counts, on every floor."""
        bottom = np.array(slopes.probes(sea=sea)["bottom"])
        for place, depth in enumerate(bottom):
            good = depth >= bottom.max() - 1
            for shallow, counts in (("2_2_2_2_2_2_", True), ("2_2_2_2_2_2_2_", False)):
                noted = f"{shallow}{place / 10:g}"
                assert slopes.probes(sea=sea, probes=noted)["met"] == (good and counts)


class TestBeyondOneMachineBlocks:
    """Rows cut into blocks and dealt to workers, of which one is killed."""

    def test_book(self) -> None:
        """Six blocks of four rows, three workers, and the first is killed at row 6.

        Blocks 1 to 3 are read until 4, blocks 5 and 6 until 8, block 4 until 12.
        """
        numbers = beyond_one_machine.blocks()
        assert [numbers["block"], numbers["by"], numbers["fate"]] == [4, 2, "killed"]
        assert [numbers["time"], numbers["undisturbed"], numbers["vain"]] == [12, 8, 2]
        assert numbers["sent"] == 3 * 6
        assert numbers["lost"] == {"x": near([4.12, 5.88]), "y": [1, 1]}
        assert numbers["again"] == {"x": near([8.12, 11.88]), "y": [2, 2]}

    @pytest.mark.claims(
        "Whoever is free takes the next block, and sends its sum when it has it.",
        "Drag the ring along the line of the first worker, which is killed there: the "
        "block that it was at is read again.",
        page="beyond_one_machine",
    )
    @pytest.mark.parametrize("num_workers", range(2, 7))
    @pytest.mark.parametrize("num_blocks", range(2, 25))
    def test_every_kill(self, num_blocks: int, num_workers: int) -> None:
        """Each row is read once in the end, and nobody waits while a block does."""
        for after in range(1, 25):
            numbers = beyond_one_machine.blocks(
                num_blocks=num_blocks, num_workers=num_workers, after=after
            )
            bars = {
                kind: list(zip(*(iter(numbers[kind]["x"]),) * 2, strict=True))
                for kind in ("done", "lost", "again")
            }
            of_first = [
                end
                for kind in ("done", "lost")
                for end, worker in zip(
                    numbers[kind]["x"], numbers[kind]["y"], strict=True
                )
                if worker == 1
            ]
            assert max(of_first, default=0) < after
            read = [end - start + 0.24 for start, end in bars["done"] + bars["again"]]
            assert len(read) == num_blocks
            assert sum(read) == near(24)
            assert set(map(round, read)) <= {24 // num_blocks, -(-24 // num_blocks)}
            killed = numbers["fate"] == "killed"
            assert len(bars["lost"]) == len(bars["again"]) == killed
            assert (numbers["vain"] > 0) == killed
            starts = [start - 0.12 for kind in bars.values() for start, _ in kind]
            begun = sum(start < 1e-9 for start in starts)
            assert begun >= min(num_workers, num_blocks)

    @pytest.mark.claims(
        "Change blocks and workers, too: the gradient stays the same to the bit, and "
        "the time does not.",
        page="beyond_one_machine",
    )
    def test_same_to_the_bit(self) -> None:
        """However the rows are cut, whole numbers add up to whole numbers."""
        found, times = set(), set()
        for num_blocks, num_workers, after in product(
            range(2, 25), range(2, 7), (3, 9, 24)
        ):
            numbers = beyond_one_machine.blocks(
                num_blocks=num_blocks, num_workers=num_workers, after=after
            )
            found.add(tuple(numbers["gradient"]))
            times.add(numbers["time"])
        given = beyond_one_machine.blocks.given
        errors = [
            0.5 * x + 2 - y
            for x, y in zip(given["hours"], given["grades"], strict=True)
        ]
        along = sum(e * x for e, x in zip(errors, given["hours"], strict=True))
        assert found == {(2 * along / 24, 2 * sum(errors) / 24)}
        assert len(times) > 5


class TestCapacityMoonsBorder:
    """A network of a width that the reader chooses."""

    def test_points(self) -> None:
        """Without noise the points lie on two circles of radius 1."""
        numbers = capacity.moons_border(noise=0, steps=0)
        for name, (left, up), side in (
            ("upper", (0, 0), 1),
            ("lower", (1, 0.5), -1),
        ):
            moon = zip(numbers[name]["x"], numbers[name]["y"], strict=True)
            places = [(x - left, side * (y - up)) for x, y in moon]
            assert len(places) == 20
            for x, y in places:
                assert math.hypot(x, y) == near(1, abs=1e-3)
                assert y > -1e-3

    @pytest.mark.claims(
        "The thick line is its border, on the thin ones it is sure of a moon by seven "
        "to one, and a star marks the least validation loss.",
        page="capacity",
    )
    def test_lines(self) -> None:
        """Odds of e² are 7 to 1, and with one node the lines are straight."""
        levels = capacity.moons_border.given["levels"]
        odds = {name: math.exp(level) for name, level in levels.items()}
        assert odds["border"] == 1
        assert round(odds["sure_lower"]) == round(1 / odds["sure_upper"]) == 7
        numbers = capacity.moons_border(width=1, steps=120)
        for name in ("border", "sure_upper"):
            # The score of one node is constant along straight lines.
            x, y = (np.array(numbers[name][axis]) for axis in "xy")
            assert len(x) > 20
            slope, intercept = np.polyfit(y, x, 1)
            assert abs(x - slope * y - intercept).max() < 0.02
        least = min(numbers["validation"])
        assert numbers["best"]["loss"] == least
        assert numbers["validation"][numbers["best"]["step"]] == least
        early = capacity.moons_border(early=True)
        stopped = capacity.moons_border(steps=early["best"]["step"])
        assert early["border"] == stopped["border"] != capacity.moons_border()["border"]

    @pytest.mark.claims(
        "With the other settings as at first, one node is too few for the moons, and "
        "with twelve the validation loss rises in the end while the training loss "
        "falls.",
        page="capacity",
    )
    def test_too_few_and_too_many(self) -> None:
        """One node stays far above what four reach; twelve go on past their best."""
        one, four, twelve = (
            capacity.moons_border(width=width, steps=120) for width in (1, 4, 12)
        )
        assert min(one["training"]) > 2 * four["loss"]
        assert min(one["validation"]) > 2 * four["best"]["loss"]
        best = twelve["best"]["step"]
        assert twelve["validation_loss"] > 1.2 * twelve["best"]["loss"]
        assert twelve["loss"] < 0.8 * twelve["training"][best]
