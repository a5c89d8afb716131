"""Python in a process of its own, which can be killed or measured."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gdbook

HERE = Path(__file__).parent


def child(script: str, *arguments: Any, **environment: str) -> Any:
    """Start a script that finds the library and the tests."""
    paths = (Path(gdbook.__file__).parents[1], HERE)
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))} | environment,
        text=True,
    )


def said(script: str, *arguments: Any, **environment: str) -> str:
    """Run a script to its end, and give what it prints."""
    with child(script, *arguments, **environment) as process:
        found, _ = process.communicate()
    assert process.returncode == 0
    return str(found)
