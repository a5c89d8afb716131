"""Every threshold that a page of the built book is held against."""

from __future__ import annotations

from typing import Literal

# Bytes that travel when a page is read to its end, gzipped, headers included.
PAGE_BYTES = 200_000
SCRIPT_BYTES = 40_000

# Lighthouse, of 100. Performance is the best of so many runs.
RUNS = 5
SCORES = {
    "mobile": {
        "performance": 98,
        "accessibility": 100,
        "best-practices": 100,
        "seo": 100,
    },
    "desktop": {
        "performance": 100,
        "accessibility": 100,
        "best-practices": 100,
        "seo": 100,
    },
}

# The densest page keeps a slowed processor busy: the same bytes got from 92 to 99.
DENSEST = {"mobile": {"performance": 93}, "desktop": {}}

AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
# Every page is light on a laptop and dark on a phone; one of each kind is both on both,
# and is walked through with Tab on both.
OF_EACH_KIND = {"index", "chapters/weight_update", "live", "reference", "search"}
LAPTOP, BIG_PHONE, PHONE, SMALL_PHONE = 1280, 390, 360, 320

# Characters of a full line of prose, and columns of code that a laptop shows at once.
MEASURE = (60, 75)
CODE_COLUMNS = 80

# Pixels: of the letters of code and of numbers at least, and below a caption at most.
CODE_SIZE = 13
BLANK = 48

# The contrast of small text with its paper that WCAG asks for.
CONTRAST = 4.5

# What the reader looks for, and what the place found must show.
SEARCHES = ("learning rate", "0.82", "−24", "1797")

# The share of a figure's pixels that look different in the other theme, at least.
REDRAWN = 0.002
