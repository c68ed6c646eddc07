"""Logs and texts on disk: written to a temporary file, then moved into place."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from casework.edges import limits
from casework.model import strict_json
from casework.model.decisions import DecisionLog, decode, encode
from casework.model.errors import BadInput


class _Words(TypedDict):
    salt: str
    text: str


class _Side(TypedDict):
    session: str
    texts: dict[str, _Words]


def write(path: Path, text: str) -> None:
    """Writes the whole file or nothing; BadInput if the place cannot be written."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, raw: bytes, mode: int = 0o644) -> None:
    """As `write`, of bytes; `mode` says who may read the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(f"{path.parent}: cannot be written ({error.strerror}); choose another place with --out") from None
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise BadInput(f"{path}: cannot be written ({error.strerror}); choose another place with --out") from None


@contextmanager
def new_folder(folder: Path, why: str) -> Iterator[Path]:
    """A place to write to, which becomes the folder once all of it is written; nothing is left where that fails.

    BadInput, saying why a new one is wanted, if there is something in the folder already, and where it cannot be written.
    """
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise BadInput(f"{folder}: is not empty; give a new folder, {why}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as place:
            made = Path(place) / "whole"
            made.mkdir()
            yield made
            if folder.exists():
                folder.rmdir()
            made.rename(folder)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror}); choose another place with --out") from None


def texts_path(log: Path) -> Path:
    """The side store beside a log: the only file that holds words, and the only one to erase."""
    return log.with_name(log.name.removesuffix(".jsonl") + ".texts.json")


def save(log: DecisionLog, texts: tuple[tuple[int, str, str], ...], path: Path) -> None:
    """The log, and its words beside it."""
    side = {str(n): {"salt": salt, "text": text} for n, salt, text in texts}
    write(texts_path(path), json.dumps({"session": log.header.session, "texts": side}, ensure_ascii=False, indent=1) + "\n")
    write(path, encode(log))


def logs_in(*places: Path) -> list[Path]:
    """The logs in files and folders with their subfolders, in order, hidden files left out. Raises BadInput where a folder has none."""
    found: list[Path] = []
    for place in places:
        here = sorted(path for path in place.rglob("*.jsonl") if not path.name.startswith(".")) if place.is_dir() else [place]
        if not here:
            raise BadInput(f"{place}: no logs (*.jsonl) in it; casework demo, batch and import write some")
        found += here
    return found


def read_log(path: Path) -> DecisionLog:
    """The verified log; BadInput if the file cannot be read, BrokenLog if it does not verify."""
    raw = limits.read(path, limits.LOG, "a log that casework play wrote")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file; give the path of a log that casework play wrote") from None
    if not text.lstrip().startswith('{"'):
        raise BadInput(f"{path}: not a decision log; a log is JSON Lines, as casework play writes")
    return decode(text)


def read_texts(path: Path) -> dict[int, str]:
    """The words beside a log, by entry; empty once they have been erased."""
    side = texts_path(path)
    if not side.exists():
        return {}
    return parse_texts(limits.read(side, limits.TEXTS, "the words beside a log"), side)


def read_salted(path: Path) -> tuple[tuple[int, str, str], ...]:
    """The words beside a log with their salts: (entry, salt, words); none once they have been erased."""
    side = texts_path(path)
    return _salted(limits.read(side, limits.TEXTS, "the words beside a log"), side) if side.exists() else ()


def parse_texts(raw: bytes, path: Path) -> dict[int, str]:
    """The words in a side file; BadInput if it is not one."""
    return {n: words for n, _, words in _salted(raw, path)}


def _salted(raw: bytes, path: Path) -> tuple[tuple[int, str, str], ...]:
    try:
        found = TypeAdapter(_Side).validate_python(strict_json.parse(raw.decode("utf-8")))
        return tuple((int(n), entry["salt"], entry["text"]) for n, entry in found["texts"].items())
    except ValueError as error:
        raise BadInput(f"{path}: not the words beside a log ({str(error).splitlines()[0]}); the log itself still verifies") from None


def erase_texts(folder: Path, sessions: set[str]) -> int:
    """Deletes the side files of these sessions in a folder and below; gives how many. BadInput if one cannot be read or deleted."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: is no folder; give the one that holds exported logs")
    count = 0
    for side in sorted(folder.rglob("*.texts.json")):
        try:
            whose = strict_json.parse(limits.read(side, limits.TEXTS, "the words beside a log").decode("utf-8"))["session"]
            if whose in sessions:
                side.unlink()
                count += 1
        except (ValueError, KeyError, TypeError):
            raise BadInput(f"{side}: cannot tell whose words these are; look at it, and delete it by hand if need be") from None
        except OSError as error:
            raise BadInput(f"{side}: cannot be deleted ({error.strerror}); delete it by hand") from None
    return count
