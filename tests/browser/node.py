"""Ask a script that Node runs."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any


def ask(script: str, npm: Path, timeout: float | None = None, **asked: Any) -> Any:
    """Run a script beside this file with the packages of npm; return its answer."""
    node = shutil.which("node")
    assert node is not None, f"{script} needs Node, and there is none"
    request = {"modules": str(npm), **asked}
    process = subprocess.run(
        [node, str(Path(__file__).with_name(script)), json.dumps(request)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=timeout,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    return json.loads(process.stdout)
