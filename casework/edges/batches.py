"""What a batch reads and leaves on disk: the roster, names of files, pages of notebooks, and the list of what is done."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import casework
from casework.edges import documents, locks, logfiles, tables
from casework.model.errors import BadInput

MANIFEST, JOURNAL, LOCK = "manifest.json", ".done.jsonl", ".lock"
HALF = re.compile(r"\..+\.part\.ipynb|\..+\.(?:html|csv|xlsx|jsonl?)\.[a-z0-9_]{8}")  # Names of files that are not whole yet.


@dataclass(frozen=True)
class Entry:
    """One person of a roster, and the scripted trainee who plays for them."""

    trainee: str
    plays_as: str


@dataclass(frozen=True)
class Done:
    """One output of a batch. `key` says what it was made from, `digest` what came out, times and places apart.

    Paths are relative to the batch's folder. `cause` and `advice` stand where it failed, `why` where it needed an
    ordinary kernel.
    """

    trainee: str
    scenario: str
    notebook: str
    html: str
    key: str
    digest: str | None
    status: str
    cause: str | None = None
    advice: str | None = None
    way: str = "warm"
    tries: int = 1
    why: str | None = None

    @property
    def error(self) -> str | None:
        return None if self.status == "done" else f"{self.cause}; {self.advice}" if self.advice else self.cause


def safe_name(*ids: str) -> str:
    """A file name from ids: a plain slug, and a digest that keeps distinct ids apart."""
    normal = [unicodedata.normalize("NFC", id) for id in ids]
    slug = "-".join(re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")[:40] for id in normal).strip("-")
    return f"{slug or 'id'}-{hashlib.sha256(chr(31).join(normal).encode()).hexdigest()[:8]}"


def read_roster(path: Path) -> list[Entry]:
    """The people of a CSV or XLSX file, ids as text; duplicates (after NFC) are refused.

    The column 'trainee' names them; 'plays_as', where there is one, the scripted trainee who plays for each.
    """
    rows = tables.read(path)
    if not rows or "trainee" not in rows[0]:
        raise BadInput(f"{path}: no column 'trainee'; the first line must name it, and rows must follow")
    seen: dict[str, int] = {}
    found = []
    for n, row in enumerate(rows, 2):
        id = unicodedata.normalize("NFC", row["trainee"])
        if not id.strip():
            raise BadInput(f"{path}: row {n}: the trainee id is empty")
        if id in seen:
            raise BadInput(f"{path}: row {n}: {id!r} stands in row {seen[id]} already; keep one")
        seen[id] = n
        found.append(Entry(id, row.get("plays_as", "").strip() or id))
    return found


def parameters_of(notebook: Path) -> list[str]:
    """The names that a notebook's cell tagged "parameters" declares; BadInput where it is no notebook."""
    import papermill

    try:
        return list(papermill.inspect_notebook(str(notebook)))
    except Exception as fault:  # papermill and nbformat raise a dozen kinds for a file that is no notebook.
        raise BadInput(f"{notebook}: cannot be read as a notebook ({str(fault).strip().splitlines()[0][:120]})") from None


def code_digest() -> str:
    """A digest of this program's own code: outputs of another version are stale."""
    whole = hashlib.sha256()
    root = Path(casework.__file__).parent
    for path in sorted(root.rglob("*.py")):
        whole.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def key_of(*parts: Any) -> str:
    """A digest of what an output is made from. Parts are JSON values, NaN among them."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


TIMED = ("start_time", "end_time", "duration", "input_path", "output_path", "environment_variables")


def outputs_digest(read: dict[str, Any]) -> str:
    """A digest of an executed notebook without its times, and without the places where it was read and written."""
    def bare(metadata: dict[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in metadata.get("papermill", {}).items() if name not in TIMED}
        return {**{name: value for name, value in metadata.items() if name not in ("papermill", "execution", "widgets")}, "papermill": own}

    cells = [{**cell, "metadata": bare(cell["metadata"]), "id": n} for n, cell in enumerate(read["cells"])]
    return key_of({**read, "metadata": bare(read["metadata"]), "cells": cells})


def page(notebook: Path) -> tuple[str, str]:
    """The page of an executed notebook, and its digest."""
    read = json.loads(notebook.read_bytes())
    return to_html(read), outputs_digest(read)


def to_html(notebook: Mapping[str, Any]) -> str:
    """The outputs of an executed notebook as one page that asks the network for nothing."""
    parts = []
    for cell in notebook["cells"]:
        for output in cell["outputs"] if cell["cell_type"] == "code" else ():
            data = output.get("data", {})
            if "text/html" in data:
                parts.append("".join(data["text/html"]))
            elif "image/svg+xml" in data or "image/png" in data:
                kind = "image/png" if "image/png" in data else "image/svg+xml"
                parts.append(_picture(kind, "".join(data[kind])))
            elif output.get("output_type") == "error":
                parts.append(f"<pre>{escape(output['ename'])}: {escape(output['evalue'])}</pre>")
            elif output.get("output_type") == "stream" or "text/plain" in data:
                parts.append(f"<pre>{escape(''.join(output.get('text', data.get('text/plain', ''))))}</pre>")
    return documents.document("casework report", "".join(parts))


def _picture(kind: str, data: str) -> str:
    """A picture inside the page; an SVG too is an image there, so that nothing in it runs."""
    import base64

    coded = data.replace("\n", "") if kind == "image/png" else base64.b64encode(data.encode()).decode()
    return f'<img alt="A figure of the notebook" src="data:{kind};base64,{escape(coded)}">'


class Folder:
    """A batch's folder, held by one batch at a time: what is done is noted as it is done, and listed whole at the end."""

    def __init__(self, out: Path) -> None:
        self.out = out

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keeps any other batch out. The lock ends with the process, however it ends. Raises BadInput if another holds it."""
        with locks.held(self.out / LOCK, self.out, "another batch is at work there; wait for it, or choose another --out", "--out"):
            self._clear()
            journal = self.out / JOURNAL
            if journal.is_file() and not journal.read_bytes().endswith(b"\n"):
                with open(journal, "ab") as cut:  # The line that a kill cut off must not swallow the next.
                    cut.write(b"\n")
            yield

    def _clear(self) -> None:
        """Removes what a killed batch left half written, and nobody else's file."""
        for place in (self.out, self.out / "trainees", *(self.out / "logs").glob("*")):
            for part in place.glob(".*"):
                if part.is_file() and HALF.fullmatch(part.name):
                    part.unlink()

    def done(self) -> dict[str, Done]:
        """What earlier batches finished here, by notebook. A line that was cut off is passed over."""
        found: dict[str, Done] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            for row in json.loads((self.out / MANIFEST).read_bytes())["outputs"]:
                found[row["notebook"]] = Done(**row)
        with contextlib.suppress(OSError):
            for line in (self.out / JOURNAL).read_bytes().splitlines():
                with contextlib.suppress(ValueError, TypeError):
                    one = Done(**json.loads(line))
                    found[one.notebook] = one
        return found

    def whole(self, one: Done) -> bool:
        """Its notebook and page stand here as they were made."""
        try:
            html, digest = page(self.out / one.notebook)
            return digest == one.digest and (self.out / one.html).read_bytes() == html.encode()
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def keep(self, one: Done) -> None:
        """Notes one output as done, durably. Raises BadInput where that cannot be written: a full disk stops the batch."""
        try:
            with open(self.out / JOURNAL, "ab") as journal:
                journal.write(json.dumps(asdict(one)).encode() + b"\n")
                journal.flush()
                os.fsync(journal.fileno())
        except OSError as fault:
            raise BadInput(f"{self.out}: cannot be written ({fault.strerror}); make room, and go on with --resume") from None

    def sweep(self, played: set[str]) -> None:
        """Removes what earlier batches played here and this one does not, by their own list: nobody else's file is touched."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            for home in set(json.loads((self.out / MANIFEST).read_bytes())["played"]) - played:
                place = self.out / "logs" / Path(home).name
                if home == f"logs/{place.name}" and place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place)

    def finish(self, outputs: Iterable[Done], **said: Any) -> None:
        """Writes the manifest: every output with its digest, in the order of the plan."""
        whole = {"format": "batch-manifest/1", **said, "outputs": [asdict(one) for one in outputs]}
        logfiles.write(self.out / MANIFEST, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
        (self.out / JOURNAL).unlink(missing_ok=True)
