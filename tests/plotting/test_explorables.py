"""What every interactive figure declares, and its numbers against those by hand."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from bad_input import NOT_A_NUMBER, Refusal, not_a_count, refused
from near import near

from gdbook import explorables
from gdbook.explorables import learning_rate, weight_update
from gdbook.explorables._parts import Choice, Explorable, Slider, Steps, Toggle
from gdbook.explorables.linear_regression import grades

FIGURES = explorables.figures()
BAD: dict[type, list[Refusal]] = {
    Slider: NOT_A_NUMBER,
    Steps: not_a_count(0),
    Toggle: [(1, TypeError, "is 1 but must be True or False")],
    Choice: [],
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
        names |= set(figure.carries) | set(figure.carries.values())
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
        names = {
            (True, False): "creeps",
            (False, False): "swings",
            (False, True): "wider",
        }
        assert list(dict.fromkeys(map(names.__getitem__, regimes))) == list(
            names.values()
        )

    def test_a_step_that_lands(self) -> None:
        """Where the slope is 0 to the last bit, the other steps stay there."""
        numbers = learning_rate.bound(learning_rate=0.056, steps=30)
        assert len(numbers["weights"]) == len(numbers["losses"]) == 31
        assert numbers["losses"][-1] < 1e-25
