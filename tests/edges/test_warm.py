"""Warm runs: outputs as stock papermill's, cell for cell; and every way of dying is an outcome while the others go on."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest

from casework.edges.warm import pool
from casework.edges.warm.jobs import End, Job, Way
from casework.model.errors import BadInput

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="warm runs fork")

AWKWARD = {
    "quotes": "a 'single' and a \"double\" and '''three'''", "slashes": "C:\\new\\table \\u0041 \\", "arabic": "مرحبا 'x'", "emoji": "👩🏽‍🚀 café",
    "nothing": None, "not_a_number": float("nan"), "endless": float("-inf"), "day": "2026-02-29", "lines": "a\nb\r\n\tc\0d", "long": "ä" * 200_000,
    "nested": {"a": [1, 2.5, None, {"ב": True}]}, "big": 2**70,
}  # fmt: skip

BEHAVIOURS = {
    "streams": [
        "import sys\nprint('out 1')\nprint('err 1', file=sys.stderr)\nprint('out 2', end='')\nprint('err 2', file=sys.stderr)",
        "import time\nprint('early', flush=True)\nsys.stderr.write('then\\n'); sys.stderr.flush()\nprint('late', flush=True)",
        "import os, subprocess\nsubprocess.run(['echo', 'from a child process'])\nos.write(1, b'raw\\n')\nos.system('echo shell >&2')",
        "!echo hello from the shell",
        "lines = !echo one; echo two\nlines",
        "%%bash\necho in bash; echo oops >&2",
        "%%capture held\nprint('unseen')",
        "held.stdout",
        "print('a\\rb\\x08c'); print('tab\\tümlaut ✓ مرحبا')",
        "import logging\nlogging.warning('said once')\nimport warnings\nwarnings.warn('mind', stacklevel=1)",
    ],
    "displays": [
        "from IPython.display import display, HTML, Markdown, SVG, JSON, Image, clear_output, update_display\nprint('before')\ndisplay(HTML('<b>1</b>'))\nprint('between')\ndisplay(Markdown('*2*'), JSON({'a': [1]}))\n'last'",
        "handle = display('first', display_id='it')\nprint('x')",
        "update_display('second', display_id='it')\nhandle.display('again')",
        "print('gone')\nclear_output()\nprint('kept')\nclear_output(wait=True)\nprint('last')",
        "display('gone'); clear_output(wait=True)",
        "None", "x = 5", "x;", "_", "Out[1], len(In)", "class Both:\n    def _repr_mimebundle_(self, **kept):\n        return {'text/plain': 'p', 'text/latex': '$x$'}, {'k': 1}\nBoth()",
        "class Broken:\n    def _repr_html_(self):\n        raise ValueError('in a repr')\n    def __repr__(self):\n        return 'plain'\nBroken()",
        "print?", "len??", "1 + 1\n2 + 2", "{'a': {1, 2}, 'b': [list(range(40))] * 3}",
    ],
    "frames_and_figures": [
        "import pandas as pd, numpy as np\nimport matplotlib.pyplot as plt\nframe = pd.DataFrame({'when': pd.date_range('2026-01-01', periods=70), 'x': np.linspace(0, 1, 70)})\nframe",
        "frame.describe()", "frame.x.head(3)", "frame.head(2).style.format({'x': '{:.1f}'}).set_uuid('u')",
        "plt.plot([1, 2, 3]);\nplt.figure(); plt.bar(['a', 'b'], [1, 2]); plt.title('two'); print('both')",
        "figure, axes = plt.subplots()\naxes.plot([2, 1])\nplt.show()\nprint('after')\nfigure",
        "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 'x'\nplt.plot([0, 1])",
        "plt.get_backend(), plt.isinteractive(), plt.rcParams['figure.dpi'], plt.rcParams['figure.facecolor']",
        "%matplotlib inline\nplt.close('all'); plt.hist([1, 1, 2]);",
    ],
    "language": [
        "import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')\nasync def later():\n    await asyncio.sleep(0)\n    return 7\nawait later()",
        "task = asyncio.create_task(later())\nawait task", "results = await asyncio.gather(later(), later())\nresults",
        "import threading\nt = threading.Thread(target=print, args=('from a thread',)); t.start(); t.join()",
        "%lsmagic", "%who_ls" if False else "%pwd" if False else "%env NOT_SET_ANYWHERE", "%%writefile made.txt\nhello", "%run -n made.txt" if False else "%cat made.txt",
        "__name__, __builtins__.__name__", "import pickle\nclass Mine:\n    pass\ntype(pickle.loads(pickle.dumps(Mine()))) is Mine",
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as p:\n    print(p.map(abs, [-1, -2]))",
        "import sys\nsys.argv[1:2] if False else len(sys.path) > 0, sys.stdin is None, sys.flags.safe_path", "[p == '' for p in sys.path].count(True), get_ipython().__class__.__name__",
        "def f(:\n    pass" if False else "eval('1 +') if False else 'fine'", "print(*range(5), sep='\\n')", "%%time\nsum(range(10)) if False else None",
    ],
    "tolerated_errors": [
        "#raises\nraise ValueError('one ✓')", "#raises\ndef f(n):\n    return 1 / n\ndef g():\n    try:\n        f(0)\n    except ZeroDivisionError as e:\n        raise KeyError('k') from e\ng()",
        "#raises\nif True print(1)", "#raises\n  indented", "#raises\nundefined", "#raises\nraise KeyboardInterrupt()", "#raises\nimport sys\nsys.exit(3)", "#raises\nraise SystemExit", "#raises\n%nosuchmagic",
        "#raises\n!exit 3", "_exit_code", "#raises\nimport no_such_module", "#raises\nawait asyncio.nothing", "#raises\ninput_ = __builtins__.input\ninput_('?')",
        "#raises\nraise ExceptionGroup('many', [ValueError(1), TypeError(2)])", "#raises\nx = [0] * 10 ** 20",
        "%xmode Plain", "#raises\n1 / 0", "print('still here')",
    ],
    "ends_with_an_error": ["print('a')", "MD", "", "print('b')\nd = {}\nd['missing']", "print('never')"],
}  # fmt: skip


def notebook(folder, name, sources, **metadata):
    """A notebook of code cells; '' is an empty cell, 'MD' a markdown cell, '#raises' lets the cell fail."""
    cells = []
    for source in sources:
        if source == "MD":
            cells.append(nbformat.v4.new_markdown_cell("# words"))
        else:
            tags = ["raises-exception"] if source.startswith("#raises") else ["parameters"] if source.startswith("#parameters") else []
            cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags} if tags else {}))
    spec = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}, **metadata}
    path = folder / f"{name}.ipynb"
    for n, cell in enumerate(cells):
        cell.id = f"cell-{n}"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=spec), path)
    return path


@pytest.fixture(scope="module")
def plain():
    """ipykernel does not watch the descriptors 1 and 2 when it sees pytest's variable; a user's run has none."""
    kept = os.environ.pop("PYTEST_CURRENT_TEST", None)
    yield
    if kept is not None:
        os.environ["PYTEST_CURRENT_TEST"] = kept


def normal(path):
    """What a notebook shows and tells of itself, without addresses, process numbers, times, and the folders of the test.

    Text of one stream in a row is joined: where ipykernel cuts it hangs on a timer, under stock papermill too.
    """
    read = json.loads(path.read_text(encoding="utf-8"))
    for cell in read["cells"]:
        joined = []
        for output in cell.get("outputs", []):
            if joined and output["output_type"] == "stream" == joined[-1]["output_type"] and output["name"] == joined[-1]["name"]:
                joined[-1]["text"] += output["text"]
            else:
                joined.append({**output, "text": list(output["text"])} if output["output_type"] == "stream" else output)
        for output in joined:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        if "outputs" in cell:
            cell["outputs"] = joined
    for holder in [read, *read["cells"]]:
        own = holder["metadata"].get("papermill", {})
        for key in ("start_time", "end_time", "duration", "input_path", "output_path"):
            own.pop(key, None)
        if holder is not read and len(holder.get("id", "")) == 8 and not holder["id"].startswith("cell-"):
            holder["id"] = "made by papermill"
    text = json.dumps(read, ensure_ascii=False, indent=1, sort_keys=True)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "WHEN", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0xN", text)
    text = re.sub(r"(?<=<dc:date>)[^<]+", "WHEN", text)
    return text.replace("/stock/", "/warm/").splitlines()


def stock(path, output, parameters=None, cwd=None):
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(str(path), str(output), parameters or {}, progress_bar=False, kernel_name="python3", cwd=cwd and str(cwd))
    except Exception as fault:
        return type(fault).__name__
    return None


def ran(jobs, **options):
    return list(pool.run(jobs, **{"workers": 2, "retries": 0, "preload": (), **options}))


def test_outputs_are_stock_papermills_cell_for_cell(plain, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    for way in ("stock", "warm"):
        (tmp_path / way).mkdir()
    made = {name: notebook(tmp_path, name, sources) for name, sources in BEHAVIOURS.items()}
    jobs = [Job(path, tmp_path / "warm" / f"{name}.ipynb", cwd=tmp_path / "warm") for name, path in made.items()]
    shows = "#parameters\n" + "\n".join(f"{key} = 0" for key in AWKWARD)
    awkward = notebook(tmp_path, "awkward", [shows, "\n".join(f"print(ascii({key})[:300])" for key in AWKWARD), "hash(long) == hash('ä' * 200_000), nested, big"])
    jobs.append(Job(awkward, tmp_path / "warm" / "awkward.ipynb", AWKWARD, cwd=tmp_path / "warm"))
    found = ran(jobs, preload=pool.PRELOAD)
    assert [o.way for o in found] == [Way.WARM] * len(jobs)
    failed = []
    for job in jobs:
        failed += [job.output.stem] if stock(job.notebook, tmp_path / "stock" / job.output.name, job.parameters, tmp_path / "stock") else []
        assert normal(job.output) == normal(tmp_path / "stock" / job.output.name), job.output.stem
    assert [o.job.output.stem for o in found if o.end is not End.DONE] == failed
