"""What a batch reads and leaves: rosters as text, names that no id can lead astray, digests without times, one batch a folder."""

import json
import re
import subprocess
import sys

import pytest

from casework.edges import batches
from casework.model.errors import BadInput


def test_ids_never_become_paths_and_distinct_ids_stay_distinct():
    ids = ["..\\..\\home", "a/b", "CON", "x" * 300, "café"]
    names = [batches.safe_name(id) for id in ids]
    assert len(set(names)) == len(ids) and all(re.fullmatch(r"[a-z0-9-]{1,60}", name) for name in names)
    assert batches.safe_name("cafe\u0301") == batches.safe_name("caf\u00e9")


@pytest.mark.parametrize(
    ("text", "words"),
    [("trainee\ncaf\u00e9\ncafe\u0301\n", "already"), ("name\nx\n", "no column 'trainee'"), ("trainee\n\"a\0b\"\n", "NUL|not a CSV")],
)  # fmt: skip
def test_a_roster_with_faults_is_refused(tmp_path, text, words):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        batches.read_roster(tmp_path / "r.csv")


def test_a_roster_keeps_ids_as_text_and_says_who_plays_for_each(tmp_path):
    (tmp_path / "r.csv").write_text("trainee,plays_as\n007,steady\nsilent,\n", encoding="utf-8")
    assert batches.read_roster(tmp_path / "r.csv") == [batches.Entry("007", "steady"), batches.Entry("silent", "silent")]


def executed(start, output, says="42"):
    cell = {"cell_type": "code", "id": "a", "metadata": {"papermill": {"start_time": start, "status": "completed"}, "execution": {"x": start}}, "source": "x",
            "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": says}]}  # fmt: skip
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"papermill": {"start_time": start, "output_path": output, "parameters": {"p": 1}}}, "cells": [cell]}


def test_a_digest_tells_outputs_apart_and_not_times_nor_places():
    one, later, other = executed("10:00", "/a"), executed("11:00", "/b"), executed("10:00", "/a", "43")
    assert batches.outputs_digest(one) == batches.outputs_digest(later) != batches.outputs_digest(other)


def test_a_page_shows_what_was_printed_and_drawn_and_runs_nothing():
    cell = {"cell_type": "code", "metadata": {}, "source": "", "execution_count": 1, "outputs": [
        {"output_type": "stream", "name": "stdout", "text": ["<script>one</script>"]},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg onload='x()'/>", "text/plain": "a figure"}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "aGVs\nbG8=", "text/plain": "a figure"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "<b>", "traceback": []},
    ]}  # fmt: skip
    page = batches.to_html({"cells": [cell]})
    assert "&lt;script&gt;one" in page and "<svg" not in page and "data:image/svg+xml;base64," in page and "data:image/png;base64,aGVsbG8=" in page
    assert "ValueError: &lt;b&gt;" in page


def done(n, status="done"):
    return batches.Done(f"t{n}", "s", f"trainees/{n}.ipynb", f"trainees/{n}.html", "k", "d", status)


def test_what_is_done_is_known_after_a_kill_and_a_line_cut_off_is_passed_over(tmp_path):
    folder = batches.Folder(tmp_path)
    with folder.held():
        folder.finish([done(1)])
        folder.keep(done(2))
    with open(tmp_path / batches.JOURNAL, "ab") as journal:
        journal.write(b'{"trainee": "t3", "scen')
    (tmp_path / "trainees").mkdir()
    (tmp_path / "trainees" / ".half.part.ipynb").write_text("{")
    (tmp_path / "trainees" / ".2.html.k3_v9x0a").write_text("<")
    (tmp_path / ".gitignore").write_text("*")
    with folder.held():
        folder.keep(done(4))
    assert set(folder.done()) == {"trainees/1.ipynb", "trainees/2.ipynb", "trainees/4.ipynb"}
    assert not list((tmp_path / "trainees").iterdir()) and (tmp_path / ".gitignore").read_text() == "*"
    with folder.held():
        folder.finish(folder.done().values())
    assert len(json.loads((tmp_path / batches.MANIFEST).read_text())["outputs"]) == 3 and not (tmp_path / batches.JOURNAL).exists()


def test_two_batches_never_work_in_one_folder(tmp_path):
    code = "import sys\nfrom pathlib import Path\nfrom casework.edges.batches import Folder\nwith Folder(Path(sys.argv[1])).held():\n    print('in', flush=True)\n    sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(BadInput, match="another batch is at work there"), batches.Folder(tmp_path).held():
            pass
    finally:
        other.kill()
        other.communicate()
    with batches.Folder(tmp_path).held():
        pass


def test_a_full_disk_stops_a_batch_with_what_to_do_and_what_was_done_is_kept(tmp_path, monkeypatch):
    folder = batches.Folder(tmp_path)
    with folder.held():
        folder.keep(done(1))
        monkeypatch.setattr(batches.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(BadInput, match="No space left on device.*--resume"):
            folder.keep(done(2))
    assert "trainees/1.ipynb" in folder.done()
