"""Give the tests of a chapter's figures each of its kinds."""

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a `kind` on every kind of its class."""
    if "kind" in metafunc.fixturenames and metafunc.cls is not None:
        metafunc.parametrize("kind", metafunc.cls.kinds, ids=str)
