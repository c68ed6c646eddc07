"""Spoilt input for every parser: no traceback, no hang, and nothing read as other than it says.

Each mutation is drawn from a seed, so a fault is found again by its number. Totals over a release are
kept with the results.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import multiprocessing
import os
import random
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks.soak import writing
from casework import workbench
from casework.edges import content, exports, files, logfiles, tables, xes
from casework.edges.store import archives
from casework.edges.store.records import open_store
from casework.model.decisions import encode
from casework.model.errors import BadInput, BrokenLog

SLOW = 1.0  # Seconds of the processor: other programs on the machine are not the parser's fault.
NASTY = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"{{", b"}}", b"[[[[", b"&a ", b"*a", b"<<: ", b"!!python/object:os.system ",
    b"1e999", b"NaN", b"-0", b"0x10", b"007", b"NO", b"off", b"2026-02-30", b"17:60", b'"', b"'", b"\n", b"\r", b"\t", b": ", b"- ",
    b"=1+1", b"\\u0000", b"\\ud800", b"9" * 400, b"\xe2\x80\xa8", b"\xe2\x80\xae", b"null", b"true", b"~", b"? ", b"| ", b"> ", b"%",
    b"---\n", b"...\n", b",", b";", b"PK\x03\x04", b"{", b"}", b"[", b"]", b"#",
]  # fmt: skip


def mutated(seed: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """One to six small spoilings of a good input."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(data) + 1)
        how = chance.randrange(7)
        if how == 0 and data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
        elif how == 1:
            del data[at : at + chance.choice((1, 2, 8, 64, 512))]
        elif how == 2:
            data[at:at] = chance.choice(NASTY)
        elif how == 3:
            end = at + chance.choice((1, 4, 16, 80))
            data[at:at] = data[at:end] * chance.choice((1, 2, 10))
        elif how == 4:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            data[at : at + 8] = other[start : start + chance.choice((4, 32, 200))]
        elif how == 5:
            del data[at:]
        else:
            lines = bytes(data).split(b"\n")
            chance.shuffle(lines) if chance.random() < 0.1 else lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
            data = bytearray(b"\n".join(lines))
    return bytes(data)


def inside(seed: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """A zip with one of its members spoilt, and sums that fit, so that the spoiling reaches the reader within."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as old, zipfile.ZipFile(out, "w") as new:
        victim = chance.choice(old.namelist())
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, mutated(data, chance, others) if member == victim else data)
    return out.getvalue()


def _same(value: Any, node: yaml.Node) -> bool:
    """Whether what was read is what is written, by PyYAML's own tree."""
    if isinstance(node, yaml.MappingNode):
        keys = [k.value for k, _ in node.value]
        return isinstance(value, dict) and list(value) == keys and all(_same(value[k.value], v) for k, v in node.value)
    if isinstance(node, yaml.SequenceNode):
        return isinstance(value, list) and len(value) == len(node.value) and all(map(_same, value, node.value))
    if value is None or isinstance(value, bool):
        return node.value in {None: ("", "~", "null"), True: ("true",), False: ("false",)}[value]
    if isinstance(value, int):
        return str(value) == node.value or node.value == "-0"
    return float(node.value) == value if isinstance(value, float) else str(value) == node.value


Parser = Callable[[bytes, Path], str]


def _yaml(kind: str) -> Parser:
    def parse(raw: bytes, place: Path) -> str:
        place.write_bytes(raw)
        read = files.read_file(place, kind, place.parent)
        if read.problems:
            return "refused"
        try:
            tree = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            return "read"  # The two implementations differ on a tab; there is no second opinion.
        assert _same(read.data, tree), "read as other than it says"
        return "read"

    return parse


def _log(raw: bytes, place: Path) -> str:
    place.write_bytes(raw)
    log = logfiles.read_log(place)
    assert encode(log).encode() == raw, "read as other than it says"
    return "read"


def _texts(raw: bytes, place: Path) -> str:
    found = logfiles.parse_texts(raw, place)
    plain = {int(n): one["text"] for n, one in json.loads(raw)["texts"].items()}
    assert found == plain, "read as other than it says"
    return "read"


def _csv(raw: bytes, place: Path) -> str:
    place = place.with_suffix(".csv")
    place.write_bytes(raw)
    found = tables.read(place)
    mark = next((m for m in ",;\t" if m in raw.decode("utf-8-sig").split("\n", 1)[0]), ",")
    plain = [row for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=mark) if any(c.strip() for c in row)]
    width = len(found[0]) if found else 0
    assert [list(r.values()) for r in found] == [(r + [""] * width)[:width] for r in plain[1:]], "read as other than it says"
    return "read"


def _xlsx(raw: bytes, place: Path) -> str:
    place = place.with_suffix(".xlsx")
    place.write_bytes(raw)
    tables.read(place)
    return "read"


def _xes(raw: bytes, place: Path) -> str:
    place = place.with_suffix(".xes")
    place.write_bytes(raw)
    xes.read(place)
    return "read"


def _backup(raw: bytes, place: Path) -> str:
    place = place.with_suffix(".zip")
    place.write_bytes(raw)
    archives.check(place)
    return "read"


XES = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
    b'<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>\n'
    b'<trace><string key="concept:name" value="0042"/>\n<event><string key="concept:name" value="Acknowledge"/>'
    b'<date key="time:timestamp" value="2026-03-03T09:00:00+00:00"/><int key="cost" value="7"/></event>\n'
    b'<event><string key="concept:name" value="R&#233;ponse &amp; note"><string key="inner" value="x"/></string></event></trace>\n</log>\n'
)


PARSERS = ("policy YAML", "answer YAML", "log", "texts JSON", "CSV", "XLSX", "XES", "backup")


def seeds() -> dict[str, tuple[Parser, list[bytes]]]:
    """Each parser with good inputs."""
    root = content.shipped()
    small = sorted(root.glob("scenarios/policies/*.yaml"), key=lambda p: p.stat().st_size)[:3]
    held = workbench.library()
    session = workbench.play(held, "rule-7-handler-away", "steady", 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logfiles.save(session.log(), session.texts, folder / "a.jsonl")
        log = (folder / "a.jsonl").read_bytes()
        words = (folder / "a.texts.json").read_bytes()
        exports.write_xlsx(folder / "a.xlsx", ["trainee", "n"], [["0042", 1], ["NA", 2.5]])
        store = open_store(f"sqlite:///{folder}/s.sqlite", folder / "anchor")
        head = writing.begin(store, "s1")
        for _ in range(4):
            head = writing.step(store, head)
        archives.backup(store.engine, folder / "b.zip")
        store.close()
        book, backup = (folder / "a.xlsx").read_bytes(), (folder / "b.zip").read_bytes()
    answer = next(root.glob("scenarios/cases/**/answers/*.yaml")).read_bytes()
    return {
        "policy YAML": (_yaml("policy"), [p.read_bytes()[:4000].rsplit(b"\n", 1)[0] for p in small]),
        "answer YAML": (_yaml("answer"), [answer]),
        "log": (_log, [log]),
        "texts JSON": (_texts, [words]),
        "CSV": (_csv, ["trainee,surname\n0042,Null\nNA,O’Dwyer\n".encode(), b'trainee;n\r\n"a ""b""";1\r\nc;-3\r\n']),
        "XLSX": (_xlsx, [book]),
        "XES": (_xes, [XES, gzip.compress(XES)]),
        "backup": (_backup, [backup]),
    }


def _slice(job: tuple[str, int, int]) -> dict[str, Any]:
    name, start, count = job
    parser, good = seeds()[name]
    every = [seed for _, some in seeds().values() for seed in some]
    outcome = {"read": 0, "refused": 0}
    faults, slowest = [], 0.0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        place = Path(folder) / "input"
        for n in range(start, start + count):
            chance = random.Random(f"{name}/{n}")
            seed = chance.choice(good)
            spoil = inside if seed.startswith(b"PK") and chance.random() < 0.7 else mutated
            raw = spoil(seed, chance, every)
            begun = time.process_time()
            try:
                outcome[parser(raw, place)] += 1
            except (BadInput, BrokenLog):
                outcome["refused"] += 1
            except Exception as error:
                faults.append(f"{name} {n}: {type(error).__name__}: {str(error)[:200]}")
            took = time.process_time() - begun
            slowest = max(slowest, took)
            if took > SLOW:
                faults.append(f"{name} {n}: took {took:.1f} s")
    return {"outcome": outcome, "faults": faults, "slowest": slowest}


def run(count: int, names: list[str] | None = None, processes: int = 2, start: int = 0) -> dict[str, Any]:
    """`count` mutations for each parser."""
    found: dict[str, Any] = {"inputs": {}, "outcomes": {}, "slowest_seconds": {}, "faults": []}
    size = max(1, min(20_000, count // processes))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for name in names or PARSERS:
            jobs = [(name, start + at, min(size, count - at)) for at in range(0, count, size)]
            done = pool.map(_slice, jobs, 1)
            found["inputs"][name] = count
            found["outcomes"][name] = {k: sum(d["outcome"][k] for d in done) for k in ("read", "refused")}
            found["slowest_seconds"][name] = round(max(d["slowest"] for d in done), 3)
            found["faults"] += [fault for d in done for fault in d["faults"]][:50]
    return found


