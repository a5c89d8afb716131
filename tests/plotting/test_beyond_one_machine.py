"""The figures of the chapter `beyond_one_machine` show their traces."""

from drawings import Contract, Kind

from gdbook.examples import beyond_one_machine
from gdbook.plotting import beyond_one_machine as draw

KINDS = [
    Kind(
        draw.averaged_variances,
        beyond_one_machine.averaged_batches,
        ("1, 2, 4, 8 and 16 workers", "batches of 10", "12.4"),
    ),
    Kind(
        draw.crossing_costs,
        beyond_one_machine.costs,
        ("1 to 10000 steps", "1000000 rows of 100 inputs", "step 51 on"),
        # 2·10⁶·100 products a step; 10⁶·100·101 for the sums, and 10⁴ a step.
        marks=(
            *((10**k, 2.0 * 10 ** (8 + k)) for k in range(5)),
            *((10**k, 1.01e10 + 10 ** (4 + k)) for k in range(5)),
        ),
    ),
    Kind(
        draw.cut_gradients,
        beyond_one_machine.cut_sum,
        ("(−0.8, −1.6) and (−3.5, −2.5)", "(−2.6, −2.2)", "(−2.15, −2.05) misses it"),
        marks=((-0.8, -1.6), (-3.5, -2.5), (-2.6, -2.2), (-2.15, -2.05)),
    ),
    Kind(
        draw.lost_figures,
        lambda: beyond_one_machine.lost_digits((0.1, 1e-7)),
        ("14.2 to 14100000", "0.0008", "its square"),
    ),
    Kind(
        draw.projected_steps,
        beyond_one_machine.projection,
        ("1 to 10000 workers", "808, 80.8, 8.18, 1.81 and 10.1", "899 workers"),
        # 808/K + K/1000
        marks=((1, 808.001), (10, 80.81), (100, 8.18), (1000, 1.808), (1e4, 10.0808)),
        notes=(("899 workers", (808_000**0.5, 2 * 0.808**0.5)),),
    ),
    Kind(
        draw.rounding_errors,
        beyond_one_machine.rounded_sums,
        ("32768 numbers", "1, 8, 64, 512, 4096 and 32768", "574, 574"),
    ),
    Kind(
        draw.travelling_bytes,
        beyond_one_machine.travel,
        ("8.08 MB to 8.08 TB", "161.6 kB travel once", "3.216 kB in a step"),
        # 8·101 bytes a row
        marks=tuple((10**k, 808.0 * 10**k) for k in (4, 6, 8, 10)),
    ),
]


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS
