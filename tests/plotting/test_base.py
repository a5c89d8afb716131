"""The style that all figures share."""

import pytest
from drawings import ROUNDED
from near import near

from gdbook.examples import adaptive_rates, momentum, racing_rules
from gdbook.examples.in_keras import SameLosses
from gdbook.examples.slopes import dark_field
from gdbook.plotting import _base
from gdbook.plotting import adaptive_rates as draw_adaptive
from gdbook.plotting import in_keras as draw_keras
from gdbook.plotting import momentum as draw_momentum
from gdbook.plotting import racing_rules as draw_race
from gdbook.plotting import slopes as draw
from gdbook.plotting._base import DARK


def luminance(color: str) -> float:
    """Return the relative luminance that WCAG 2.2 defines."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio that WCAG 2.2 defines, from 1 to 21."""
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


class TestColours:
    """The contrast with the paper is at least 4.5."""

    def test_definition(self) -> None:
        """Black on white has 21, and WCAG's own example of grey just 4.5."""
        assert contrast("#000000", "#ffffff") == near(21, rel=ROUNDED)
        assert contrast("#767676", "#ffffff") >= 4.5 > contrast("#777777", "#ffffff")

    @pytest.mark.parametrize(
        "color", ["INK", "MUTED", "BLUE", "RED", "GREEN", "PURPLE"]
    )
    def test_contrast(self, color: str) -> None:
        """Every colour of words can be read on its paper, light and dark."""
        light = getattr(_base, color)
        assert contrast(light, _base.PAPER) >= 4.5
        assert contrast(DARK[light], DARK[_base.PAPER]) >= 4.5

    def test_paper(self) -> None:
        """Light paper is white, and every colour has a dark shade of its own."""
        assert _base.PAPER == "#ffffff"
        assert len(set(DARK.values())) == len(DARK) == 8


def test_style() -> None:
    """A figure is drawn in the book's style, on transparent paper."""
    figure = draw.walk(dark_field())
    assert figure.patch.get_alpha() is None
    assert figure.get_facecolor() == (0, 0, 0, 0)
    assert not figure.axes[0].spines["top"].get_visible()
    assert figure.axes[0].xaxis.label.get_color() == _base.INK


def test_any_axes_will_do() -> None:
    """A figure that needs no special axes draws on those that are given."""
    ax = _base.Figure().add_subplot(projection="polar")
    assert draw.walk(dark_field(), ax) is ax.figure


class TestMeanings:
    """A colour and a shape mean the same in every figure that compares."""

    def test_rules_keep_their_look(self) -> None:
        """The line of a rule looks the same in every race."""
        rates = (0.46, 0.02, 0.32, 6, 0.0013, 0.25)
        walks = (adaptive_rates.adam(), adaptive_rates.adagrad())
        rolls = momentum.three_rules()
        ours = ((0.5, 0.25),) * 2
        keras = SameLosses(("descent", "Adam"), ours, ours, (0, 0), 33, 4, (0.1, 0.01))
        figures = (
            draw_race.rule_losses(racing_rules.side_by_side(rates, num_steps=20)),
            draw_adaptive.steady_steps(adaptive_rates.steady_slope(num_steps=20)),
            draw_adaptive.weights_over_steps(walks),
            draw_race.online_walk(racing_rules.reddi()),
            draw_momentum.rolling_losses(rolls),
            draw_momentum.rolling_paths(rolls),
            draw_keras.keras_losses(keras),
        )
        looks: dict[str, set[tuple[object, ...]]] = {}
        for figure in figures:
            for line in figure.axes[0].lines:
                name, look = str(line.get_label()), line.get_linestyle()
                if not name.startswith("_"):
                    looks.setdefault(name, set()).add((line.get_color(), look))
        assert all(len(found) == 1 for found in looks.values()), looks
        assert looks.pop("heavy ball") == looks["momentum"]
        assert "Adam, uncorrected" in looks
        # Lines that can be told apart have looks that can.
        assert len({look for (look,) in looks.values()}) == len(looks)
