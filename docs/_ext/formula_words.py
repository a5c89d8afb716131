"""Say a formula in words, for those who hear a book.

In a web page a screen reader reads MathML itself. A PDF has no such thing: it carries a
text in place of each formula. Speech Rule Engine, which says MathML well, needs Node;
the Python packages that say TeX know no aligned lines and fewer signs than this book.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from xml.etree import ElementTree as ET

from mathematics import MATHML, to_mathml

# Signs, and how they are said.
SIGNS = """
+ plus; - minus; − minus; ± plus or minus; / over; · times; ⋅ times; × times;
⊙ times, entry by entry,; = equals; ≠ is not; ≈ is about; ≡ is identical to;
< is less than; > is greater than; ∈ in; ∼ is like; ≤ is at most; ≥ is at least;
∝ is proportional to; ← becomes; → to; ⟹ so; ⟺ just when; ⇒ so; ∂ partial;
∇ gradient of; ∑ the sum; ∏ the product; … and so on; ⋯ and so on; ⋮ and so on;
∞ infinity; ( open bracket; ) close bracket; [ open square bracket;
] close square bracket; { open brace; } close brace; | bar; ∣ bar; ‖ double bar;
∥ double bar; ⌊ open floor; ⌋ close floor; ln log; exp e to the; ′ prime;
⊤ transposed; * star; ∗ star; ℓ l
"""
SAID = dict(each.split(maxsplit=1) for each in SIGNS.split(";"))
OVER = {"^": "hat", "ˆ": "hat", "¯": "bar", "‾": "bar", "_": "bar", "˜": "tilde"}
SPACES = {"", "\u2061", "\u2062", "\u2063", "\u200b"}  # and what nobody sees
POWERS = {"2": "squared", "3": "cubed"}
PAUSE = re.compile(r"[\s,;]+")
LIMITED = {SAID["∑"], SAID["∏"], "max", "min", "arg min", "lim"}
MARKS = {"prime", "star", "transposed"}


def words(tex: str, macros: dict[str, str] | None = None) -> str:
    """Say what TeX shows, or raise a ValueError that says what is wrong with it."""
    mathml = to_mathml(tex, display=False, macros=macros)
    text = _say(ET.fromstring(mathml))  # noqa: S314 (math-core wrote it)
    return PAUSE.sub(_pause, text).strip(" ,;")


def _pause(gap: re.Match[str]) -> str:
    """Leave the longest of the pauses that stand side by side."""
    return next((f"{sign} " for sign in ";," if sign in gap[0]), " ")


def _say(item: ET.Element) -> str:
    name = item.tag.removeprefix(MATHML)
    say: Any = globals().get(f"_{name}", _row)
    return str(say(item))


def _row(item: ET.Element) -> str:
    return " ".join(filter(None, map(_say, item)))


def _mo(item: ET.Element) -> str:
    """Say a sign."""
    text = (item.text or "").strip()
    if text in SPACES or text in {",", ";"}:
        return text.strip("\u2061\u2062\u2063\u200b")
    if text in SAID:
        return SAID[text]
    return text if text.isascii() else unicodedata.name(text[0]).lower()


def _mi(item: ET.Element) -> str:
    """Say a name; a Greek letter by its own."""
    text = unicodedata.normalize("NFKC", item.text or "")
    if text in SAID:
        return SAID[text]
    if len(text) == 1 and not text.isascii():
        name = unicodedata.name(text).split(" WITH ")[0]
        capital = "capital " * ("CAPITAL" in name)
        return capital + name.rpartition("LETTER ")[2].lower().replace(
            "lamda", "lambda"
        )
    return f"capital {text}" if len(text) == 1 and text.isupper() else text


def _mn(item: ET.Element) -> str:
    return item.text or ""


def _mtext(item: ET.Element) -> str:
    return (item.text or "").strip("\u2061\u200b")


def _mspace(item: ET.Element) -> str:
    """Say a wide space as a pause."""
    return "," if float(item.get("width", "0em").removesuffix("em")) >= 1 else ""


def _mfrac(item: ET.Element) -> str:
    """Say a fraction, or a number of choices, which has no line."""
    above, below = map(_say, item)
    if item.get("linethickness") in {"0", "0px", "0pt"}:
        return f"{above} choose {below}"
    if (above, below) == ("1", "2"):
        return "one half"
    if _is_short(item[0]) and _is_short(item[1]):
        return f"{above} over {below}"
    return f"the fraction {above} over {below}, end of fraction,"


def _is_short(item: ET.Element) -> bool:
    return sum(1 for each in item.iter() if each.text and each.text.strip()) <= 2


def _msqrt(item: ET.Element) -> str:
    inner = _row(item)
    return f"the root of {inner}" + ("" if " " not in inner else ", end of root,")


def _msub(item: ET.Element) -> str:
    base, index = map(_say, item)
    return f"{base} over {index} of" if base in LIMITED else _sub(base, index)


def _sub(base: str, index: str) -> str:
    return f"{base} sub {index}" + ("," if " " in index else "")


def _msup(item: ET.Element) -> str:
    return _sup(*map(_say, item))


def _sup(base: str, power: str) -> str:
    if power in POWERS or set(power.split()) <= MARKS:
        return f"{base} {POWERS.get(power, power)}"
    return f"{base} to the power {power}" + ("," if " " in power else "")


def _msubsup(item: ET.Element) -> str:
    base, index, power = map(_say, item)
    if base in LIMITED:
        return f"{base} from {index} to {power} of"
    return _sup(_sub(base, index), power)


_munderover = _msubsup


def _munder(item: ET.Element) -> str:
    """Say what stands below: the place of a sum, or a remark."""
    base, below = map(_say, item)
    if "⏟" in "".join(item.itertext()):
        return base if "⏟" in (item[1].text or "") else f"{base}, called {below},"
    return f"{base} over {below} of"


def _mover(item: ET.Element) -> str:
    base, above = _say(item[0]), (item[1].text or "").strip()
    return f"{base} {OVER.get(above) or _say(item[1])}"


def _mtable(item: ET.Element) -> str:
    """Say the lines of a table, one after another."""
    return "; ".join(map(_line, item))


def _line(row: ET.Element) -> str:
    """Join what an alignment keeps apart, and count off the columns of a matrix."""
    cells = [_say(cell).strip() for cell in row]
    if any("tex" in cell.get("class", "") for cell in row):
        return " ".join(cells)
    return ", ".join(filter(None, cells))
