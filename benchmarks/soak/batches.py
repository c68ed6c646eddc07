"""A batch of a thousand people killed at random moments and resumed each time, beside one that nobody disturbed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SCENARIO = "rule-7-handler-away"


def _left(out: Path) -> dict[str, bytes]:
    """What a batch left: pages, logs, tables and the manifest, whose digests stand for the notebooks without their times."""
    kept = (path for path in out.rglob("*") if path.is_file() and path.suffix not in (".ipynb", ".xlsx") and path.name != ".lock")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in kept}


def _processes(of: str) -> list[str]:
    """The command lines of processes that run notebooks into a folder, or wait to."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"CASEWORK_SOAK={of}".encode() in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:80])
    return found


def run(people: int, kills: int, seed: int = 1) -> dict[str, Any]:
    """`kills` at random moments; faults name every difference, orphan, and output that is missing or made twice."""
    rng, faults = random.Random(seed), []
    with tempfile.TemporaryDirectory() as held:
        place = Path(held)
        (place / "roster.csv").write_text("trainee,plays_as\n" + "".join(f"t{n:04},{('steady', 'silent', 'novice')[n % 3]}\n" for n in range(people)))
        begun = time.monotonic()

        def start(out: str) -> subprocess.Popen[bytes]:
            whole = ["--roster", str(place / "roster.csv"), "--scenarios", SCENARIO, "--workers", "2", "--out", str(place / out), "--resume"]
            mark = {**os.environ, "CASEWORK_SOAK": f"{held}/{out}"}
            return subprocess.Popen([sys.executable, "-m", "casework", "batch", *whole], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=mark)

        calm = start("calm").wait()
        undisturbed = time.monotonic() - begun
        at = []
        for _ in range(kills):
            one = start("killed")
            moment = rng.uniform(0.5, max(3.0, 0.2 * undisturbed))
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.wait(moment)
            one.send_signal(signal.SIGKILL)
            one.wait()
            at.append(round(moment, 1))
            time.sleep(1.0)
            if orphans := _processes(f"{held}/killed"):
                faults.append(f"after a kill at {moment:.1f} s these were still there: {orphans}")
        last = start("killed").wait()
        if (calm, last) != (0, 0):
            faults.append(f"exit codes {calm} and {last}")
        one, other = _left(place / "calm"), _left(place / "killed")
        faults += [f"{name}: differs" for name in sorted(set(one) | set(other)) if one.get(name) != other.get(name)]
        counts = [len(list((place / out).rglob("*.ipynb"))) for out in ("calm", "killed")]
        if counts != [people + 1, people + 1]:
            faults.append(f"{counts} notebooks in place of {people + 1}")
    return {"people": people, "kills_at_s": at, "undisturbed_s": round(undisturbed, 1), "files_compared": len(one), "faults": faults[:20]}
