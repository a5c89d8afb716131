"""What the README says is so."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys

import nox
from book import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = nox.project.load_toml(str(ROOT / "pyproject.toml"))


def test_example_gives_what_it_shows() -> None:
    """Every line of the example prints what stands below it."""
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    parser = doctest.DocTestParser()
    example = parser.get_doctest(blocks[0], {}, "README.md", "README.md", 0)
    assert len(example.examples) >= 6
    assert doctest.DocTestRunner().run(example).failed == 0


def test_command_prints_what_it_shows() -> None:
    """The command of the README prints what stands below it."""
    (shown,) = re.findall(
        r"^```console\n\$ (.*?)^```$", README, re.MULTILINE | re.DOTALL
    )
    command, _, printed = shown.partition("\n")
    python, *words = shlex.split(command)
    assert python == "python"
    ran = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == printed


def test_picture_is_small() -> None:
    """The picture of a page is a WebP of less than 60 kB."""
    named = re.search(r"^!\[[^\]]+\]\((.+)\)$", README, re.MULTILINE)
    assert named is not None
    picture = (ROOT / named[1]).read_bytes()
    assert (picture[:4], picture[8:12]) == (b"RIFF", b"WEBP")
    assert len(picture) < 60_000


def test_commands_are_sessions() -> None:
    """The README and the recipes name every nox session, and no other."""
    recipes = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    defined = set(
        re.findall(
            r"^@nox\.session.*\ndef (\w+)",
            (ROOT / "noxfile.py").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    in_readme = set(re.findall(r"nox -s (\w+)", README))
    in_recipes = set(re.findall(r"nox -s (\w+)", recipes))
    assert in_readme == {"docs", "tests"}
    assert in_recipes == defined


def test_extras_are_the_declared_ones() -> None:
    """The README names every extra, and no other."""
    named = re.search(r"comes with an extra: (.*), as in", README)
    assert named is not None
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(re.findall(r"`(\w+)` for ", named[1])) == set(extras)


def test_pythons_are_the_declared_ones() -> None:
    """The README names the Pythons that the classifiers declare."""
    declared = nox.project.python_versions(PROJECT)
    named = re.search(r"Python ((?:3\.\d+(?:, | or )?)+)", README)
    assert named is not None
    assert re.findall(r"3\.\d+", named[1]) == declared


def test_links_lead_somewhere() -> None:
    """Every file that the README links to is there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_top_level_holds_the_six_and_nothing_else() -> None:
    """Nothing visible stands at the top level but what the owner fixed."""
    allowed = {"pyproject.toml", "README.md", "docs", "gdbook", "tests", "noxfile.py"}
    found = {path.name for path in ROOT.iterdir() if path.name[0] != "."}
    # An unpacked sdist has its metadata there, and nox keeps what it compiles.
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert found - {"PKG-INFO", *(name.strip("/") for name in ignored)} == allowed
