"""Write a book of many pages, and measure what each of them costs.

Every page has cells of its own, glues numbers, draws a figure, names a number of the
page before, and links pages and sections, as chapters do.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from book import FRONT_MATTER, Built, add_sentence, build, copy_settings

from bench.record import Case

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNIT = "seconds"
SIZES = (20, 60, 200)

PAGE = """{front}# Page {number}

(place-{number})=
## Compute

```{{code-cell}}
from gdbook.examples.weight_update import repeated
from gdbook.glue import glue
from gdbook.plotting import weight_update as draw

steps = repeated(weight={number} / 7)
glue(steps=repeated(weight={number} / 7), number={number})
```

The first of its weights is {{glue:text}}`steps.weights.0:.3f`, on page $n = {number}$.
The page before is {{glue:text}}`page{before}.md::number`, see {{ref}}`place-{before}`.

## Draw

```{{code-cell}}
---
mystnb:
  figure:
    name: fig-{number}
    caption: The weights of page {number}.
---
draw.one_step(steps)
```

{{numref}}`fig-{number}` has them, and {{doc}}`page{before}` those before.

$$
w_{number} = w_{before} - \\alpha \\cdot g
$$ (equation-{number})
"""


# Says at the end of a build how many kilobytes it has had at its peak.
PEAK = """
import atexit, os, resource

def say():
    if os.getpid() == main:
        print("peak:", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

main = os.getpid()
atexit.register(say)
"""


def write_book(to: Path, num_pages: int) -> Path:
    """Write a book of pages that are alike and say different things."""
    names = [f"page{number}" for number in range(num_pages)]
    parts = (names[start : start + 20] for start in range(0, num_pages, 20))
    contents = "".join(
        f"```{{toctree}}\n:caption: Part {part}\n:numbered: 1\n\n"
        + "".join(f"{name}\n" for name in own)
        + "```\n\n"
        for part, own in enumerate(parts, 1)
    )
    book = copy_settings(to, contents)
    for number, name in enumerate(names):
        before = (number or num_pages) - 1
        text = PAGE.format(front=FRONT_MATTER, number=number, before=before)
        (book / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
    return book


def built_with_peak(book: Path) -> tuple[Built, int]:
    """Build a book, and return the kilobytes that this took at its peak."""
    built = build(book, first=PEAK, fresh=True)
    return built, int(built.log.rpartition("peak: ")[2])


def cases(sizes: Sequence[int] = SIZES) -> Iterator[Case]:
    """Build books of many sizes: from nothing, unchanged, and with a page edited."""
    for num_pages in sizes:
        with tempfile.TemporaryDirectory() as folder:
            book = write_book(Path(folder), num_pages)
            for what in ("cold", "unchanged", "a page edited"):
                if what == "a page edited":
                    add_sentence(book / "docs" / f"page{num_pages // 2}.md")
                clock, before = time.perf_counter(), os.times()
                built, peak = built_with_peak(book)
                if built.code:
                    sys.exit(built.log)
                after = os.times()
                used = after.children_user - before.children_user
                used += after.children_system - before.children_system
                found = {
                    "on the clock": [time.perf_counter() - clock],
                    "of processors": [used],
                    "of processors a page": [used / num_pages],
                }
                sizes_ = {"pages": num_pages, "peak in kilobytes": peak}
                yield Case(f"{num_pages} pages, {what}", sizes_, found)
