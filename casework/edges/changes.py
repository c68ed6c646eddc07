"""Which content files have changed since the last commit, by git; None where there is no git to ask."""

from __future__ import annotations

import subprocess
from pathlib import Path


def changed(root: Path) -> list[Path] | None:
    """Files under a content folder that differ from the last commit, new ones among them."""
    command = ["git", "-C", str(root), "status", "--porcelain", "-z", "--untracked-files=all", "--", "scenarios", "rubrics"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        top = subprocess.run(["git", "-C", str(root), "rev-parse", "--show-toplevel"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode or top.returncode:
        return None
    home = Path(top.stdout.strip())
    # Each entry is two letters, a space and a path; a renamed or copied file is followed by its old name alone.
    entries, found = iter(done.stdout.split("\0")), []
    for entry in entries:
        if entry:
            found.append(home / entry[3:])
            if set(entry[:2]) & {"R", "C"}:
                found.append(home / next(entries))
    return found
