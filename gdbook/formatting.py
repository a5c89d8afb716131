"""How is a number written? As Python shows it, and as a book prints it.

A float shows twelve digits at most, so that what its binary form rounds stays out of
sight: 0.26, not 0.25999999999999995.
"""

import decimal
import math
import re
from fractions import Fraction
from typing import Any

from gdbook import _checks
from gdbook._checks import shown

__all__ = ["below", "format_number", "in_words", "times", "typeset"]

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
        The shortest text that is right to twelve digits; an integer or a fraction in
        full, unless it has thousands of digits.

    Examples
    --------
    >>> from fractions import Fraction
    >>> format_number(0.1 + 0.2), format_number(6.0), format_number(Fraction(56, 25))
    ('0.3', '6', '56/25')
    """
    value = _checks.number("value", value)
    if isinstance(value, float):
        return f"{value:z.12g}"
    try:
        return str(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        return _twelve_digits(value)


def _twelve_digits(value: int | Fraction) -> str:
    """Write a number that no float holds, from its leading digits and its powers."""
    with decimal.localcontext(
        prec=40, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN
    ) as context:
        above, below = map(_leading, (value.numerator, value.denominator))
        quotient = above / below
        context.prec = 12
        return f"{(+quotient).normalize():g}"


def _leading(value: int) -> decimal.Decimal:
    spare = max(0, value.bit_length() - 128)
    return decimal.Decimal(value >> spare) * decimal.Decimal(2) ** spare


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

    The digits of such a number may be others on another processor, whose kernels of
    linear algebra round otherwise, so none of them can be printed.

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
    if not -bound < value < bound:
        msg = f"`value` is {shown(value)} but must be smaller than {shown(bound)}"
        raise ValueError(msg)
    return f"below {typeset(format_number(bound))}"


_SMALL = "zero one two three four five six seven eight nine ten eleven twelve"
_ROUND = {20: "twenty", 100: "a hundred", 1000: "a thousand"}
_CARDINALS = {**dict(enumerate(_SMALL.split())), **_ROUND}
_ORDINALS = {
    2: "half",
    3: "third",
    4: "quarter",
    5: "fifth",
    6: "sixth",
    7: "seventh",
    8: "eighth",
    9: "ninth",
    10: "tenth",
    12: "twelfth",
    20: "twentieth",
    100: "hundredth",
    1000: "thousandth",
    10**6: "millionth",
}


def in_words(value: _checks.Number) -> str:
    """Write a number in the words of a sentence, where it has some.

    Parameters
    ----------
    value : int, float or Fraction
        A whole number up to twelve, a round one, or a simple part of one.

    Returns
    -------
    str
        The number in words; a float is taken for the simple part that it rounds.

    Raises
    ------
    ValueError
        If the number has no such words, because it is no longer what the sentence was
        written for.

    Examples
    --------
    >>> from fractions import Fraction
    >>> in_words(3), in_words(0.01), in_words(Fraction(2, 3)), in_words(1 / 2)
    ('three', 'a hundredth', 'two thirds', 'half')
    """
    part = _simple("value", value)
    if part.denominator == 1 and part.numerator in _CARDINALS:
        return _CARDINALS[part.numerator]
    ordinal = _ORDINALS.get(part.denominator)
    if ordinal and part == Fraction(1, 2):
        return ordinal
    if ordinal and part.numerator == 1:
        return f"{'an' if ordinal == 'eighth' else 'a'} {ordinal}"
    if ordinal and 0 < part < 1 and part.numerator in _CARDINALS:
        return f"{_CARDINALS[part.numerator]} {ordinal}s"
    raise _wordless(value)


def times(value: _checks.Number) -> str:
    """Say how many times as much, or as often.

    Parameters
    ----------
    value : int, float or Fraction
        A whole number that `in_words` knows.

    Returns
    -------
    str
        The number of times in words.

    Raises
    ------
    ValueError
        If the number has no such words.

    Examples
    --------
    >>> times(2), times(10.0)
    ('twice', 'ten times')
    """
    part = _simple("value", value)
    if part in {1, 2}:
        return "once" if part == 1 else "twice"
    if part.denominator != 1:
        raise _wordless(value)
    return f"{in_words(value)} times"


def _wordless(value: _checks.Number) -> ValueError:
    msg = f"`value` is {shown(value)} but must have a word; print it with digits"
    return ValueError(msg)


def _simple(name: str, value: _checks.Number) -> Fraction:
    """Return the simple fraction that a number is, or is the nearest float to."""
    number = _checks.number(name, value)
    if not isinstance(number, float):
        return Fraction(number)
    simple = Fraction(number).limit_denominator(10**6)
    # Arithmetic leaves a float some units of its last place from what was meant.
    return simple if abs(number - simple) <= 4 * math.ulp(number) else Fraction(number)


def _exact(value: Any) -> Any:
    """Return an integer as a fraction: what was counted may be beyond the floats."""
    return Fraction(value) if type(value) is int else value


def _text(value: Any, *, quote: bool = True) -> str:
    if isinstance(value, str):
        return repr(value) if quote else value
    if hasattr(value, "_asdict"):
        return repr(value)
    if isinstance(value, tuple):
        inner = ", ".join(_text(item, quote=quote) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return format_number(_exact(value))
