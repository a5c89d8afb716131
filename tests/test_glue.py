"""The numbers of worked examples, for the sentences of a page."""

import math
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from bad_input import refused
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from gdbook.glue import defaults, glue
from gdbook.traces import trace


@trace
class Step(NamedTuple):
    """A trace of a number, a text and a tuple."""

    update: float
    stopped: str
    weights: tuple[Any, ...]


@pytest.fixture(name="page")
def fixture_page() -> Iterator[None]:
    """Offer the shell that a page runs in."""
    config = Config()
    config.HistoryManager.enabled = False  # nothing is written to the home folder
    InteractiveShell.clear_instance()
    InteractiveShell.instance(config=config)
    yield
    InteractiveShell.clear_instance()


def glued(**examples: Any) -> dict[str, str]:
    """Return the texts that `glue` offers, under their keys."""
    with capture_output() as captured:
        glue(**examples)
    prefix = "application/papermill.record/"
    texts = {}
    for output in captured.outputs:
        assert set(output.data) == {prefix + "text/plain"}  # offered, not shown
        texts[output.metadata["scrapbook"]["name"]] = output.data[prefix + "text/plain"]
    return texts


def example(start: float = 0.5, rates: tuple[float, ...] = (1.0, 2.0)) -> Step:
    """Return a trace of the defaults."""
    return Step(update=start / 4, stopped="flat", weights=(rates, 7))


def shadowing(update: float = 3.0) -> Step:
    """Return a trace whose first field has the name of the argument."""
    return Step(update=update + 1, stopped="", weights=())


def needing(rate: float) -> Step:
    """Ask for what no page gives."""
    return Step(update=rate, stopped="", weights=())


def wrong() -> list[float]:
    """Return no trace."""
    return [1.0]


@pytest.mark.usefixtures("page")
class TestGlue:
    """Offer the numbers of worked examples to the sentences of a page."""

    def test_function(self) -> None:
        """A function offers its results, its arguments, and the items of tuples."""
        assert glued(step=example) == {
            "step.start": "0.5",
            "step.rates": "(1, 2)",
            "step.rates.0": "1",
            "step.rates.1": "2",
            "step.rates.-1": "2",
            "step.update": "0.125",
            "step.stopped": "flat",
            "step.weights": "((1, 2), 7)",
            "step.weights.0": "(1, 2)",
            "step.weights.0.0": "1",
            "step.weights.0.1": "2",
            "step.weights.0.-1": "2",
            "step.weights.1": "7",
            "step.weights.-1": "7",
        }

    def test_trace(self) -> None:
        """A trace offers its fields; a text has no quotes, in a tuple neither."""
        assert glued(run=Step(0.1 + 0.2, "out of steps", ("up",))) == {
            "run.update": "0.3",
            "run.stopped": "out of steps",
            "run.weights": "(up,)",
            "run.weights.0": "up",
            "run.weights.-1": "up",
        }

    def test_trace_in_a_trace(self) -> None:
        """The fields of a trace inside a trace have both names."""
        inner = Step(2.0, "flat", ())
        texts = glued(run=Step(1.0, "", (inner,)))
        assert texts["run.weights.0.update"] == "2"
        assert texts["run.weights.0.stopped"] == "flat"

    def test_numbers(self) -> None:
        """A number, a text or a tuple stands under its name alone."""
        assert glued(a=0.1 + 0.2, b=Fraction(1, 3), c="flat", d=-7, e=(1, 2.0)) == {
            "a": "0.3",
            "b": "1/3",
            "c": "flat",
            "d": "-7",
            "e": "(1, 2)",
            "e.0": "1",
            "e.1": "2",
            "e.-1": "2",
        }

    def test_result_before_argument(self) -> None:
        """A result takes the place of an argument of the same name."""
        assert glued(run=shadowing)["run.update"] == "4"

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            (None, "is None but must be a trace, a number or a function"),
            (True, "is True but must be a trace, a number or a function"),
            ([1], "is [1] but must be a trace, a number or a function"),
            (1j, "is 1j but must be a trace, a number or a function"),
            (wrong, "is [1.0] but must be a trace, a number or a function"),
        ],
    )
    def test_refuses(self, bad: Any, says: str) -> None:
        """What holds no numbers is refused under its name."""
        with refused(TypeError, "x", says):
            glued(x=bad)

    def test_refuses_missing_default(self) -> None:
        """A function that cannot run with its defaults is refused."""
        says = f"is {needing!r} but `rate: float` has no default"
        with refused(TypeError, "x", says):
            glued(x=needing)

    def test_refuses_nan(self) -> None:
        """A number that is none does not reach a page."""
        with refused(ValueError, "x.1", "is nan but must be finite"):
            glued(x=(1, math.nan))

    @pytest.mark.parametrize("name", ["a b", "a.b", "a:.2f", "1", ""])
    def test_refuses_names(self, name: str) -> None:
        """A name which a page would read as more than a name is refused."""
        with refused(ValueError, name, "must be a name without dots, colons or spaces"):
            glued(**{name: 1})

    def test_odd_numbers(self) -> None:
        """What no float holds, and negative zero, have texts."""
        assert glued(x=(Fraction(10**5000, 7), -(10**6000), -0.0, 5e-324)) == {
            "x": "(1.42857142857e+4999, -1e+6000, 0, 4.94065645841e-324)",
            "x.0": "1.42857142857e+4999",
            "x.1": "-1e+6000",
            "x.2": "0",
            "x.3": "4.94065645841e-324",
            "x.-1": "4.94065645841e-324",
        }


SCRIPT = """
import sys
from gdbook.examples.weight_update import weight_update
from gdbook.glue import glue

{before}
glue(step=weight_update, number=0.5)
try:
    glue(wrong=[1])
except TypeError as error:
    print(error)
print("myst_nb.ext.glue" in sys.modules)
"""
CELLS_RUN = """
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance()
"""


class TestElsewhere:
    """Where no page is being built, nothing is offered, and bad input is refused."""

    @pytest.mark.parametrize(
        "before",
        [
            "import IPython, myst_nb",
            "sys.modules['myst_nb'] = sys.modules['IPython'] = None",
            f"sys.modules['myst_nb'] = None\n{CELLS_RUN}",
        ],
        ids=["no cell runs", "nothing is installed", "MyST-NB is not installed"],
    )
    def test_harmless(self, before: str) -> None:
        """A script prints what it prints without gluing, and imports nothing for it."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT.format(before=before)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == (
            "`wrong` is [1] but must be a trace, a number or a function\nFalse\n"
        )
        assert done.stderr == ""

    @pytest.mark.usefixtures("page")
    @pytest.mark.parametrize("missing", ["IPython.core.interactiveshell", "myst_nb"])
    def test_missing(self, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is not installed is not missed."""
        with capture_output() as captured:
            monkeypatch.setitem(sys.modules, missing, None)
            glue(number=0.5)
            monkeypatch.undo()
        assert captured.outputs == []

    def test_no_shell(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a shell that runs cells, nothing is shown."""
        InteractiveShell.clear_instance()
        glue(number=0.5)
        assert capsys.readouterr() == ("", "")

    @pytest.mark.usefixtures("page")
    def test_all_or_nothing(self) -> None:
        """Nothing is offered when one of the examples is refused."""
        says = "is [1] but must be a trace, a number or a function"
        with capture_output() as captured, refused(TypeError, "wrong", says):
            glue(right=1, wrong=[1])
        assert captured.outputs == []


def test_defaults_of_an_example() -> None:
    """They are those of its signature, by name, where there are any."""
    assert defaults(example) == {"start": 0.5, "rates": (1.0, 2.0)}

    def partly(value: float, rate: float = 0.1, *, steps: int = 3) -> float:
        return value * rate * steps

    assert defaults(partly) == {"rate": 0.1, "steps": 3}
