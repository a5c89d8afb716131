"""Write the files of gdbook/data from scikit-learn: `python tests/oracles/sets.py`."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[2] / "gdbook" / "data"

# How scikit-learn gives each set as it was measured, and what its targets are.
SETS: dict[str, tuple[Callable[[], Any], str]] = {
    "breast_cancer": (load_breast_cancer, "benign"),
    "diabetes": (lambda: load_diabetes(scaled=False), "progression"),
    "digits": (load_digits, "digit"),
}


def text(name: str) -> str:
    """Give a line of names, and a line for each sample, its target at the end."""
    load, target = SETS[name]
    found = load()
    lines = [",".join([*found.feature_names, target])]
    for row in np.column_stack([found.data, found.target]):
        # The shortest decimal that is the float, without a trailing point.
        shortest = (np.format_float_positional(x, trim="-") for x in row)
        lines.append(",".join(shortest))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in SETS:
        packed = gzip.compress(text(name).encode("ascii"), mtime=0)
        (DATA / f"{name}.csv.gz").write_bytes(packed)
