"""What is there to learn from? Real data, and two moons.

The real sets lie in the package's folder `data`, beside a text that says where each is
from and under which licence. They are those of scikit-learn, number by number, and so
are the moons.
"""

import gzip
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, shown
from gdbook._samples import classes, how_many, random_state

__all__ = ["Dataset", "breast_cancer", "diabetes", "digits", "moons", "one_hot"]


class Dataset(NamedTuple):
    """Samples and what is true of them.

    Parameters
    ----------
    inputs : array of float, shape (n_samples, n_inputs)
        One row for each sample.
    targets : array of float, shape (n_samples, n_outputs)
        What a network should say.
    labels : array of int, shape (n_samples,), or None
        The class of each sample, where there are classes.
    names : tuple of str
        What each input is.
    """

    inputs: Any
    targets: Any
    labels: Any
    names: tuple[str, ...]


def digits() -> Dataset:
    """Load 1797 pictures of handwritten digits, 8 by 8 pixels each.

    The inputs are the pixels from 0, white, to 1, black; the targets have a 1 in the
    column of the digit.

    Returns
    -------
    Dataset
        Inputs of shape (1797, 64) and targets of shape (1797, 10).

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
       Machine Learning Repository (1998).

    Examples
    --------
    >>> data = digits()
    >>> data.inputs.shape, data.targets.shape, data.labels[:3].tolist()
    ((1797, 64), (1797, 10), [0, 1, 2])
    """
    names, shades, labels = _read("digits")
    darkest = 16
    labels = labels.astype(np.int64)
    return Dataset(shades / darkest, one_hot(labels, 10), labels, names)


def breast_cancer() -> Dataset:
    """Load 569 tumours, each measured in 30 ways, and whether it is benign.

    Returns
    -------
    Dataset
        Inputs of shape (569, 30) in the units of the microscope, and targets of shape
        (569, 1): 1 for benign, 0 for malignant.

    References
    ----------
    .. [1] W. N. Street, W. H. Wolberg and O. L. Mangasarian, "Nuclear feature
       extraction for breast tumor diagnosis", SPIE 1905 (1993).

    Examples
    --------
    >>> data = breast_cancer()
    >>> data.inputs.shape, int(data.targets.sum()), data.names[0]
    ((569, 30), 357, 'mean radius')
    """
    names, inputs, benign = _read("breast_cancer")
    return Dataset(inputs, benign[:, None], benign.astype(np.int64), names)


def diabetes() -> Dataset:
    """Load 442 patients, and how far their diabetes has gone after a year.

    Returns
    -------
    Dataset
        Inputs of shape (442, 10), each in its own unit, and targets of shape (442, 1),
        a score from 25 to 346.

    References
    ----------
    .. [1] B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least angle
       regression", Annals of Statistics 32 (2004).

    Examples
    --------
    >>> data = diabetes()
    >>> data.inputs.shape, float(data.targets.max()), data.names[:3]
    ((442, 10), 346.0, ('age', 'sex', 'bmi'))
    """
    names, inputs, scores = _read("diabetes")
    return Dataset(inputs, scores[:, None], None, names)


def _read(name: str) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Read what the inputs are, the inputs, and the target of each sample."""
    packed = (files("gdbook") / "data" / f"{name}.csv.gz").read_bytes()
    first, *rows = gzip.decompress(packed).decode("ascii").splitlines()
    table = np.loadtxt(rows, delimiter=",")
    return tuple(first.split(",")[:-1]), table[:, :-1].copy(), table[:, -1].copy()


def moons(n_samples: int = 200, *, noise: Number = 0.2, seed: int = 0) -> Dataset:
    """Draw points on two half moons that reach into each other.

    Parameters
    ----------
    n_samples : int, default 200
        How many points, half of them on each moon; 2 or more.
    noise : number, default 0.2
        The standard deviation of what moves each point off its moon, 0 or more.
    seed : int, default 0
        What the random numbers start from, 0 or more.

    Returns
    -------
    Dataset
        Inputs of shape (n_samples, 2) and targets of shape (n_samples, 1): 1 for the
        lower moon.

    Examples
    --------
    >>> data = moons(100)
    >>> data.inputs.shape, data.targets.mean()
    ((100, 2), np.float64(0.5))
    """
    n_samples = how_many("n_samples", n_samples, least=2)
    noise = _checks.not_negative("noise", noise)
    if noise > 1e300:
        msg = f"`noise` is {shown(noise)} but must be at most 1e300"
        raise ValueError(msg)
    generator = random_state(seed)
    n_upper = n_samples // 2
    upper = np.linspace(0, np.pi, n_upper)
    lower = np.linspace(0, np.pi, n_samples - n_upper)
    firsts = np.append(np.cos(upper), 1 - np.cos(lower))
    seconds = np.append(np.sin(upper), 1 - np.sin(lower) - 0.5)
    labels = np.repeat([0, 1], [n_upper, n_samples - n_upper])
    order = generator.permutation(np.arange(n_samples))
    points = np.column_stack([firsts, seconds])[order]
    inputs = points + generator.normal(scale=float(noise), size=points.shape)
    labels = labels[order]
    return Dataset(inputs, labels[:, None].astype(float), labels, ("first", "second"))


def one_hot(labels: Any, n_classes: int) -> Any:
    r"""Write each class as a row with a single 1.

    .. math:: y_{ik} = \begin{cases} 1 & k = c_i \\ 0 & \text{otherwise} \end{cases}

    Parameters
    ----------
    labels : array of int, shape (n_samples,)
        The class of each sample, from 0 to `n_classes` − 1.
    n_classes : int
        How many classes there are, 1 or more.

    Returns
    -------
    array of float, shape (n_samples, n_classes)
        The targets.

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    n_classes = how_many("n_classes", n_classes, least=1)
    chosen = classes(labels)
    if chosen.max() >= n_classes:
        msg = (
            f"`labels` holds {chosen.max()} but must be less than {n_classes}; "
            f"{n_classes} classes are numbered from 0 to {n_classes - 1}"
        )
        raise ValueError(msg)
    targets = np.zeros((len(chosen), n_classes))
    targets[np.arange(len(chosen)), chosen] = 1
    return targets
