"""The figures of the chapter `adaptive_rates` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import adaptive_rates
from gdbook.plotting import adaptive_rates as draw

KINDS = [
    Kind(
        draw.steady_steps,
        lambda: adaptive_rates.steady_slope(num_steps=4),
        # 0.1/√0.001, and 0.3439/√(1 − 0.999⁴) = 0.3439/0.0632; RMSProp 1/√0.1 and
        # 1/√0.3439, AdaGrad 1/√4.
        ("over 4 steps", "stays 1", "3.16", "5.44", "from 3.16 to 1.71", "1 to 0.5"),
    ),
    Kind(
        draw.weights_over_steps,
        lambda: (adaptive_rates.sign_steps(), adaptive_rates.sign_steps(1)),
        ("from −2", "20 steps of sign steps it is 0.4", "between −0.2 and 0.4"),
        # Steps of 0.6 and of 1 from −2.
        marks=((0, -2), (1, -1.4), (4, 0.4), (1, -1), (2, 0)),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
