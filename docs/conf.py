"""Settings of the book."""

import atexit
import gc
import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

# Looking for garbage among all the nodes of all pages takes a sixth of every rebuild.
gc.set_threshold(100_000)
# And a last look, when Python ends, a third of one after which nothing has changed.
atexit.register(gc.freeze)

# Two builds of one source give the same bytes.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
# Keras would read settings from the home folder, and leave some there.
os.environ.setdefault("KERAS_HOME", os.devnull)
# Compiling the chapter's small networks takes far longer than running them.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
# Networks are small and pages are executed side by side: more threads of linear algebra
# only wait for each other, and a page of seconds takes half a minute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# A cell of some seconds would leave a progress bar on its page.
os.environ.setdefault("TQDM_DISABLE", "1")

project = "Gradient descent, number by number"
author = "The gdbook authors"
project_copyright = "the gdbook authors"
settings = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
version = release = tomllib.loads(settings)["project"]["version"]
language = "en"

extensions = [
    "own_home",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx_multitoc_numbering",
    "sphinxcontrib.bibtex",
    "bibliography_roles",
    "builders",
    "code_pages",
    "docstrings",
    "downloads",
    "ebook",
    "explorable",
    "feedback",
    "figures",
    "glued",
    "jobs",
    "lean",
    "leftovers",
    "long_names",
    "linked_numbers",
    "live",
    "mathematics",
    "notebooks",
    "numbers_in_prose",
    "plain_text",
    "predictions",
    "publishing",
    "rebuilds",
    "reference",
    "search",
    "sidebar",
    "single_page",
    "solutions",
    "translated_numbers",
    "typst_book",
    "warm_execution",
    "worked_out",
]
exclude_patterns = ["_build", "_ext", "requirements.txt"]
nitpicky = True
numfig = True

myst_enable_extensions = [
    *("colon_fence", "deflist", "dollarmath", "html_image", "substitution"),
]
myst_heading_anchors = 3

nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 180
nb_output_stderr = "error"
# Where a picture is its words, it is not the name of the object that was drawn.
nb_mime_priority_overrides = [
    (builder, f"image/{kind}", 0)
    for builder in ("text", "gettext", "xml", "pseudoxml")
    for kind in ("svg+xml", "png", "jpeg")
]
# Outputs get into notebooks as they are.
nb_mime_priority_overrides += [("notebooks", "text/plain", 0)]
nb_mime_priority_overrides += [
    ("typst", kind, place)
    for place, kind in enumerate(
        ("image/svg+xml", "image/png", "image/jpeg", "text/html", "text/plain")
    )
]
nb_code_prompt_show = "Show the set-up"
nb_code_prompt_hide = "Hide the set-up"

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

autodoc_default_options = {"ignore-module-all": True, "member-order": "bysource"}
autodoc_typehints = "none"
# The library has none, and a search for them parses every function.
autodoc_use_type_comments = False
numpydoc_show_class_members = False
# In docstrings, a name in backticks is a link where the library has that name.
default_role = "py:known"
# Numpydoc brings autosummary along, whose search for work would import Matplotlib.
autosummary_generate = False

html_theme = "sphinx_book_theme"
html_math_renderer = "mathml"
templates_path = ["_templates"]
html_favicon = "_static/favicon.svg"
# Addresses in the sitemap and on the social card are absolute, so whoever publishes
# the book says where, and docs/_ext/publishing.py checks it.
html_baseurl = os.environ.get("BOOK_URL", "")
# And where its mistakes are reported, which docs/_ext/feedback.py checks.
book_repository = os.environ.get("BOOK_REPOSITORY", "")
html_title = project
html_static_path = ["_static"]
html_copy_source = False
# The search and the reference page serve better than an index of Python names.
html_use_index = False
html_domain_indices = False
html_last_updated_fmt = None
html_theme_options = {
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "back_to_top_button": False,
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
}
# The contents of the one page stand at its other side.
singlehtml_sidebars: dict[str, list[str]] = {"**": []}
html_context = {"default_mode": "auto"}

epub_basename = "gdbook"
epub_contributor = author
epub_cover = ("_static/cover.png", "epub-cover.html")
epub_description = "How the weights of a network are found, one step at a time."
epub_identifier = "urn:uuid:7c1f8f0e-5a52-5d0e-9f7e-3f3a4f5b0c11"
epub_show_urls = "no"
epub_tocdepth = 3  # parts, chapters and sections
epub_tocdup = False
epub_tocscope = "includehidden"
epub_uid = "book"


def leave_out_fields(*event: Any) -> bool:
    """Leave out a NamedTuple's fields, whose docstring is "Alias for field number"."""
    _app, _what, _name, member, skip, _options = event
    return skip or type(member).__name__ == "_tuplegetter"


def setup(app: "Sphinx") -> None:
    """Connect what the settings above cannot say."""
    app.connect("autodoc-skip-member", leave_out_fields)
