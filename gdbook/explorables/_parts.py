"""What a figure is put together from: controls, readouts, handles, and its marks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import matplotlib as mpl

from gdbook import _checks
from gdbook._checks import shown
from gdbook.explorables._print import power, printed
from gdbook.explorables._stage import STYLE, Drawn, Stage

Numbers: TypeAlias = dict[str, Any]
State: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Slider:
    """A number on a scale; descent may carry it farther, and an address `most`.

    With `powers` it is the exponent of a power of ten, and shown as that power.
    """

    name: str
    label: str
    start: float
    low: float
    high: float
    step: float
    most: float = 0
    powers: bool = False
    kind = "range"

    def text(self, value: float) -> str:
        """Write a value as it is shown and spoken."""
        return power(10.0**value) if self.powers else printed(value)

    def check(self, value: Any) -> float:
        """Return a number that an address may hold."""
        value = _checks.number(self.name, value)
        low, high = (-self.most, self.most) if self.most else (self.low, self.high)
        if not low <= value <= high:
            msg = f"`{self.name}` is {shown(value)} but must be from {low} to {high}"
            raise ValueError(msg)
        return float(value)


@dataclass(frozen=True)
class Steps:
    """How many steps to show, which playing raises one by one."""

    name: str
    label: str
    start: int
    high: int
    low = 0
    step = 1
    most = 0
    powers = False
    kind = "range"

    def text(self, value: float) -> str:
        """Write a value as it is shown and spoken."""
        return printed(value)

    def check(self, value: Any) -> int:
        """Return a whole number of steps that there is room for."""
        count = _checks.count(self.name, value)
        if count > self.high:
            msg = f"`{self.name}` is {shown(value)} but must be at most {self.high}"
            raise ValueError(msg)
        return count


@dataclass(frozen=True)
class Toggle:
    """Something that is shown, or not."""

    name: str
    label: str
    start: bool = False
    kind = "checkbox"

    def check(self, value: Any) -> bool:
        """Return True or False."""
        return _checks.choice(self.name, value)


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    name: str
    label: str
    options: tuple[str, ...]
    kind = "select"

    @property
    def start(self) -> str:
        """The first name."""
        return self.options[0]

    def check(self, value: Any) -> str:
        """Return one of the names."""
        if value not in self.options:
            listed = ", ".join(map(repr, self.options))
            msg = f"`{self.name}` is {shown(value)} but must be one of: {listed}"
            raise ValueError(msg)
        return str(value)


@dataclass(frozen=True)
class Log:
    """Numbers that steps have noted, one after the other, with ``_`` between them.

    It has no input of its own, and is empty at the start, and again when the control
    `anew` is moved.
    """

    name: str
    low: float
    high: float
    most: int
    anew: str = ""
    start = ""
    kind = "hidden"

    def check(self, value: Any) -> str:
        """Return a text of numbers that there is room for."""
        try:
            noted = [float(each) for each in value.split("_")] if value else []
            good = isinstance(value, str) and len(noted) <= self.most
        except (AttributeError, ValueError):
            good = False
        if not good or not all(self.low <= each <= self.high for each in noted):
            msg = (
                f"`{self.name}` is {shown(value)} but must be numbers with _ between "
                f"them; at most {self.most}, each from {self.low} to {self.high}"
            )
            raise ValueError(msg)
        return str(value)


Control: TypeAlias = Slider | Steps | Toggle | Choice | Log


class Readout(NamedTuple):
    """A number, or a row of them, that is printed beside the drawing.

    With `powers` one that is tiny or huge is printed with a power of ten.
    """

    name: str
    label: str
    decimals: int = 4
    powers: bool = False


class Handle(NamedTuple):
    """A round mark that is dragged, at a place of the numbers.

    It moves the control `across` to where it is along the horizontal axis, and `up` to
    where it is along the vertical one. With neither, the script says what it moves.
    """

    says: str
    x: str
    y: str
    across: str = ""
    up: str = ""
    moves: str = ""
    panel: int = 0


class Task(NamedTuple):
    """Something to find, a setting at which it is found, and the words for that."""

    solved: Mapping[str, Any]
    words: str


class Words(NamedTuple):
    """What a figure shows: what stays, and what its numbers say at the start."""

    scene: str
    said: str


@dataclass(frozen=True)
class Explorable:
    """A figure that a reader can work.

    Parameters
    ----------
    name : str
        The chapter and the figure, as its script and its place on the page are called.
    controls : tuple of controls
        What the reader can set, with what it is at the start.
    compute : function
        Gives the numbers from a setting of all controls, by the library.
    draw : function
        Draws the marks on a stage, and gives the words for the start.
    readouts : tuple of Readout, optional
        The numbers that are printed beside the drawing.
    handles : tuple of Handle, optional
        What can be dragged.
    given : dict, optional
        Numbers that do not depend on a control.
    carries : dict, optional
        Which control takes which number in a step; without, a step is one more of
        `Steps`, where there are such.
    does : str, optional
        What the reader does in a step, where each is a choice; then nothing plays.
    task : Task, optional
        What the figure says when it is found.
    short : bool, default False
        Whether two lines of a phone have room for whatever it says, not four.
    """

    name: str
    controls: tuple[Control, ...]
    compute: Callable[..., Numbers]
    draw: Callable[[Stage], Words]
    readouts: Sequence[Readout] = ()
    handles: Sequence[Handle] = ()
    given: Numbers = field(default_factory=dict)
    carries: Mapping[str, str] = field(default_factory=dict)
    does: str = ""
    task: Task | None = None
    short: bool = False

    def __call__(self, **state: Any) -> Numbers:
        """Return the numbers of a setting; what is not given is as at the start."""
        known = {control.name: control for control in self.controls}
        for name in state.keys() - known.keys():
            msg = f"`{name}` is no control of {self.name}: {', '.join(known)}"
            raise TypeError(msg)
        return self.compute(
            **{
                name: control.check(state.get(name, control.start))
                for name, control in known.items()
            }
        )

    @property
    def start(self) -> State:
        """What the controls are set to at the start."""
        return {control.name: control.start for control in self.controls}

    @property
    def plays(self) -> str:
        """The control that playing raises, if there is one."""
        names = [one.name for one in self.controls if isinstance(one, Steps)]
        return names[0] if names else ""

    @property
    def can_play(self) -> bool:
        """Whether there are steps that follow each other without the reader."""
        return bool(self.plays or (self.carries and not self.does))

    @cached_property
    def drawn(self) -> Drawn:
        """The panels at the start, and their words."""
        stage = Stage(self.name, self.given | self.start | self())
        with mpl.rc_context(STYLE):
            words = self.draw(stage)
            return stage.done(words.scene, words.said)
