"""The session `kernels` finds what another processor would say differently."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import kernels
import pytest
from book import FRONT_MATTER

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """
```{code-cell}
import os

from gdbook.examples.weight_update import repeated, weight_update
from gdbook.glue import glue
from gdbook.plotting import weight_update as draw

asked = os.environ.get("OPENBLAS_CORETYPE", "")
glue(known=len(asked) / 7, step=weight_update, hidden=asked)
figure = draw.one_step(repeated())
figure.axes[0].set_title(asked)
print("asked for", asked)
```

```{code-cell}
figure
```

A seventh of it is {glue:text}`known:.2f`, and the slope {glue:text}`step.slope`.
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page that says for which kernel it was asked."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "page.md").write_text(FRONT_MATTER + PAGE, encoding="utf-8")
    return folder


def test_a_page_that_knows_its_kernel_is_found(page: Path) -> None:
    """In an output, in a sentence and in a figure; what is the same is not named."""
    here, there = (
        kernels.said_under({"OPENBLAS_CORETYPE": name}, page)
        for name in ("Haswell", "Prescott")
    )
    assert kernels.differences(here, here) == []
    found = kernels.differences(here, there)
    assert [re.split(r":\n", place)[0] for place in found] == [
        "page, cell 1, text",
        "page, cell 2, image/svg+xml",
        "page, known:.2f",
    ]
    assert found[0].endswith("'asked for Haswell\\n'\n  'asked for Prescott\\n'")
    assert found[2].endswith("'1.00'\n  '1.14'")
    assert here["page"]["step.slope"] == "-24"
    # What moves is asked, too.
    assert here["linear_regression_grades"]["new_slope"] == '"0.712"'


def test_the_place_of_a_difference_is_shown() -> None:
    """A long text is cut before and after it, and a missing one is empty."""
    long = "x" * 1000
    plain = {"a": {"cell 1": f"{long}3490{long}", "cell 2": "same"}}
    other = {"a": {"cell 1": f"{long}3495{long}", "cell 2": "same"}, "b": {"c": "d"}}
    shown = "x" * 37
    assert kernels.differences(plain, other) == [
        f"a, cell 1:\n  '{shown}3490{'x' * 39}'\n  '{shown}3495{'x' * 39}'",
        "b, c:\n  ''\n  'd'",
    ]


def test_an_old_processor_has_nothing_new() -> None:
    """Haswell is older than the widest loops, the others older than all."""
    found = ["X86_V3", "X86_V4", "AVX512_ICL"]
    old, modern = (
        kernels.settings("Prescott", found),
        kernels.settings("Haswell", found),
    )
    assert old["OPENBLAS_CORETYPE"] == "Prescott"
    assert old["NPY_DISABLE_CPU_FEATURES"] == "X86_V3 X86_V4 AVX512_ICL"
    assert old["GLIBC_TUNABLES"] == kernels.OLD_MATHEMATICS
    assert modern == {
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
    }
    assert kernels.settings("SkylakeX", found) == {"OPENBLAS_CORETYPE": "SkylakeX"}


def asked(
    monkeypatch: pytest.MonkeyPatch, here: dict[str, str], *names: str
) -> list[str]:
    """Return the kernels that are compared on a processor that knows some of them."""
    monkeypatch.setattr(
        kernels,
        "probe",
        lambda own: (here.get(own.get("OPENBLAS_CORETYPE", ""), here[""]), []),
    )
    return [kernel for kernel, _ in kernels.kernels(names)]


def test_two_kernels_are_held_against_this_machines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is another one, and what is not here is said."""
    wide = {"": "SkylakeX", **{name: name for name in kernels.KERNELS}}
    assert asked(monkeypatch, wide) == ["SkylakeX", "Prescott", "Haswell"]
    assert asked(monkeypatch, wide, "Nehalem") == ["SkylakeX", "Nehalem"]
    assert capsys.readouterr().out == "SkylakeX: not here, where it means SkylakeX\n"
    narrow = {"": "Haswell", "Prescott": "Katmai", "Nehalem": "Nehalem"}
    assert asked(monkeypatch, narrow) == ["Haswell", "Katmai", "Nehalem"]
    assert "Haswell: not here, where it means Haswell\n" in capsys.readouterr().out


def test_a_processor_without_these_kernels_is_asked_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own arithmetic runs, and each kernel is said to be missing."""
    assert asked(monkeypatch, {"": "no OpenBLAS"}) == ["no OpenBLAS"]
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{name}: not here, where it means no OpenBLAS" for name in kernels.KERNELS
    ]


def test_what_differs_fails_the_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text or a test; tests run under other kernels, for this one's have run."""
    here: dict[str, str] = {}
    there = {"OPENBLAS_CORETYPE": "Prescott"}
    ran: list[tuple[Any, ...]] = []

    def python(own: dict[str, str], *args: str) -> SimpleNamespace:
        ran.append((own, *args))
        return SimpleNamespace(returncode=int("broken" in args))

    texts = {"": "3490", "Prescott": "3490"}
    monkeypatch.setattr(kernels, "_python", python)
    monkeypatch.setattr(
        kernels, "kernels", lambda _: [("SkylakeX", here), ("Katmai", there)]
    )
    monkeypatch.setattr(
        kernels,
        "said_under",
        lambda own, _: {"race": {"steps": texts[own.get("OPENBLAS_CORETYPE", "")]}},
    )
    assert kernels.main([], ["tests"]) == 0
    assert ran == [(there, "-m", "pytest", "tests")]
    assert kernels.main([], ["broken"]) == 1
    texts["Prescott"] = "3495"
    assert kernels.main([], []) == 1
    assert capsys.readouterr().out.endswith(
        "Katmai: 1 pages, 1 texts\nrace, steps:\n  '3490'\n  '3495'\n"
    )


@pytest.mark.parametrize(
    ("names", "under"), [((), ["Prescott"]), (("Nehalem", "Haswell"),) * 2]
)
def test_tests_run_under_the_oldest_or_all_that_are_named(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], under: list[str]
) -> None:
    """What fails there fails the session, and so does a page that differs."""
    known = {"": "SkylakeX", **{name: name for name in kernels.KERNELS}}
    monkeypatch.setattr(
        kernels, "probe", lambda own: (known[own.get("OPENBLAS_CORETYPE", "")], [])
    )
    monkeypatch.setattr(kernels, "said_under", lambda *_: {"page": {"cell": "same"}})
    ran = []

    def python(own: dict[str, str], *_: str) -> SimpleNamespace:
        ran.append(own["OPENBLAS_CORETYPE"])
        return SimpleNamespace(returncode=1)

    monkeypatch.setattr(kernels, "_python", python)
    assert kernels.main([*names], ["tests"]) == len(under)
    assert ran == [*under]
