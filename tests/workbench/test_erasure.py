"""After erasure no byte of a person's name or words is left: in the store, beside it, in backups made after it, or in reports."""

import subprocess
import zipfile

import pytest

from casework import workbench
from casework.edges import batches, journal, logfiles
from casework.edges.store.records import open_store
from casework.edges.warm import pool
from casework.edges.warm.jobs import Job
from casework.model.people import ROLES, Person
from casework.model.scenarios import Step
from casework.workbench import Access

NAME, LOGIN = "Siobhán Quillfeather", "quillfeather.s"
WORDS = "Told her plainly: the xylophone letter of the ombudsman is in hand. "
TRACES = [needle.encode() for needle in (NAME, "Quillfeather", LOGIN, WORDS.strip(), "xylophone")]
SCENARIO = "rule-7-handler-away"


def traces(folder):
    """Files under a folder, and members of its zips, that hold a trace."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        parts = {"": path.read_bytes()}
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                parts |= {name: archive.read(name) for name in archive.namelist()}
        found += [f"{path.name} {name}: {trace}" for name, data in parts.items() for trace in TRACES if trace in data]
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_byte_is_left(kind, library, tmp_path, request, monkeypatch):
    monkeypatch.setenv("CASEWORK_LOG", str(tmp_path / "casework.log"))
    journal.start()
    url = f"sqlite:///{tmp_path / 'store.sqlite'}" if kind == "sqlite" else request.getfixturevalue("postgres").create("erasing")
    store = open_store(url, tmp_path / "anchor")
    store.add_person(Person("boss", ROLES), "Boss")
    boss = Access(store.find_person("boss"), store, library)
    person, _ = workbench.add_person(boss, NAME, ("trainee",), LOGIN)
    me = Access(person, store, library)
    for seed in (1, 2):
        sitting = workbench.begin_session(me, SCENARIO, seed)
        for n in range(40):  # Enough to spread over pages, with growth and rewriting between.
            sitting = workbench.decide(me, sitting.id, sitting, SCENARIO, Step(do="note", text=f"{WORDS * (1 + n % 5)} {n}"))
        sitting = workbench.finish_session(me, sitting.id, sitting)
        workbench.export_session(me, sitting.id, tmp_path / "logs" / f"{seed}.jsonl")
    for notebook, what in (("20_score", "log"), ("40_cohort", "logs")):
        job = Job(workbench.notebook(None, f"{notebook}.ipynb"), tmp_path / "reports" / f"{notebook}.ipynb", {what: str(tmp_path / "logs")})
        assert next(iter(pool.run([job]))).error is None
        job.output.with_suffix(".html").write_text(batches.page(job.output)[0])
    assert traces(tmp_path / "logs") and not traces(tmp_path / "reports"), "a report holds a name or words"

    sessions, texts = workbench.erase_person(boss, person.id, tmp_path / "logs")
    workbench.backup_store(boss, tmp_path / "after.zip")

    assert (sessions, texts) == (2, 80)
    assert traces(tmp_path) == []
    assert workbench.verify_store(boss).ok
    if kind == "postgres":
        server = request.getfixturevalue("postgres")
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
        # The server's write-ahead log is its own, and is recycled by it; the guide says so.
        wanted = [f"-e{trace.decode()}" for trace in TRACES]
        grep = subprocess.run(["grep", "-rlaF", *wanted, str(server.data / "base")], capture_output=True, text=True)
        assert grep.stdout == "", "a table's file holds a trace"
    store.close()
    assert traces(tmp_path) == []
    # What remains still replays and scores.
    for n in (1, 2):
        log = logfiles.read_log(tmp_path / "logs" / f"{n}.jsonl")
        assert workbench.verify(library, tmp_path / "logs" / f"{n}.jsonl", False)[0].ok and workbench.score(library, log)
