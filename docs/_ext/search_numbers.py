"""Let the search find decimals such as 0.82.

Sphinx splits text and queries at every point and drops what is digits only, so no
number of a book about numbers can be found. Here a decimal is one word, in the index
and in what a reader types.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WORD = re.compile(r"\d+(?:\.\d+)+|\w+")


class EnglishWithDecimals(SearchEnglish):
    """English, with decimals kept whole."""

    js_splitter_code = r"""
var splitQuery = (query) =>
  query.match(/\d+(?:\.\d+)+|[\p{Letter}\p{Number}_]+/gu) || [];
"""

    def split(self, input: str) -> list[str]:  # noqa: A002 (Sphinx's name)
        """Split a text into words and decimals."""
        return WORD.findall(input)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the language in place of Sphinx's own English."""
    app.add_search_language(EnglishWithDecimals)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
