"""A disk that fails at each of a writer's writes in turn: full, or giving errors."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from casework.edges.store.records import open_store
from casework.edges.store.verifying import verify
from casework.model.decisions import lines_of

STEPS = 6
CODE = """
import sys
from pathlib import Path
from benchmarks.soak import writing
from casework.edges.store.records import open_store
from casework.model.errors import BadInput
try:
    store = open_store(sys.argv[1], Path(sys.argv[2]))
    head = writing.begin(store, "s1")
    print(head.n, head.hash, flush=True)
    for _ in range(int(sys.argv[3])):
        head = writing.step(store, head, "Words long enough to fill pages. " * 200)
        print(head.n, head.hash, flush=True)
    store.close()
except BadInput as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""


@dataclass
class Found:
    """`writes` is how many the writer makes; each of them failed once for each error. `faults` must be empty."""

    writes: int = 0
    trials: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


def library(folder: Path) -> Path | None:
    """The compiled interposer; None where there is no C compiler, or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    out = folder / "failwrites.so"
    source = Path(__file__).with_name("failwrites.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-w", "-O1", "-o", str(out), str(source), "-ldl"], check=True)
    return out


def sqlite(stride: int = 1) -> Found:
    """Fails every `stride`-th write and all after it, first as a full disk, then as an I/O error."""
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        made = library(folder)
        if made is None:
            raise RuntimeError("a C compiler on Linux is needed to make a disk fail")
        count = folder / "count"
        _run(made, folder / "probe", 0, 0, count)
        found.writes = int(count.read_text())
        for error in (errno.ENOSPC, errno.EIO):
            for at in range(1, found.writes + 1, stride):
                _trial(made, folder / f"{error}-{at}", at, error, found)
    return found


def _run(made: Path, place: Path, at: int, error: int, count: Path) -> subprocess.CompletedProcess[str]:
    place.mkdir()
    env = os.environ | {
        "LD_PRELOAD": str(made), "FAIL_UNDER": str(place), "FAIL_AT": str(at), "FAIL_ERRNO": str(error), "FAIL_COUNT": str(count),
    }  # fmt: skip
    command = [sys.executable, "-c", CODE, f"sqlite:///{place}/store.sqlite", str(place / "anchor"), str(STEPS)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def _trial(made: Path, place: Path, at: int, error: int, found: Found) -> None:
    done = _run(made, place, at, error, place.parent / "count")
    where = f"write {at}, {errno.errorcode[error]}"
    told = {int(n): hash for n, hash in (line.split() for line in done.stdout.splitlines())}
    found.trials += 1
    if "Traceback" in done.stderr or done.returncode not in (0, 2):
        found.faults.append(f"{where}: exit {done.returncode}: {done.stderr.strip()[-300:]}")
        return
    if done.returncode == 2:
        found.refused += 1
        said = done.stderr.strip()
        if not any(word in said for word in ("disk", "Disk", "malformed", "locked")) or "\n" in said:
            found.faults.append(f"{where}: unclear message: {said}")
    store = open_store(f"sqlite:///{place}/store.sqlite", place / "anchor")
    verdict = verify(store)
    found.faults += [f"{where}: {problem}" for problem in verdict.problems]
    held = {line.n: line.hash for line in lines_of(store.log("s1"))} if told else {}
    for n, hash in told.items():
        if held.get(n) != hash:
            found.faults.append(f"{where}: entry {n} was acknowledged and is not there")
    store.close()
    shutil.rmtree(place)
