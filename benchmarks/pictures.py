"""The pictures of the guides, taken anew: `make pictures` opens the desk in JupyterLab and plays a little."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Runs the browser tests of the desk with a folder for their pictures."""
    place = ROOT / "docs" / "pictures"
    place.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"CASEWORK_PICTURES": str(place), "CASEWORK_SKIP_NOTHING": "1"}
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/browser/test_desk.py"], cwd=ROOT, env=env).returncode


if __name__ == "__main__":
    sys.exit(main())
