"""How is a number written? As Python shows it, and as a book prints it.

A float which is not exact in binary shows the number that was meant: 0.26, never
0.25999999999999995.
"""

import re
from typing import Any

from gdbook import _checks
from gdbook._checks import shown

__all__ = ["below", "format_number", "typeset"]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_number(value: _checks.Number) -> str:
    """Write a number with at most twelve significant digits.

    Parameters
    ----------
    value : int, float or Fraction
        The number to write.

    Returns
    -------
    str
        The shortest text that is right to twelve digits; a fraction in full.

    Examples
    --------
    >>> from fractions import Fraction
    >>> format_number(0.1 + 0.2), format_number(6.0), format_number(Fraction(56, 25))
    ('0.3', '6', '56/25')
    """
    value = _checks.number("value", value)
    return f"{value:z.12g}" if isinstance(value, float) else str(value)


def typeset(text: str) -> str:
    """Write a number's text as a book prints it.

    Parameters
    ----------
    text : str
        A number or a tuple of them as Python writes it, or any other text.

    Returns
    -------
    str
        The number with a minus sign and a power of ten; other text as it is.

    Examples
    --------
    >>> typeset("-24"), typeset("1e-09"), typeset("2.5e+25"), typeset("flat")
    ('−24', '10⁻⁹', '2.5 × 10²⁵', 'flat')
    >>> typeset("(-0.6, -0.8)")
    '(−0.6, −0.8)'
    """
    if not isinstance(text, str):
        msg = f"`text` is {shown(text)} but must be a text"
        raise TypeError(msg)
    if re.fullmatch(r"\([-+(),./\de ]+\)", text):
        return re.sub(r"[-+./\de]+", lambda part: typeset(part[0]), text)
    number = re.fullmatch(r"(-?)([\d./]+)(?:e([+-]\d+))?", text)
    if number is None:
        return text
    sign, digits, exponent = number.groups()
    sign = "\N{MINUS SIGN}" if sign else ""
    if exponent is None:
        return sign + digits
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return sign + (power if digits == "1" else f"{digits} × {power}")


def below(value: _checks.Number, bound: _checks.Number) -> str:
    """Say how small a number is at least, where rounding decides its digits.

    The digits of such a number are another processor's in other kernels of linear
    algebra, so that none of them can be printed.

    Parameters
    ----------
    value : number
        What is small, such as the difference of two ways to the same number.
    bound : number
        What rounding cannot reach, positive.

    Returns
    -------
    str
        The bound, in words.

    Raises
    ------
    ValueError
        If the value is not that small.

    Examples
    --------
    >>> below((0.1 + 0.2) - 0.3, 1e-15)
    'below 10⁻¹⁵'
    """
    value, bound = _checks.number("value", value), _checks.positive("bound", bound)
    if not abs(value) < bound:
        msg = f"`value` is {shown(value)} but must be smaller than {shown(bound)}"
        raise ValueError(msg)
    return f"below {typeset(format_number(bound))}"


def _text(value: Any, *, quote: bool = True) -> str:
    if isinstance(value, str):
        return repr(value) if quote else value
    if hasattr(value, "_asdict"):
        return repr(value)
    if isinstance(value, tuple):
        inner = ", ".join(_text(item, quote=quote) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return format_number(value)
