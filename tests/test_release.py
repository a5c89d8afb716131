"""What a release is cut from agrees with itself; what publishes it may do little."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any

import downloads
import links
import nox
import pytest
import yaml
from book import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = nox.project.load_toml(str(ROOT / "pyproject.toml"))
PROJECT = PYPROJECT["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SESSIONS = set(
    re.findall(
        r"(?m)^@nox\.session.*\ndef (\w+)",
        (ROOT / "noxfile.py").read_text(encoding="utf-8"),
    )
)
INSTALL = "python -m pip install --require-hashes -r tests/requirements/gate.txt"
# What no job may have unless it is named here: by workflow, job and scope.
WRITES = {
    ("publish", "pages", "pages"),
    ("publish", "pages", "id-token"),
    ("publish", "release", "contents"),
    ("publish", "release", "id-token"),
    ("publish", "release", "attestations"),
}


def jobs(path: Path) -> dict[str, Any]:
    """Return the jobs of a workflow."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return found


def runs(path: Path) -> list[tuple[str, str]]:
    """Return what each job of a workflow runs."""
    return [
        (name, step["run"])
        for name, job in jobs(path).items()
        for step in job["steps"]
        if "run" in step
    ]


class TestRecord:
    """The changelog and the citation say which version this is."""

    def test_newest_heading_is_the_version(self) -> None:
        """A release is cut from the first section of the changelog."""
        changelog = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
        version, news = downloads.notes(changelog)
        assert version == PROJECT["version"]
        assert news.startswith("### ")
        assert "\n## " not in news
        assert re.findall(r"\]\((?!https?:)", news) == []

    def test_citation_is_the_projects(self) -> None:
        """Title, version, licence and authors are those of the project."""
        text = (ROOT / ".github" / "CITATION.cff").read_text(encoding="utf-8")
        cited = yaml.safe_load(text)
        conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
        assert f'project = "{cited["title"]}"' in conf
        assert cited["version"] == PROJECT["version"]
        assert " AND ".join(cited["license"]) == PROJECT["license"]
        assert cited["authors"] == PROJECT["authors"]
        assert (cited["cff-version"], cited["type"]) == ("1.2.0", "software")
        assert cited["message"]

    def test_tag_is_the_version(self) -> None:
        """Another tag is refused before anything is packed."""
        downloads.check("", "1.0")
        downloads.check("v1.0", "1.0")
        with pytest.raises(SystemExit, match=r"'v1\.1' but must be 'v1\.0'"):
            downloads.check("v1.1", "1.0")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
class TestWorkflow:
    """A workflow runs nox with what it needs."""

    def test_it_runs_nox_and_nothing_else(self, path: Path) -> None:
        """A job that may write runs nothing of the repository; the others run nox."""
        for name, command in runs(path):
            if (path.stem, name, "contents") in WRITES:
                assert command.startswith("gh release create ")
            elif command != INSTALL:
                assert command.startswith("python -m nox")
                asked = re.sub(r' -- .*|"compat-\$PYTHON"', "", command).split()[3:]
                assert set(asked) - {"-s"} <= SESSIONS

    def test_actions_are_pinned(self, path: Path) -> None:
        """Each action is a commit, with the version that it is in words."""
        used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
        assert used
        for action in used:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)

    def test_it_may_do_little(self, path: Path) -> None:
        """It may do nothing but what a job needs, and keeps no credentials."""
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert whole["permissions"] == {}
        for name, job in jobs(path).items():
            for scope, access in job["permissions"].items():
                assert access == "read" or (path.stem, name, scope) in WRITES
            for step in job["steps"]:
                if "checkout" in step.get("uses", ""):
                    assert step["with"] == {"persist-credentials": False}


def test_supported_are_tested() -> None:
    """Every supported Python is tried on every system."""
    matrix = jobs(ROOT / ".github/workflows/test.yml")["supported"]["strategy"][
        "matrix"
    ]
    assert matrix["python"] == nox.project.python_versions(PYPROJECT)
    systems = {system.partition("-")[0] for system in matrix["system"]}
    assert systems == {"ubuntu", "macos", "windows"}


def test_every_form_is_published() -> None:
    """What the cover may offer is built before it is packed."""
    text = " ".join(run for _, run in runs(ROOT / ".github/workflows/publish.yml"))
    asked = re.search(r"nox -s (.*?) release\b", text)
    assert asked is not None
    forms = {"docs", "notebooks", "pdf", "ebook"} & SESSIONS
    assert set(asked[1].split()) == forms


PAGE = '<link href="a.css?v=1"><a href="b/c.html#there">c</a><a href="#here" id="here">'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Write a small site."""
    files = {
        "index.html": f"{PAGE}{downloads.EMPTY}<script>'<a href=\"no\">'</script>",
        "a.css": "p{background:url(d.svg)}",
        "d.svg": "<svg/>",
        "unused.svg": "<svg/>",
        "404.html": '<a href="/index.html">',
        "b/c.html": '<i id="there"></i><a href="../index.html#here">back</a>',
        "live/wheels/runtime.whl": "runtime",
    }
    for name, text in files.items():
        path = tmp_path / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "html"


class TestDownloads:
    """What can be taken along is packed, and named with its size."""

    def test_pack_holds_what_pages_use(self, site: Path) -> None:
        """Neither what no page uses is in it, nor a list of downloads."""
        bare = (site / "index.html").read_bytes()
        folder = downloads.offer(site.parent)
        with zipfile.ZipFile(folder / "gdbook-site.zip") as packed:
            names = {name.removeprefix("gdbook/") for name in packed.namelist()}
            assert names == {"index.html", "a.css", "d.svg", "b/c.html"}
            assert packed.read("gdbook/index.html") == bare
        with zipfile.ZipFile(folder / "gdbook-cells.zip") as packed:
            assert packed.namelist() == ["gdbook/live/wheels/runtime.whl"]

    def test_twice_is_the_same(self, site: Path) -> None:
        """A second release in the same place has the same bytes."""
        found = []
        for _ in range(2):
            folder = downloads.offer(site.parent)
            found.append({path.name: path.read_bytes() for path in folder.iterdir()})
        assert found[0] == found[1] != {}
        cover = (site / "index.html").read_text(encoding="utf-8")
        assert cover.count("Take it along") == 1

    def test_cover_names_what_is_there(self, site: Path) -> None:
        """Each form has a link and its size; what is missing is not named."""
        made = site.parent / "pdf" / "gdbook.pdf"
        made.parent.mkdir()
        made.write_bytes(b"%" * 3_140_000)
        downloads.offer(site.parent)
        cover = (site / "index.html").read_text(encoding="utf-8")
        assert '<a href="downloads/gdbook.pdf" download>a PDF</a> (3.1 MB), ' in cover
        assert "pages that open from the disk</a> (0.0 MB) or " in cover
        assert "ePub" not in cover
        assert links.look(site)[0] == []

    def test_nothing_is_named_where_nothing_is(self, site: Path) -> None:
        """The cover of a book without downloads has an empty place."""
        bare = (site / "index.html").read_bytes()
        downloads.fill(site)
        assert (site / "index.html").read_bytes() == bare


class TestLinks:
    """Links within a built book are followed without a browser."""

    def test_dead_links_are_named(self, site: Path) -> None:
        """A missing page and a missing place are found, by the page that names them."""
        assert links.look(site)[0] == []
        page = site / "b" / "d.html"
        page.write_text('<a href="c.html#gone"><a href="e.html">', encoding="utf-8")
        dead, _ = links.look(site)
        assert [each.rpartition("/")[2] for each in dead] == ["c.html#gone", "e.html"]
        assert all(each.startswith("b/d.html: ") for each in dead)

    def test_dead_links_fail(
        self,
        site: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """They fail without a network, too, and it is said that there is none."""
        monkeypatch.setattr(links, "answers", lambda _host: False)
        assert links.main(str(site), "") == 0
        (site / "a.html").write_text(
            '<a href="https://a.example/"><a href="b">', "utf-8"
        )
        assert links.main(str(site), "") == 1
        assert "links to others were not followed" in capsys.readouterr().out
