"""What is there to learn from? Real data that comes with scikit-learn, and two moons.

Each set is loaded from scikit-learn's own files; nothing is fetched. scikit-learn is
imported when a set is asked for.
"""

from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Number
from gdbook._extras import need

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
    need("sklearn", "data")
    from sklearn.datasets import load_digits  # noqa: PLC0415 (only who asks pays)

    found = load_digits()
    darkest = 16
    return Dataset(
        found.data / darkest,
        one_hot(found.target, 10),
        found.target,
        tuple(found.feature_names),
    )


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
    need("sklearn", "data")
    from sklearn.datasets import load_breast_cancer  # noqa: PLC0415

    found = load_breast_cancer()
    targets = found.target.astype(float)[:, None]
    return Dataset(
        found.data, targets, found.target, tuple(map(str, found.feature_names))
    )


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
    need("sklearn", "data")
    from sklearn.datasets import load_diabetes  # noqa: PLC0415

    found = load_diabetes(scaled=False)
    return Dataset(found.data, found.target[:, None], None, tuple(found.feature_names))


def moons(n_samples: int = 200, *, noise: Number = 0.2, seed: int = 0) -> Dataset:
    """Draw points on two half moons that no line can part.

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
    need("sklearn", "data")
    from sklearn.datasets import make_moons  # noqa: PLC0415

    n_samples = _checks.count("n_samples", n_samples, least=2)
    noise = _checks.not_negative("noise", noise)
    seed = _checks.count("seed", seed)
    inputs, labels = make_moons(n_samples, noise=float(noise), random_state=seed)
    return Dataset(inputs, labels.astype(float)[:, None], labels, ("first", "second"))


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
    n_classes = _checks.count("n_classes", n_classes, least=1)
    chosen = _checks.counts("labels", labels)
    if max(chosen) >= n_classes:
        msg = f"`labels` holds {max(chosen)} but must be less than {n_classes}"
        raise ValueError(msg)
    return np.eye(n_classes)[chosen]
