"""Keep a build to its own folders, whatever those of whoever builds allow or say.

Matplotlib reads settings of the home folder, which change figures, and writes its list
of fonts there. MyST-NB keeps executed pages and pictures beside the output, a place
that may be read-only; they go to the doctrees then. Where Python is told that the
system has ASCII alone, a folder with other letters is refused, in one sentence instead
of in the traces of several libraries.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def find_place(app: Sphinx) -> None:
    """Have MyST-NB write where it may."""
    env: Any = app.env
    if not os.access(Path(app.outdir).parent, os.W_OK):
        own = {"output_folder": "jupyter_execute"}
        if not app.config.nb_execution_cache_path:
            own["execution_cache_path"] = ".jupyter_cache"
        places = {name: str(Path(app.doctreedir, own[name])) for name in own}
        env.mystnb_config = env.mystnb_config.copy(**places)


def check_names(app: Sphinx) -> None:
    """End the build where Python cannot write the name of one of its folders."""
    for place in (app.srcdir, app.outdir, app.doctreedir):
        try:
            str(place).encode()
        except UnicodeEncodeError:
            msg = (
                f"the folder {str(place)!a} has letters that Python cannot name with "
                "these settings: leave PYTHONUTF8 out, or choose a locale of UTF-8"
            )
            raise SystemExit(msg) from None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension, before anything draws."""
    check_names(app)
    os.environ["MPLCONFIGDIR"] = str(Path(app.doctreedir, "matplotlib"))
    app.connect("builder-inited", find_place, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
