"""What examples are held against.

tests/oracles/test_validation.py holds the first two against scikit-learn in turn.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def nearest(memory: Any, asked: Any) -> Any:
    """Find the row of `memory` that is nearest to each row asked for."""
    return np.array([((memory - row) ** 2).sum(axis=1).argmin() for row in asked])


def scaled_by(rows: Any, inputs: Any) -> Any:
    """Move and scale inputs so that `rows` have the mean 0 and the deviation 1."""
    return (inputs - rows.mean(axis=0)) / rows.std(axis=0)


def one_weight(  # written out rule by rule with nothing of the library
    rule: str,
    rate: float,
    place: float,
    curvature: float,
    num_steps: int,
    *,
    epsilon: float = 0.0,
    memory: Sequence[float] = (),
) -> list[float]:
    """Walk one weight along a parabola of this curvature."""
    beta1, beta2 = memory if len(memory) == 2 else (0.9, 0.999)
    (beta,) = memory if len(memory) == 1 else (0.9,)
    places, speed, square = [place], 0.0, 0.0
    for step in range(1, num_steps + 1):
        slope = curvature * place
        if rule == "descent":
            place -= rate * slope
        elif rule == "momentum":
            speed = beta * speed - rate * slope
            place += speed
        elif rule == "Nesterov":
            speed = beta * speed - rate * slope
            place += beta * speed - rate * slope
        elif rule == "AdaGrad":
            square += slope * slope
            place -= rate * slope / (math.sqrt(square) + epsilon)
        elif rule == "RMSProp":
            square = beta * square + (1 - beta) * slope * slope
            place -= rate * slope / (math.sqrt(square) + epsilon)
        else:
            speed = beta1 * speed + (1 - beta1) * slope
            square = beta2 * square + (1 - beta2) * slope * slope
            mean, size = speed, square
            if rule == "Adam":
                mean, size = mean / (1 - beta1**step), size / (1 - beta2**step)
            place -= rate * mean / (math.sqrt(size) + epsilon)
        if abs(place) > 1e50:
            return [*places, *[math.inf] * (num_steps + 1 - step)]
        places.append(place)
    return places
