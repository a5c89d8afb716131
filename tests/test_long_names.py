"""Long names of code break where their parts meet."""

import pytest
from book import ROOT


@pytest.mark.parametrize(
    "name",
    [
        "gdbook.|callbacks.|Epoch.|values",
        "docs/|_ext/|long_names.|py",
        "glue(|share=|in_words(|step.|learning_rate))",
        # No sign ends a line that a space ends already, and none begins one.
        "linear_steps(|num_steps=|1000, flat=|1e-6)",
        "intercept_gradient",
        # Every line has room for these.
        "run.new_weight",
        "a.b a.b a.b a.b a.b",
    ],
)
def test_where_a_name_breaks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts are in their order, and nothing is lost between them."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from long_names import parts  # noqa: PLC0415 (from that folder)

    assert parts(name.replace("|", "")) == name.split("|")
