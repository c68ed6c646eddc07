"""Notebooks run through papermill, one output each, never two into one file."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from casework.edges import documents, logfiles, tables
from casework.model.errors import BadInput


@dataclass(frozen=True)
class Job:
    """One notebook to run: whose, on what, with which parameters, to which name (no suffix)."""

    trainee: str
    scenario: str
    notebook: Path
    parameters: dict[str, Any]
    output: Path


@dataclass(frozen=True)
class Outcome:
    trainee: str
    scenario: str
    notebook: Path
    html: Path
    digest: str | None
    error: str | None


def safe_name(*ids: str) -> str:
    """A file name from ids: a plain slug, and a digest that keeps distinct ids apart."""
    normal = [unicodedata.normalize("NFC", id) for id in ids]
    slug = "-".join(re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")[:40] for id in normal).strip("-")
    return f"{slug or 'id'}-{hashlib.sha256(chr(31).join(normal).encode()).hexdigest()[:8]}"


def read_roster(path: Path) -> list[str]:
    """The ids in the column 'trainee' of a CSV or XLSX file, as text; duplicates (after NFC) are refused."""
    rows = tables.read(path)
    if not rows or "trainee" not in rows[0]:
        raise BadInput(f"{path}: no column 'trainee'; the first line must name it, and rows must follow")
    seen: dict[str, int] = {}
    for n, row in enumerate(rows, 2):
        id = unicodedata.normalize("NFC", row["trainee"])
        if not id.strip():
            raise BadInput(f"{path}: row {n}: the trainee id is empty")
        if id in seen:
            raise BadInput(f"{path}: row {n}: {id!r} stands in row {seen[id]} already; keep one")
        seen[id] = n
    return list(seen)


def run(job: Job) -> Outcome:
    """Executes a notebook, and writes it and its HTML; a failure is an outcome, not an exception."""
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    import nbformat
    import papermill
    from papermill.exceptions import PapermillException

    notebook, html = job.output.with_suffix(".ipynb"), job.output.with_suffix(".html")
    declared = papermill.inspect_notebook(str(job.notebook))
    unknown = sorted(set(job.parameters) - set(declared))
    if unknown:
        raise BadInput(f"{job.notebook.name} declares no parameter {', '.join(unknown)}; it has {', '.join(declared)}")
    try:
        job.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise BadInput(f"{job.output.parent}: cannot be written ({fault.strerror}); choose another --out") from None
    part = job.output.with_suffix(".part.ipynb")
    error: str | None = None
    try:
        papermill.execute_notebook(
            str(job.notebook), str(part), job.parameters, progress_bar=False, log_output=False, kernel_name="python3",
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
    except (PapermillException, RuntimeError, TimeoutError) as fault:
        error = f"{type(fault).__name__}: {str(fault).strip().splitlines()[-1]}"
    if part.is_file():
        os.replace(part, notebook)
        logfiles.write(html, to_html(nbformat.read(notebook, as_version=4)))  # type: ignore[no-untyped-call]
    digest = hashlib.sha256(notebook.read_bytes()).hexdigest() if notebook.is_file() else None
    return Outcome(job.trainee, job.scenario, notebook, html, digest, error)


def to_html(notebook: Any) -> str:
    """The outputs of an executed notebook as one page that asks the network for nothing."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if "data" in output and "text/html" in output["data"]:
                parts.append("".join(output["data"]["text/html"]))
            elif output.get("output_type") == "error":
                said = f"{output['ename']}: {output['evalue']}"
                parts.append(f"<pre>{escape(said)}</pre>")
    return documents.document("casework report", "".join(parts))
