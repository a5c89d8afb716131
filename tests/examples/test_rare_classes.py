"""The worked examples of the chapter, against numbers worked by hand."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.datasets import digits
from gdbook.examples.rare_classes import (
    BaseRates,
    Ranking,
    RareDigit,
    Screening,
    ThresholdCosts,
    _answered,
    _Plan,
    base_rates,
    ranking,
    rare_digit,
    screening,
    threshold_costs,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("0.965", "0.98", "1/3", "6/13", "49/2", "93/112", "0.1")


class TestScreening:
    """Of 1000 people 20 are ill; 15 of them get a yes, and 30 of the others."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        test = screening()
        assert isinstance(test, Screening)
        assert test[:6] == (15, 30, 5, 950, 1000, 20)
        # (15 + 950)/1000, and 980/1000
        assert (test.accuracy, test.accuracy_of_no) == (
            Fraction(193, 200),
            Fraction(49, 50),
        )
        # F1 is 2 over 3 + 4/3, the mean (4 + 9)/24.
        assert (test.precision, test.recall) == (Fraction(1, 3), Fraction(3, 4))
        assert (test.f1, test.mean) == (Fraction(6, 13), Fraction(13, 24))
        assert test.false_alarm_rate == Fraction(3, 98)
        # Yes to all: 1/50 and 1, whose means are 51/100 and 2/51.
        assert test.precision_of_yes == Fraction(1, 50)
        assert test.mean_of_yes == Fraction(51, 100)
        assert test.f1_of_yes == Fraction(2, 51)

    def test_other_counts(self) -> None:
        """Two of three ill, one of two healthy."""
        test = screening(2, 1, 1, 1)
        assert (test.n_people, test.n_ill) == (5, 3)
        assert (test.accuracy, test.accuracy_of_no) == (Fraction(3, 5), Fraction(2, 5))
        assert test.precision == test.recall == test.f1 == Fraction(2, 3)
        assert test.false_alarm_rate == Fraction(1, 2)
        assert test.f1_of_yes == Fraction(3, 4)


class TestBaseRates:
    """A yes multiplies the odds."""

    def test_every_number_of_the_book(self) -> None:
        """3/4 over 3/98 is 49/2; the odds are 1, 1/49 and 1/999."""
        assert base_rates() == BaseRates(
            rates=(Fraction(1, 2), Fraction(1, 50), Fraction(1, 1000)),
            recall=Fraction(3, 4),
            false_alarm_rate=Fraction(3, 98),
            factor=Fraction(49, 2),
            odds_before=(1, Fraction(1, 49), Fraction(1, 999)),
            odds_after=(Fraction(49, 2), Fraction(1, 2), Fraction(49, 1998)),
            precisions=(Fraction(49, 51), Fraction(1, 3), Fraction(49, 2047)),
        )

    def test_floats(self) -> None:
        """3/4 over 1/8 is 6; odds of 1/3 become 2, a share of 2/3."""
        found = base_rates((0.25,), 0.75, 0.125)
        assert found.factor == 6
        assert found.odds_after == near((2,))
        assert found.precisions == near((2 / 3,))


class TestRanking:
    """Yes, yes, no, yes, no, no, yes, no, no, no."""

    def test_every_number_of_the_book(self) -> None:
        """(1 + 1 + 3/4 + 4/7)/4 is 93/112."""
        ranked = ranking()
        assert isinstance(ranked, Ranking)
        found = (1, 2, 2, 3, 3, 3, 4, 4, 4, 4)
        assert ranked.precisions == tuple(
            Fraction(true, number) for number, true in enumerate(found, 1)
        )
        assert ranked.recalls == tuple(Fraction(true, 4) for true in found)
        # Twice what was found, over as many as got a yes and the four that are true.
        assert ranked.f1s == tuple(
            Fraction(2 * true, number + 4) for number, true in enumerate(found, 1)
        )
        assert ranked.average == Fraction(93, 112)
        assert ranked.base_rate == Fraction(2, 5)
        assert (ranked.best, ranked.f1s[ranked.best]) == (3, Fraction(3, 4))

    def test_order_does_not_matter(self) -> None:
        """Samples are sorted by their scores: no, yes, no."""
        ranked = ranking((1, 3, 2), (0, 0, 1))
        assert (ranked.scores, ranked.targets) == ((3, 2, 1), (0, 1, 0))
        assert ranked.precisions == (0, Fraction(1, 2), Fraction(1, 3))
        assert ranked.average == Fraction(1, 2)

    @pytest.mark.parametrize(
        ("scores", "targets", "name", "says"),
        [
            ((1, 1), (0, 1), "scores", "is (1, 1) but no two of them may be equal"),
            ((1, 2), (0, 0), "targets", "is (0, 0) but must hold 0 and 1, and a 1"),
            ((1, 2), (1, 2), "targets", "is (1, 2) but must hold 0 and 1, and a 1"),
        ],
    )
    def test_refuses(self, scores: Any, targets: Any, name: str, says: str) -> None:
        """Equal scores have no order, and recall is a share of what is true."""
        with refused(ValueError, name, says):
            ranking(scores, targets)


class TestRareDigit:
    """One digit among all others, made rare."""

    def test_every_number_of_the_book(self) -> None:
        """There are 174 eights among 1797 digits."""
        found = rare_digit(num_seeds=2)
        assert isinstance(found, RareDigit)
        assert (found.digit, found.n_rare) == (8, 33)
        assert found.n_samples == 1797 - 174 + 33
        assert found.accuracy_of_no == 1 - 33 / 1656
        assert_plain(found)

    def test_scores_follow_from_the_answers(self) -> None:
        """Counted anew from the scores of all pictures."""
        found = rare_digit(num_seeds=2)
        for seed in range(2):
            scores, targets = _answered(8, 33, _Plan(), seed)
            says, true = scores[:, 0] > 0, targets[:, 0] == 1
            hits, alarms = int((says & true).sum()), int((says & ~true).sum())
            assert found.true_positives[seed] == hits
            assert found.false_positives[seed] == alarms
            assert found.recalls[seed] == hits / 33
            assert found.precisions[seed] == hits / (hits + alarms)
            assert found.f1s[seed] == 2 * hits / (33 + hits + alarms)
            assert found.accuracies[seed] == float(np.mean(says == true))
            order = np.argsort(-scores[:, 0])
            at = np.flatnonzero(true[order])
            assert found.averages[seed] == near(np.mean(np.arange(1, 34) / (at + 1)))
            assert found.curve_recalls[seed][-1] == 1
            assert found.curve_precisions[seed][-1] == 33 / 1656

    def test_every_picture_is_answered_once(self) -> None:
        """All others, and as many of the digit as are kept."""
        scores, targets = _answered(3, 7, _Plan(num_epochs=1), seed=1)
        others = int((digits().labels != 3).sum())
        assert targets.sum() == 7
        assert scores.shape == targets.shape == (others + 7, 1)
        assert np.isfinite(scores).all()

    def test_copies_say_yes_earlier(self) -> None:
        """With more weight on what is true the scores are higher."""
        once, often = (
            _answered(8, 33, _Plan(copies=copies, num_epochs=5), seed=0)[0].mean()
            for copies in (1, 9)
        )
        assert often > once

    def test_refuses(self) -> None:
        """A digit is one, and has so many pictures."""
        with refused(ValueError, "digit", "is 10 but must be at most 9"):
            rare_digit(digit=10)
        with refused(ValueError, "n_rare", "is 175 but there are only 174 pictures"):
            rare_digit(n_rare=175)
        with refused(ValueError, "n_rare", "is 4 but must be at least 5"):
            rare_digit(n_rare=4)


class TestThresholdCosts:
    """A miss costs more than a false alarm."""

    def test_every_number_of_the_book(self) -> None:
        """1/(1 + 9), and 9 · 33 for no to all."""
        costs = threshold_costs(num_seeds=2)
        assert isinstance(costs, ThresholdCosts)
        assert (costs.forecast, costs.cost_of_no) == (0.1, 297)
        assert costs.thresholds[::49] == (0.01, 0.5, 0.99)
        assert costs.at_half == tuple(row[49] for row in costs.costs)
        assert costs.at_forecast == tuple(row[9] for row in costs.costs)
        assert costs.least == tuple(map(min, costs.costs))
        assert_plain(costs)

    def test_costs_are_counted(self) -> None:
        """At a half, nine for each that is missed and one for each alarm."""
        costs, found = threshold_costs(num_seeds=2), rare_digit(num_seeds=2)
        assert costs.at_half == tuple(
            9 * (33 - hits) + alarms
            for hits, alarms in zip(
                found.true_positives, found.false_positives, strict=True
            )
        )

    def test_other_costs(self) -> None:
        """Where a miss costs a third of an alarm, a yes needs three quarters."""
        costs = threshold_costs(Fraction(1, 3), num_seeds=2)
        assert costs.forecast == Fraction(3, 4)
        assert costs.cost_of_no == 11
        scores, targets = _answered(8, 33, _Plan(), 1)
        says, true = scores[:, 0] > math.log(3), targets[:, 0] == 1
        expected = Fraction(int((~says & true).sum()), 3) + int((says & ~true).sum())
        assert costs.at_forecast[1] == expected
