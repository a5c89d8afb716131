"""Look at what is said of samples: how many, drawn from what, of which classes."""

from numbers import Integral
from typing import Any

import numpy as np

from gdbook import _checks
from gdbook._checks import shown

MOST = 2**31 - 1  # what an index holds on every platform
FROM_0 = "np.unique(labels, return_inverse=True)[1] numbers the classes from 0"


def how_many(name: str, value: Any, *, least: int) -> int:
    """Return a number of things that an array can hold."""
    number = _checks.count(name, value, least=least)
    if number > MOST:
        msg = f"`{name}` is {shown(number)} but must be at most {MOST}"
        raise ValueError(msg)
    return number


def random_state(seed: Any) -> np.random.RandomState:
    """Return the source of random numbers that scikit-learn draws from."""
    seed = _checks.count("seed", seed)
    if seed >= 2**32:
        msg = (
            f"`seed` is {shown(seed)} but must be less than 2**32, "
            "the limit of NumPy's RandomState"
        )
        raise ValueError(msg)
    return np.random.RandomState(seed)


def classes(labels: Any) -> np.ndarray:
    """Return the class of each sample: whole numbers in a row, each 0 or more."""
    try:
        shape = np.shape(_checks.numbers("labels", labels))
    except _checks.NotFiniteError as error:
        msg = f"{error}; leave out the samples whose class is not known"
        raise _checks.NotFiniteError(msg) from None
    except TypeError as error:
        msg = f"{error}; {FROM_0}"
        raise TypeError(msg) from None
    if len(shape) != 1:
        msg = f"`labels` has shape {shape} but must have 1 dimensions"
        if len(shape) == 2:
            msg += f"; give labels.{'ravel()' if shape[1] == 1 else 'argmax(axis=1)'}"
        raise ValueError(msg)
    # As they were given: the check may make floats, which would round large ones.
    given = np.asarray(labels)
    if given.dtype.kind not in "iu":
        _all_whole(given.tolist())
    for at, wrong, words in (
        (given.argmin(), given.min() < 0, "at least 0"),
        (given.argmax(), given.max() >= 2**63, "less than 2**63"),
    ):
        if wrong:
            msg = f"`labels[{at}]` is {shown(int(given[at]))} but must be {words}"
            msg += f"; {FROM_0}"
            raise ValueError(msg)
    return given.astype(np.int64)


def _all_whole(labels: list[Any]) -> None:
    wrong = [pair for pair in enumerate(labels) if not isinstance(pair[1], Integral)]
    if wrong:
        at, worst = max(wrong, key=lambda pair: pair[1] != int(pair[1]))
        whole = worst == int(worst)
        cause = "np.asarray(labels, int) makes it one" if whole else FROM_0
        msg = f"`labels[{at}]` is {shown(worst)} but must be a whole number; {cause}"
        raise TypeError(msg)
