"""What mutmut says is read as it means it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mutation
import pytest

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = """
    gdbook.losses.x_squared_error__mutmut_1: survived
    gdbook.losses.x_squared_error__mutmut_2: killed
    gdbook.losses.x_squared_error__mutmut_3: timeout
    gdbook.losses.x_absolute_error__mutmut_7: no tests
    gdbook.losses.x_absolute_error__mutmut_8: survived
"""
DIFF = """\
# {name}: survived
--- gdbook/losses.py
+++ gdbook/losses.py
@@ -1,4 +1,4 @@
 def a_loss(predictions, targets):
     errors = predictions - targets
-    {before}
+    {after}
"""
SHOWN = {
    "gdbook.losses.x_squared_error__mutmut_1": ("return errors**2", "return errors*2"),
    "gdbook.losses.x_squared_error__mutmut_3": ("return errors**2", "return errors**3"),
    "gdbook.losses.x_absolute_error__mutmut_7": ("return 1", "return 2"),
    "gdbook.losses.x_absolute_error__mutmut_8": (
        "zip(errors, rows, strict=True)",
        "zip(errors, rows, strict=False)",
    ),
}
DOUBLED = "gdbook.losses.x_squared_error : return errors*2"
CUBED = "gdbook.losses.x_squared_error : return errors**3"
UNTESTED = "gdbook.losses.x_absolute_error : return 2"


def show(name: str) -> str:
    """Show a mutant the way mutmut does."""
    before, after = SHOWN[name]
    return DIFF.format(name=name, before=before, after=after)


def test_survivors_are_named_by_function_and_line() -> None:
    """Survived and untested mutants are found, killed ones not, slow ones apart."""
    assert mutation.mutants(RESULTS, show) == ({DOUBLED, UNTESTED}, {CUBED})


def test_a_change_over_lines_is_one_line() -> None:
    """The lines that a mutant has in place of others are joined."""
    diff = "--- a\n+++ b\n-f(\n-    1,\n-)\n+f(\n+    None,\n+)\n"
    assert mutation.change(diff) == "f( None, )"


@pytest.mark.parametrize("strict", ["strict=False", "strict=None", ""])
def test_what_is_zipped_has_one_length(strict: str) -> None:
    """A mutant of `strict` alone could be seen by no test."""
    after = f"zip(a, b, {strict})"
    assert mutation.change(f"-zip(a, b, strict=True)\n+{after}\n") is None
    assert mutation.change(f"-zip(a, b, strict=True)\n+zip(a, c, {strict})\n")


def test_entries_are_read_up_to_their_reason() -> None:
    """A line is function and change, then two spaces, a hash and the reason."""
    text = f"# About this file.\n{DOUBLED}  # no sign\n{CUBED} # 3  # no power\n"
    assert mutation.listed(text) == {DOUBLED, f"{CUBED} # 3"}


def test_every_entry_of_the_list_names_a_module() -> None:
    """Entries of modules that are gone, or that are never changed, would stay."""
    entries = mutation.listed(mutation.EQUIVALENT.read_text(encoding="utf-8"))
    assert entries
    assert {mutation.module_of(entry) for entry in entries} <= set(mutation.modules([]))


def test_survivors_that_are_not_listed_are_faults() -> None:
    """A mutant that no test minds is named, unless it is known to change nothing."""
    losses = ["gdbook/losses.py"]
    found = {DOUBLED, UNTESTED}
    assert mutation.complaints(found, set(), found, losses) == []
    assert mutation.complaints(found, set(), {UNTESTED}, losses) == [
        f"no test fails for: {DOUBLED}"
    ]


def test_entries_that_no_longer_survive_are_faults() -> None:
    """An entry goes when its mutant is killed or gone, not when time ran out."""
    entries = {DOUBLED, CUBED, "gdbook.network.x_f : return 1"}
    said = mutation.complaints(set(), {CUBED}, entries, ["gdbook/losses.py"])
    assert said == [
        f"equivalent_mutants.txt names what no longer survives: {DOUBLED}",
    ]


def test_modules_are_named_by_stem_or_file() -> None:
    """A chapter's module and a library's may share a stem; nothing named is all."""
    both = ["gdbook/activations.py", "gdbook/examples/activations.py"]
    assert mutation.modules(["activations"]) == both
    assert mutation.modules(["gdbook/activations.py", "momentum"]) == [
        "gdbook/activations.py",
        "gdbook/examples/momentum.py",
    ]
    every = mutation.modules([])
    assert {"gdbook/losses.py", *both} < set(every)
    assert {"gdbook/cluster.py", "gdbook/examples/in_keras.py"}.isdisjoint(every)
    with pytest.raises(ValueError, match=r"no module 'loses'; .* gdbook/losses\.py"):
        mutation.modules(["losses", "loses"])


def test_copy_changes_what_is_named_only(tmp_path: Path) -> None:
    """The copy's settings name the modules to change, and nothing else differs."""
    mutation.copy_library(tmp_path / "copy", ["gdbook/losses.py"])
    copied = (tmp_path / "copy" / "pyproject.toml").read_text(encoding="utf-8")
    assert '\nonly_mutate = ["gdbook/losses.py"]\ndo_not' in copied
    assert (tmp_path / "copy" / "gdbook" / "losses.py").is_file()
    assert (tmp_path / "copy" / "tests" / "test_losses.py").is_file()


def test_examples_are_decorated_behind_them() -> None:
    """A function of several lines is called on, and what is no example stays."""
    source = """
@checked
def double(
    value: Finite = 1,
) -> int:
    return 2 * value

@cache
def other() -> int:
    return 1
"""
    moved = mutation.called_on(source)
    assert "@checked" not in moved
    assert "    return 2 * value\ndouble = checked(double)\n" in moved
    assert moved.endswith("@cache\ndef other() -> int:\n    return 1\n")
