"""A real browser and served pages, for tests and pictures."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Where every tool is installed first, a missing browser is a failure and not a skip.
OPTIONAL = "CASEWORK_SKIP_NOTHING" not in os.environ
WHY = "no Chromium on this machine; .ci/run installs one and skips nothing"
AXE = Path(__file__).parents[1] / "build" / "tools" / "node_modules" / "axe-core" / "axe.min.js"
OF_A_SEAT = ("CASEWORK_STORE", "CASEWORK_ANCHOR", "CASEWORK_TOKEN", "JUPYTERHUB_API_TOKEN")


def launched(play: Any) -> Any:
    """Chromium, without a window."""
    assert CHROMIUM is not None, "no Chromium found, and nothing may be skipped here"
    return play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(command: Sequence[str], folder: Path, asked: str, settings: Mapping[str, str]) -> Iterator[None]:
    """A server in a folder of its own, until the block ends; it is there once `asked` answers anything at all."""
    env = {name: value for name, value in os.environ.items() if name not in OF_A_SEAT}
    env |= {"HOME": str(folder), "JUPYTER_PLATFORM_DIRS": "1", **settings}
    place = folder / "server.log"
    with place.open("wb") as log:
        process = subprocess.Popen(list(command), env=env, stdout=log, stderr=log, cwd=folder)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(asked, timeout=1).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(place.read_text()[-3000:]) from None
                time.sleep(0.1)
        else:
            raise RuntimeError(place.read_text()[-3000:])
        yield
    finally:
        process.terminate()
        process.wait(20)


def faults(page: Any, part: str | None = None) -> list[str]:
    """What axe-core calls serious or critical in the page, or in one part of it, by rule and place."""
    page.evaluate(AXE.read_text())
    run = "part => axe.run(part ? { include: [[part]] } : document, { resultTypes: ['violations'] })"
    return [
        f"{v['id']}: {node['html'][:120]}"
        for v in page.evaluate(run, part)["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"][:3]
    ]
