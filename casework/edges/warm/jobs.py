"""What is to be run and what came of it, as they pass between the pool, the zygote and its children."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from casework.model.errors import BadInput


class Way(Enum):
    """How a notebook is run: its cells in a forked child, or with a kernel process as stock papermill does."""

    WARM = "warm"
    ORDINARY = "ordinary"


class End(Enum):
    """How a run ended. Only a death is tried again: the others would end the same way."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNFIT = "unfit"
    DIED = "died"
    HUNG = "hung"


@dataclass(frozen=True)
class Job:
    """One notebook to run, its parameters, and the path of the executed notebook (`.ipynb`).

    `cwd` is where its cells run (None: where the pool was started from); `kernel` the kernel's name.
    """

    notebook: Path
    output: Path
    parameters: dict[str, Any] = field(default_factory=dict)
    cwd: Path | None = None
    kernel: str = "python3"

    @property
    def part(self) -> Path:
        """Where the notebook is written until it is whole."""
        return self.output.with_name(f".{self.output.stem}.part.ipynb")


@dataclass(frozen=True)
class Outcome:
    """What came of a job: the executed notebook's digest (None: there is none), the cause of a failure and the next step.

    `way` says whether it was run warm or with an ordinary kernel, `why` says why ordinary; `seconds` is the last try's.
    """

    job: Job
    end: End
    way: Way
    tries: int
    seconds: float
    digest: str | None = None
    cause: str | None = None
    advice: str | None = None
    why: str | None = None

    @property
    def error(self) -> str | None:
        """One line for a table of failures; None where the notebook ran to its end."""
        return None if self.end is End.DONE else f"{self.cause}; {self.advice}" if self.advice else self.cause


@dataclass(frozen=True)
class Order:
    """One try of a job, as the zygote gets it."""

    number: int
    notebook: str
    output: str
    part: str
    cwd: str
    kernel: str
    parameters: dict[str, Any]
    environment: dict[str, str]
    way: Way
    timeout: float | None
    memory: int | None


@dataclass(frozen=True)
class Report:
    """How a try ended, as the zygote tells it: `said` is the child's word (None: it died without one)."""

    number: int
    seconds: float
    code: int
    timed_out: bool
    said: Said | None


@dataclass(frozen=True)
class Said:
    """A child's own word on how it ended, and on why in one line."""

    end: End
    cause: str | None = None


def verdict(report: Report, timeout: float | None, memory: int | None) -> tuple[End, str | None, str | None]:
    """How a try ended, its cause in words, and the next step."""
    if report.timed_out:
        return End.HUNG, f"still running after {timeout:g} s, and stopped", "look at the cell marked failed, or allow more time"
    said = report.said
    if said is not None:
        if said.end is End.FAILED and said.cause is not None and said.cause.startswith("MemoryError"):
            limit = f" (the limit is {memory:,} bytes)" if memory else ""
            return End.FAILED, f"out of memory{limit}: {said.cause}", "give it less data, or raise the limit"
        return said.end, said.cause, "open the notebook at the cell marked failed" if said.end is End.FAILED else None
    if report.code >= 0:
        return End.DIED, f"its process ended itself with code {report.code} (os._exit, or a library's)", "look at the cell marked failed"
    name = signal.Signals(-report.code).name
    if report.code == -signal.SIGKILL:
        return End.DIED, "its process was killed (SIGKILL), as the system does when memory runs out", "see that there is memory for every worker, or use fewer"
    return End.DIED, f"its process crashed ({name})", "look at the cell marked failed; a library's own code is the likely cause"


def settled(job: Job, outcome: Outcome) -> Outcome:
    """The outcome with its notebook in place and its digest, or as a failure where it cannot be written there."""
    died = outcome.cause if outcome.end in (End.DIED, End.HUNG) else None
    try:
        return replace(outcome, digest=close(job.part, job.output, died))
    except OSError as fault:
        cause = f"{job.output}: cannot be written ({fault.strerror})"
        return replace(outcome, end=End.FAILED, cause=cause, advice="see that there is room and that the place is free, and run it again")


def refuse_clashes(jobs: list[Job]) -> None:
    """Refuses a plan in which two outputs are one path (whatever the case of its letters), or an output is an input."""
    inputs = {os.path.realpath(job.notebook) for job in jobs}
    taken: dict[str, Job] = {}
    for job in jobs:
        if job.output.suffix != ".ipynb":
            raise BadInput(f"{job.output}: the output's name must end in .ipynb")
        where = os.path.realpath(job.output)
        if where in inputs:
            raise BadInput(f"{job.output}: is a notebook of the plan itself; choose another output")
        if where.casefold() in taken:
            raise BadInput(f"{job.output}: is the output of {job.notebook.name} and of {taken[where.casefold()].notebook.name}; give each its own")
        taken[where.casefold()] = job


WIDGETS = re.compile(r"^\s*(?:import|from)\s+(?:ipywidgets|ipycanvas|ipyleaflet|bqplot|plotly\.graph_objs|anywidget)\b|%matplotlib\s+(?:widget|ipympl|notebook)|%gui\b", re.M)
ASKS = re.compile(r"(?<![\w.])(?:input|getpass)\s*\(|\bgetpass\.getpass\s*\(")


def why_ordinary(notebook: Path, kernel: str) -> str | None:
    """Why a notebook needs a kernel process, in words; None where it may run warm. An unreadable one is papermill's to refuse."""
    try:
        read = json.loads(notebook.read_bytes())
        metadata, cells = read.get("metadata", {}), read.get("cells", [])
        code = "\n".join("".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code")
    except (OSError, ValueError, AttributeError, TypeError):
        return None
    language = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name") or "python"
    wanted = metadata.get("casework", {})
    if isinstance(wanted, dict) and wanted.get("kernel") == "ordinary":
        return "its metadata asks for an ordinary kernel"
    if kernel != "python3" or str(language).lower() not in ("python", "ipython", "python3"):
        return f"it runs on the kernel {kernel!r} ({language})"
    if found := WIDGETS.search(code):
        return f"it uses widgets ({found.group().strip()})"
    return "it asks for input" if ASKS.search(code) else None


def close(part: Path, output: Path, cause: str | None) -> str | None:
    """The digest of the executed notebook, moved into its place whole; None where nothing was executed.

    With a cause, the cell that was running when its process ended gets it as an error output.
    """
    try:
        read = json.loads(part.read_bytes())
    except (OSError, ValueError):
        part.unlink(missing_ok=True)
        return None
    read.setdefault("metadata", {}).setdefault("papermill", {})["output_path"] = str(output)
    if cause is not None:
        read["metadata"]["papermill"]["exception"] = True
        for cell in read["cells"]:
            own = cell.get("metadata", {}).get("papermill", {})
            if own.get("status") == "running":
                own.update(exception=True, status="failed")
                if cell["cell_type"] == "code":
                    cell["outputs"].append({"ename": "DeadKernelError", "evalue": cause, "output_type": "error", "traceback": [f"DeadKernelError: {cause}"]})
    text = json.dumps(read, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
    written = text.encode("utf-8", "surrogatepass")
    part.write_bytes(written)
    os.replace(part, output)
    return hashlib.sha256(written).hexdigest()
