"""What there is to learn from."""

from typing import Any

import numpy as np
import pytest
from bad_input import NEGATIVE, NOT_NUMBERS, not_a_count, refused
from near import near
from sklearn.datasets import make_moons

from gdbook.datasets import (
    Dataset,
    breast_cancer,
    diabetes,
    digits,
    moons,
    one_hot,
)


class TestDigits:
    """Load 1797 pictures of handwritten digits, 8 by 8 pixels each."""

    def test_contents(self) -> None:
        """Pixels from 0 to 1, and a 1 in the column of the digit."""
        data = digits()
        assert type(data) is Dataset
        assert data.inputs.shape == (1797, 64)
        # The darkest of the 17 shades is 16/16, and all are sixteenths.
        assert (data.inputs.min(), data.inputs.max()) == (0, 1)
        assert set((16 * data.inputs).ravel().tolist()) == set(range(17))
        assert data.targets.shape == (1797, 10)
        assert set(data.targets.ravel().tolist()) == {0, 1}
        assert data.targets.sum(axis=1).tolist() == [1] * 1797
        assert data.targets.argmax(axis=1).tolist() == data.labels.tolist()
        # How often each digit occurs, as the description of the set says.
        expected = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
        assert data.targets.sum(axis=0).tolist() == expected
        assert data.names[0] == "pixel_0_0"
        assert len(data.names) == 64
        # The first picture is a zero: white at the corner, empty in the middle.
        assert data.labels[0] == 0
        assert data.inputs[0, [0, 2, 3, 27]].tolist() == [0, 5 / 16, 13 / 16, 0]


class TestBreastCancer:
    """Load 569 tumours, each measured in 30 ways, and whether it is benign."""

    def test_contents(self) -> None:
        """357 are benign and have a 1; 212 are malignant."""
        data = breast_cancer()
        assert type(data) is Dataset
        assert data.inputs.shape == (569, 30)
        assert data.targets.shape == (569, 1)
        assert data.targets.dtype == np.float64
        assert (data.targets == 1).sum() == 357
        assert (data.targets == 0).sum() == 212
        assert data.targets[:, 0].tolist() == data.labels.tolist()
        # The first tumour is malignant, with a mean radius of 17.99.
        assert data.inputs[0, 0] == 17.99
        assert data.targets[0].tolist() == [0]
        assert data.names[:2] == ("mean radius", "mean texture")
        assert {type(name) for name in data.names} == {str}
        assert len(data.names) == 30


class TestDiabetes:
    """Load 442 patients, and how far their diabetes has gone after a year."""

    def test_contents(self) -> None:
        """A score from 25 to 346; each input in its own unit."""
        data = diabetes()
        assert type(data) is Dataset
        assert data.inputs.shape == (442, 10)
        assert data.targets.shape == (442, 1)
        assert (data.targets.min(), data.targets.max()) == (25, 346)
        assert data.labels is None
        names = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
        assert data.names == names
        # The first patient is 59 years old, with a body mass index of 32.1.
        assert data.inputs[0, [0, 2]].tolist() == [59, 32.1]
        assert data.targets[0].tolist() == [151]


class TestMoons:
    """Draw points on two half moons that no line can part."""

    def test_without_noise(self) -> None:
        """One moon is the upper half of a circle, the other the lower of a second."""
        data = moons(50, noise=0)
        x, y = data.inputs.T
        lower = data.targets[:, 0] == 1
        # Radii round a few times.
        assert np.hypot(x, y)[~lower] == near(1, rel=2.0**-50)
        assert np.hypot(x - 1, y - 0.5)[lower] == near(1, rel=2.0**-50)
        assert y[~lower].min() >= 0
        assert y[lower].max() <= 0.5
        assert lower.sum() == 25

    def test_defaults(self) -> None:
        """200 points, a noise of 0.2 and the seed 0."""
        data, told = moons(), moons(200, noise=0.2, seed=0)
        inputs, labels = make_moons(200, noise=0.2, random_state=0)
        assert data.inputs.tolist() == told.inputs.tolist() == inputs.tolist()
        assert data.labels.tolist() == labels.tolist()
        assert data.targets.tolist() == [[label] for label in labels]
        assert data.targets.dtype == np.float64
        assert data.names == ("first", "second")
        assert type(data) is Dataset

    def test_told(self) -> None:
        """Another seed, or noise, gives other points."""
        first = moons(10)
        for other in (moons(10, seed=1), moons(10, noise=0.1)):
            assert other.inputs.tolist() != first.inputs.tolist()
        assert moons(2).inputs.shape == (2, 2)

    def test_refuses(self) -> None:
        """Every argument is looked at."""
        for bad, exception, says in not_a_count(2):
            with refused(exception, "n_samples", says):
                moons(bad)
        for bad, exception, says in NEGATIVE:
            with refused(exception, "noise", says):
                moons(noise=bad)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "seed", says):
                moons(seed=bad)


class TestOneHot:
    """Write each class as a row with a single 1."""

    @pytest.mark.parametrize("labels", [[2, 0, 2], np.array([2, 0, 2], dtype=np.int8)])
    def test_by_hand(self, labels: Any) -> None:
        """The 1 stands in the column of the class."""
        rows = one_hot(labels, 3)
        assert rows.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
        assert rows.dtype == np.float64
        assert one_hot([0], 1).tolist() == [[1]]

    @pytest.mark.parametrize("labels", [[0, 2, 1], [5, 2]])
    def test_too_few_classes(self, labels: list[int]) -> None:
        """A class beyond the number of classes is refused."""
        says = f"holds {max(labels)} but must be less than 2"
        with refused(ValueError, "labels", says):
            one_hot(labels, 2)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_labels(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Labels are numbers."""
        with refused(exception, "labels", says):
            one_hot(bad, 2)

    @pytest.mark.parametrize(
        ("bad", "name", "exception", "says"),
        [
            ([0, 0.5], "labels[1]", TypeError, "is 0.5 but must be a whole number"),
            ([0, -1], "labels[1]", ValueError, "is -1 but must be at least 0"),
            (
                [[0]],
                "labels",
                ValueError,
                "has shape (1, 1) but must have 1 dimensions",
            ),
        ],
    )
    def test_whole_labels(
        self, bad: Any, name: str, exception: type[Exception], says: str
    ) -> None:
        """They are whole numbers from 0, in a row."""
        with refused(exception, name, says):
            one_hot(bad, 2)

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_n_classes(self, bad: Any, exception: type[Exception], says: str) -> None:
        """There is one class or more."""
        with refused(exception, "n_classes", says):
            one_hot([0], bad)
