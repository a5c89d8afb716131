"""Write numbers as the script of a figure does."""

import re

from gdbook.formatting import format_number, typeset


def printed(value: float, decimals: int = 4) -> str:
    """Write a number as the script does: short, with a true minus sign.

    >>> printed(-0.123456), printed(12.3456), printed(123.456), printed(True)
    ('−0.1235', '12.35', '123', '1')
    """
    size = abs(value)
    places = decimals if size < 10 else 2 if size < 100 else 0
    return typeset(format_number(round(float(value), places)))


def power(value: float) -> str:
    """Write a number that may be tiny or huge, with a power of ten where it is.

    >>> power(1e-06), power(0.00123), power(12.3456), power(-4.52e10)
    ('10⁻⁶', '0.0012', '12.35', '−4.5 × 10¹⁰')
    """
    if value == 0 or 0.001 <= abs(value) < 1e6:
        return printed(value)
    return typeset(re.sub(r"\.0e", "e", f"{value:.1e}"))
