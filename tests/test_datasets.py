"""What there is to learn from."""

import re
import zipfile
from fractions import Fraction
from itertools import combinations, starmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alike import alike
from bad_input import NEGATIVE, NOT_NUMBERS, not_a_count, refused
from children import said
from near import near

from gdbook import datasets
from gdbook._samples import how_many
from gdbook.datasets import (
    Dataset,
    breast_cancer,
    diabetes,
    digits,
    moons,
    one_hot,
)

PACKAGE = Path(datasets.__file__).parent


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
        # The shades of all pixels, weighted by their columns and by their rows.
        shades = 16 * data.inputs
        assert (shades * np.arange(1, 65)).sum() == 18_222_371
        assert (shades * np.arange(1, 1798)[:, None]).sum() == 503_904_265
        assert data.labels.dtype == np.int64
        assert data.labels[-3:].tolist() == [8, 9, 8]


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
        assert data.labels.dtype == np.int64
        assert data.inputs[-1, [0, 29]].tolist() == [7.76, 0.07039]
        # Every decimal, as it is printed.
        total = sum(map(Fraction, map(str, data.inputs.ravel())))
        assert total == Fraction(2_641_186_149_089, 2_500_000)


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
        assert data.inputs[-1, [0, 8]].tolist() == [36, 4.5951]
        assert data.targets.sum() == 67_243
        total = sum(map(Fraction, map(str, data.inputs.ravel())))
        assert total == Fraction(172_752_646, 625)


def test_from_an_archive(tmp_path: Path) -> None:
    """The sets are found in a zip that stands on Python's path, too."""
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(PACKAGE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                packed.write(path, path.relative_to(PACKAGE.parent))
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "from gdbook.datasets import *\n"
        "import gdbook; print(gdbook.__file__)\n"
        "for load in (digits, breast_cancer, diabetes): print(load().inputs.sum())"
    )
    file, *sums = said(code).split()
    assert Path(file).is_relative_to(archive)
    loaded = (digits(), breast_cancer(), diabetes())
    assert sums == [str(data.inputs.sum()) for data in loaded]


@pytest.mark.parametrize("load", [digits, breast_cancer, diabetes])
def test_a_set_is_the_callers_own(load: Any) -> None:
    """A change reaches neither another array of the set nor the next one."""
    first = load()
    arrays = [each for each in first if isinstance(each, np.ndarray)]
    assert not any(starmap(np.shares_memory, combinations(arrays, 2)))
    assert all(array.flags.c_contiguous for array in arrays)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array[:] = -1
    again = [each for each in load() if isinstance(each, np.ndarray)]
    assert alike(again, before)


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
        assert data.inputs.tolist() == told.inputs.tolist()
        # The first point, the last and the sums are scikit-learn's.
        assert data.inputs[0].tolist() == near(
            [0.7434611761955393, 0.46465632837724596]
        )
        assert data.inputs[-1].tolist() == near(
            [1.5215204998025176, -0.12589229565958063]
        )
        assert data.inputs.sum(axis=0).tolist() == near(
            [97.18469025131239, 51.773376577821146]
        )
        assert data.labels[:6].tolist() == [0, 1, 1, 0, 1, 1]
        assert data.labels.dtype == np.int64
        assert data.targets.tolist() == [[label] for label in data.labels]
        assert data.targets.dtype == np.float64
        assert data.names == ("first", "second")
        assert type(data) is Dataset

    def test_an_odd_number(self) -> None:
        """The lower moon gets one more, and chance deals the order."""
        data = moons(5, noise=0)
        assert data.labels.tolist() == [1, 0, 0, 1, 1]
        ends = [0, 0.5, 1, 0, -1, 0, 1, -0.5, 2, 0.5]
        assert data.inputs.ravel().tolist() == near(ends, abs=2**-52)

    def test_noise_moves_points(self) -> None:
        """Twice the noise moves each point twice as far."""
        still, near_by, far = (moons(9, noise=x).inputs for x in (0, 0.25, 0.5))
        moved = far - still
        assert moved.ravel() == near(2 * (near_by - still).ravel(), rel=1e-13)
        assert abs(moons(9, noise=1e300).inputs).max() > 1e299

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

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"n_samples": 2**31}, f"is {2**31} but must be at most {2**31 - 1}"),
            ({"noise": 1e301}, "is 1e+301 but must be at most 1e300"),
            ({"noise": 10**305}, "is an integer of 306 digits but must be at most "),
            (
                {"seed": 2**32},
                "is 4294967296 but must be less than 2**32, the limit of NumPy's ",
            ),
        ],
        ids=["samples", "noise", "integer", "seed"],
    )
    def test_too_large(self, given: dict[str, Any], says: str) -> None:
        """What is too much is refused before memory is asked for."""
        (name,) = given
        with pytest.raises(ValueError, match=f"^`{name}` {re.escape(says)}"):
            moons(**given)
        assert how_many("n_samples", 2**31 - 1, least=2) == 2**31 - 1

    def test_nothing_is_shared(self) -> None:
        """Targets are not the labels."""
        data = moons(4)
        assert not np.shares_memory(data.targets, data.labels)


class TestOneHot:
    """Write each class as a row with a single 1."""

    @pytest.mark.parametrize(
        "labels",
        [[2, 0, 2], *(np.array([2, 0, 2], dtype=kind) for kind in "bBhHiIlLqQO")],
    )
    def test_by_hand(self, labels: Any) -> None:
        """The 1 stands in the column of the class."""
        rows = one_hot(labels, 3)
        assert rows.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
        assert rows.dtype == np.float64
        assert one_hot([0], 1).tolist() == [[1]]
        assert one_hot(range(3), 3).tolist() == np.eye(3).tolist()

    def test_many_classes(self) -> None:
        """Memory is for the rows that are asked for: a million columns are 8 MB."""
        (row,) = one_hot([999_999], 1_000_000)
        assert (row.sum(), row[999_999]) == (1, 1)

    @pytest.mark.parametrize("labels", [[0, 2, 1], [5, 2]])
    def test_too_few_classes(self, labels: list[int]) -> None:
        """A class beyond the number of classes is refused."""
        says = f"holds {max(labels)} but must be less than 2"
        cause = "; 2 classes are numbered from 0 to 1$"
        with pytest.raises(ValueError, match=cause):
            one_hot(labels, 2)
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
            ([0, 1.0], "labels[0]", TypeError, "is 0.0 but must be a whole number"),
            (
                [Fraction(3, 2), 0],
                "labels[0]",
                TypeError,
                "is Fraction(3, 2) but must be a whole number",
            ),
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

    def test_too_many_classes(self) -> None:
        """More columns than an index holds."""
        says = f"is {2**31} but must be at most {2**31 - 1}"
        with refused(ValueError, "n_classes", says):
            one_hot([0], 2**31)
