"""Warm runs: outputs as stock papermill's, cell for cell; and every way of dying is an outcome while the others go on."""

import datetime
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
        "for n in range(2):\n    print('slow', n)\n    time.sleep(0.8)\n    print('mind', n, file=sys.stderr)\n    time.sleep(0.8)",
        "import multiprocessing\nforks = multiprocessing.get_context('fork')\n"
        "for n in range(2):\n    print('before', n, flush=True)\n    p = forks.Process(target=print, args=('in a fork', n)); p.start(); p.join()\nprint('after', n)",
        "subprocess.run(['echo', 'after a fork'])\nprint('then', flush=True); print('and on', file=sys.stderr, flush=True); print('to the end')",
        "import logging\nlogging.warning('said once')\nimport warnings\nwarnings.warn('mind', stacklevel=1)",
    ],
    "displays": [
        "from IPython.display import display, HTML, Markdown, SVG, JSON, Image, clear_output, update_display\nprint('before')\ndisplay(HTML('<b>1</b>'))\nprint('between')\ndisplay(Markdown('*2*'), JSON({'a': [1]}))\n'last'",
        "handle = display('first', display_id='it')\nprint('x')",
        "update_display('second', display_id='it')\nhandle.display('again')",
        "print('gone')\nclear_output()\nprint('kept')\nclear_output(wait=True)\nprint('last')",
        "display('gone'); clear_output(wait=True)",
        "None", "x = 5", "x;", "_", "Out[1], len(In)", "class Both:\n    def _repr_mimebundle_(self, **kept):\n        return {'text/plain': 'p', 'text/latex': '$x$'}, {'k': 1}\nBoth()",
        "#raises\nclass Broken:\n    def _repr_html_(self):\n        raise ValueError('in a repr')\n    def __repr__(self):\n        return 'plain'\nBroken()",
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
        "%lsmagic", "%who", "%pwd", "#raises\n%env NOT_SET_ANYWHERE", "%%writefile made.txt\nhello", "%cat made.txt", "%history -n 1-3", "%time 1 + 1",
        "__name__, __builtins__.__name__", "import pickle\nclass Mine:\n    pass\ntype(pickle.loads(pickle.dumps(Mine()))) is Mine",
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as p:\n    print(p.map(abs, [-1, -2]))",
        "import sys\nsys.path, sys.stdin is None, sys.flags.safe_path", "%%time\nsum(range(10))", "[p == '' for p in sys.path].count(True), get_ipython().__class__.__name__",
        "import os\nos.environ.get('OMP_NUM_THREADS'), os.environ['TERM'], os.environ.get('MPLBACKEND'), sorted(k for k in os.environ if 'DEBUG' in k)",
        "import signal\nsignal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGCHLD)",
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
    text = re.sub(r"(Wall time: |CPU times: )[^\\\"]+", r"\1TIME", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0xN", text)
    text = re.sub(r"(?<=<dc:date>)[^<]+", "WHEN", text)
    return re.sub("/stock\\b", "/warm", text).splitlines()


def stock(path, output, parameters=None, cwd=None):
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(str(path), str(output), parameters or {}, progress_bar=False, kernel_name="python3", cwd=cwd and str(cwd))
    except Exception as fault:
        return type(fault).__name__
    return None


def ran(jobs, **options):
    return list(pool.run(jobs, pool.Settings(**{"workers": 2, "retries": 0, "preload": (), **options})))


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
        # Stock papermill's own order of a child process's streams is not the same in every run on a busy machine.
        for _ in range(3):
            wrong = stock(job.notebook, tmp_path / "stock" / job.output.name, job.parameters, tmp_path / "stock")
            if normal(job.output) == normal(tmp_path / "stock" / job.output.name):
                break
        failed += [job.output.stem] if wrong else []
        assert normal(job.output) == normal(tmp_path / "stock" / job.output.name), job.output.stem
    assert [o.job.output.stem for o in found if o.end is not End.DONE] == failed
    # Whatever is compared has run: nothing is alike because a library was missing, or because an earlier cell had failed.
    for name in BEHAVIOURS.keys() - {"ends_with_an_error"}:
        cells = [cell for cell in nbformat.read(tmp_path / "warm" / f"{name}.ipynb", 4).cells if not {"raises-exception", "papermill-error-cell-tag"} & {*cell.metadata.tags}]
        assert {cell.metadata.papermill.status for cell in cells if cell.source} == {"completed"}, name
    assert (tmp_path / "warm" / "frames_and_figures.ipynb").read_text(encoding="utf-8").count('"image/png"') == 4


def test_exit_in_a_cell_ends_the_run_there_as_with_a_kernel_process(plain, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    (tmp_path / "stock").mkdir()
    path = notebook(tmp_path, "leaves", ["print(1)", "exit()", "import time\ntime.sleep(0.5)\nprint('the kernel stops after 0.1 s')", "print('not reached')"])
    (found,) = ran([Job(path, tmp_path / "warm" / "leaves.ipynb")])
    assert stock(path, tmp_path / "stock" / "leaves.ipynb") == "DeadKernelError"
    assert found.end is End.FAILED and "the kernel ended in the middle" in found.error
    assert normal(found.job.output) == normal(tmp_path / "stock" / "leaves.ipynb")


def test_what_programs_print_is_in_the_cell_that_ran_them_after_a_fork_too(plain, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    fork = "import os\npid = os.fork()\nif pid == 0:\n    print('in a fork', flush=True)\n    os._exit(0)\nos.waitpid(pid, 0);"
    says = "import subprocess\nsubprocess.run(['sh', '-c', 'echo out; echo err >&2']);"
    path = notebook(tmp_path, "says", [says, fork, *[says] * 8])
    found = ran([Job(path, tmp_path / f"{n}.ipynb") for n in range(4)])
    assert [one.end for one in found] == [End.DONE] * 4
    for one in found:
        before, forked, *after = nbformat.read(one.job.output, 4).cells
        assert "".join(o.text for o in forked.outputs) == "in a fork\n"
        assert all(sorted((o.name, o.text) for o in cell.outputs) == [("stderr", "err\n"), ("stdout", "out\n")] for cell in (before, *after))


def test_what_cannot_be_sent_is_told_in_the_cell_and_the_notebook_goes_on(plain, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    path = notebook(tmp_path, "half", ["print('half \\ud800')", "import sys\nprint('\\ud800', file=sys.stderr, flush=True)\nprint('went on')"])
    (found,) = ran([Job(path, tmp_path / "out.ipynb")])
    first, second = nbformat.read(tmp_path / "out.ipynb", 4).cells
    assert found.end is End.DONE and "surrogates not allowed" in first.outputs[0].text
    assert "went on\n" in [one.text for one in second.outputs]


def test_a_notebook_never_sees_what_another_did(plain, tmp_path):
    leaves = notebook(tmp_path, "leaves", [
        "import os, sys, builtins, pandas, random\nos.makedirs('deeper')\nos.chdir('deeper')\nos.environ['LEFT'] = 'behind'\nsys.path.insert(0, '/left')\n"
        "sys.modules['left_behind'] = sys\nbuiltins.left = 1\npandas.DataFrame.left = 1\npandas.set_option('display.max_rows', 3)\nrandom.seed(1)\nlower = open('unclosed.txt', 'w')\n"
        "kept = lower.write('written at the end')\nimport resource, signal\nresource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))\nheld = [os.dup(0) for _ in range(20)]",
    ])  # fmt: skip
    looks = notebook(tmp_path, "looks", [
        "import os, sys, builtins, pandas, random, resource, numpy\nprint(os.getcwd(), os.environ.get('LEFT'), '/left' in sys.path, 'left_behind' in sys.modules, hasattr(builtins, 'left'), hasattr(pandas.DataFrame, 'left'),"
        " pandas.get_option('display.max_rows'), resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 50, sep='\\n')",
        "print(random.random(), numpy.random.rand())", "print(os.getpgid(0) == os.getpid(), max(map(int, os.listdir('/proc/self/fd'))) < 60)",
    ])  # fmt: skip
    (tmp_path / "in").mkdir()
    found = ran([Job(p, tmp_path / "out" / f"{n}.ipynb", cwd=tmp_path / "in") for n, p in enumerate([leaves, looks, looks])], workers=1)
    assert [o.error for o in found] == [None] * 3
    saw = [[c.outputs[0].text for c in nbformat.read(o.job.output, 4).cells] for o in found[1:]]
    assert saw[0][0].split() == [str(tmp_path / "in"), "None", "False", "False", "False", "False", "60", "False"] and saw[0][2] == "True True\n"
    assert saw[0][1] != saw[1][1]
    assert (tmp_path / "in" / "deeper" / "unclosed.txt").read_text() == "written at the end"


DEATHS = {
    "killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", End.DIED, "killed \\(SIGKILL\\)"),
    "crashes": ("import ctypes\nctypes.string_at(0)", End.DIED, "crashed \\(SIGSEGV\\)"),
    "leaves_at_once": ("import os\nos._exit(0)", End.DIED, "ended itself with code 0"),
    "hangs": ("print('so far')\nwhile True: pass", End.HUNG, "still running after 3 s"),
    "hangs_and_holds_on": ("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)", End.HUNG, "still running after 3 s"),
    "waits_forever": ("import asyncio\nawait asyncio.sleep(1000)", End.HUNG, "still running after 3 s"),
    "exits": ("import sys\nsys.exit(4)", End.FAILED, "SystemExit: 4"),
    "interrupts_itself": ("raise KeyboardInterrupt('mine')", End.FAILED, "KeyboardInterrupt: mine"),
    "out_of_memory": ("x = bytearray(3_000_000_000)", End.FAILED, "out of memory \\(the limit is 2,500,000,000 bytes\\)"),
    "its_own_fault": ("[][1]", End.FAILED, "IndexError: list index out of range"),
    "fine": ("print('fine')", End.DONE, None),
}  # fmt: skip


def test_every_death_is_an_outcome_with_its_cause_and_the_notebook_is_kept(plain, tmp_path):
    paths = {name: notebook(tmp_path, name, ["print('before')", source, "print('after')"]) for name, (source, _, _) in DEATHS.items()}
    found = ran([Job(path, tmp_path / "out" / f"{name}.ipynb") for name, path in paths.items()], timeout=3, memory=2_500_000_000, retries=1)
    assert [o.job.output.stem for o in found] == list(DEATHS)
    for outcome in found:
        _, end, words = DEATHS[outcome.job.output.stem]
        assert outcome.end is end and (words is None or re.search(words, outcome.error)), outcome
        assert outcome.tries == (2 if end is End.DIED else 1)
        cells = nbformat.read(outcome.job.output, 4).cells
        shown = [o for c in cells if c.cell_type == "code" for o in c.outputs]
        assert shown[0].text == "before\n" and (any(o.output_type == "error" for o in shown) if end is not End.DONE else shown[-1].text == "after\n"), outcome
        assert "after\n" not in [o.get("text") for o in shown] or end is End.DONE
        assert outcome.advice or end is End.DONE
    assert "so far" in (tmp_path / "out" / "hangs.ipynb").read_text() and not list((tmp_path / "out").glob(".*"))


def test_a_notebook_whose_process_was_killed_once_is_done_on_the_second_try(plain, tmp_path):
    once = notebook(tmp_path, "once", ["import os, pathlib, signal\nif not os.path.exists('seen'):\n    pathlib.Path('seen').touch()\n    os.kill(os.getpid(), signal.SIGKILL)\nprint('done')"])
    (found,) = ran([Job(once, tmp_path / "out" / "once.ipynb", cwd=tmp_path)], retries=1)
    assert (found.end, found.tries, found.error) == (End.DONE, 2, None)


def alive(mark):
    """The processes whose command line or environment holds a mark."""
    found = []
    for each in Path("/proc").iterdir():
        try:
            if each.name.isdigit() and int(each.name) != os.getpid() and mark.encode() in (each / "environ").read_bytes() + (each / "cmdline").read_bytes():
                found.append(int(each.name))
        except OSError:
            continue
    return found


def gone(mark, seconds=10):
    until = time.monotonic() + seconds
    while alive(mark) and time.monotonic() < until:
        time.sleep(0.1)
    return not alive(mark)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL], ids=["ctrl_c", "killed"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_process_outlives_the_parent(tmp_path, by):
    mark = f"mark-of-{by.name}-{os.getpid()}"
    stays = notebook(tmp_path, "stays", ["import os, subprocess, time, pathlib\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\npathlib.Path(f'up{os.getpid()}').touch()\ntime.sleep(600)"])
    code = f"import pathlib\nfrom casework.edges.warm import pool\nfrom casework.edges.warm.jobs import Job\nfor o in pool.run([Job(pathlib.Path({str(stays)!r}), pathlib.Path('out') / f'{{n}}.ipynb') for n in range(4)], pool.Settings(2, preload=())): pass"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "MARK": mark}, stderr=subprocess.PIPE, start_new_session=True)
    until = time.monotonic() + 30
    while len(list(tmp_path.glob("up*"))) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(list(tmp_path.glob("up*"))) == 2 and len(alive(mark)) >= 6
    os.kill(parent.pid, by)
    parent.wait(15)
    parent.stderr.close()
    assert gone(mark)


def test_never_more_notebooks_run_than_there_are_workers(plain, tmp_path):
    counts = "import os, time\nopen(str(os.getpid()), 'w').close(); time.sleep(0.2); print(len(os.listdir('.'))); os.remove(str(os.getpid()))"
    path = notebook(tmp_path, "counts", [counts])
    (tmp_path / "now").mkdir()
    found = ran([Job(path, tmp_path / "out" / f"{n}.ipynb", cwd=tmp_path / "now") for n in range(9)], workers=3)
    saw = [int(nbformat.read(o.job.output, 4).cells[0].outputs[0].text) for o in found]
    assert max(saw) == 3 and not list((tmp_path / "now").iterdir())


def test_a_killed_zygote_is_started_again_and_its_notebooks_are_tried_again(plain, tmp_path):
    kills = "import os, signal, time\nif not os.path.exists('seen'):\n    open('seen', 'w').close()\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(60)"
    plan = [notebook(tmp_path, f"n{n}", [kills if n == 2 else "print('fine')"]) for n in range(6)]
    found = ran([Job(p, tmp_path / "out" / p.name, cwd=tmp_path) for p in plan], workers=2, retries=1)
    assert [o.end for o in found] == [End.DONE] * 6 and [o.job.output.name for o in found] == [p.name for p in plan]
    assert found[2].tries == 2


def test_an_output_that_cannot_be_written_is_an_outcome_and_the_others_go_on(plain, tmp_path):
    path = notebook(tmp_path, "n", ["print(1)"])
    (tmp_path / "out" / "a.ipynb").mkdir(parents=True)
    found = ran([Job(path, tmp_path / "out" / f"{name}.ipynb") for name in "ab"])
    assert [o.end for o in found] == [End.FAILED, End.DONE] and "a.ipynb: cannot be written" in found[0].error


def test_clashing_outputs_and_unknown_parameters_are_refused(tmp_path):
    path = notebook(tmp_path, "n", ["#parameters\nlog = ''"])
    with pytest.raises(BadInput, match="is the output of n.ipynb and of n.ipynb"):
        ran([Job(path, tmp_path / "a.ipynb"), Job(path, tmp_path / "A.ipynb")])
    with pytest.raises(BadInput, match="is a notebook of the plan itself"):
        ran([Job(path, path)])
    with pytest.raises(BadInput, match="the parameter log holds a date \\(2026-03-01\\)"):
        ran([Job(path, tmp_path / "b.ipynb", {"log": [{"on": datetime.date(2026, 3, 1)}]})])
    (found,) = ran([Job(path, tmp_path / "out.ipynb", {"lgo": 1})])
    assert found.end is End.REFUSED and found.cause == "n.ipynb declares no parameter lgo; it has log" and not (tmp_path / "out.ipynb").exists()


def test_notebooks_that_need_a_kernel_process_get_one_and_it_is_said(plain, tmp_path):
    comms = notebook(tmp_path, "comms", ["from comm import create_comm\nopened = create_comm(target_name='mine', data={})\nprint('ok')"])
    widgets = notebook(tmp_path, "widgets", ["import ipywidgets\nipywidgets.IntSlider(value=3)"])
    forced = notebook(tmp_path, "forced", ["print(1)"], casework={"kernel": "ordinary"})
    asks = notebook(tmp_path, "asks", ["input('?')"])
    found = ran([Job(p, tmp_path / "out" / p.name) for p in (comms, widgets, forced, asks)])
    assert [o.way for o in found] == [Way.ORDINARY] * 4
    assert [o.why for o in found] == ["it opens a comm (mine)", "it uses widgets (import ipywidgets)", "its metadata asks for an ordinary kernel", "it asks for input"]
    assert [o.end for o in found] == [End.DONE, End.DONE, End.DONE, End.FAILED] and "StdinNotImplementedError" in found[3].error
    assert "widgets" in nbformat.read(found[1].job.output, 4).metadata


def test_without_fork_notebooks_run_with_ordinary_kernels_and_it_is_said(plain, tmp_path, monkeypatch):
    monkeypatch.delattr(os, "fork")
    shows = notebook(tmp_path, "shows", ["#parameters\na = 1", "print(ascii(a))"])
    hangs = notebook(tmp_path, "hangs", ["while True: pass"])
    found = ran([Job(shows, tmp_path / "out" / "a.ipynb", {"a": "é'"}), Job(hangs, tmp_path / "out" / "b.ipynb")], timeout=12)
    assert [(o.end, o.way, o.why) for o in found] == [(End.DONE, Way.ORDINARY, "this system cannot fork"), (End.HUNG, Way.ORDINARY, "this system cannot fork")]
    assert nbformat.read(found[0].job.output, 4).cells[-1].outputs[0].text == ascii("é'") + "\n"
