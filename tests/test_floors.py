"""The floors of the house: a module imports only lower floors, and pure floors read nothing from outside."""

import ast
from pathlib import Path

import casework

ROOT = Path(casework.__file__).parent
FLOORS = ["model", "practice", "quality", "progress", "edges", "workbench", "faces"]
OUTSIDE = {"os", "pathlib", "time", "secrets", "subprocess", "socket", "tempfile", "shutil", "yaml"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(name):
    part = name.split(".")[1] if name.startswith("casework.") else ""
    return FLOORS.index(part) if part in FLOORS else None


def test_a_floor_imports_only_lower_floors():
    for path in ROOT.rglob("*.py"):
        here = floor(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
        for name in imports(path):
            there = floor(name)
            assert here is None or there is None or there <= here, f"{path.name} imports {name}"


def test_pure_floors_read_no_clock_file_or_environment():
    for part in FLOORS[:4]:
        for path in (ROOT / part).rglob("*.py"):
            assert not OUTSIDE & {name.split(".")[0] for name in imports(path)}, path
            called = {n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)}
            assert not called & {"now", "utcnow", "today"} - {"now"} and "datetime.now" not in path.read_text(), path


def test_there_are_no_cycles_inside_a_floor():
    for part in FLOORS:
        graph = {}
        for path in (ROOT / part).glob("*.py"):
            name = f"casework.{part}.{path.stem}"
            graph[name] = {i for i in imports(path) if i.startswith(f"casework.{part}.") and i != name}
        while graph:
            free = [n for n, needs in graph.items() if not needs & set(graph)]
            assert free, f"cycle among {sorted(graph)}"
            for n in free:
                graph.pop(n)


def test_modules_stay_small():
    for path in ROOT.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 400, path


def test_nothing_runs_or_unpickles_what_it_is_given():
    banned = {"eval", "exec", "compile", "__import__"}
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text())
        assert not {"pickle", "marshal", "shelve", "dill", "xml.etree.ElementTree.parse"} & set(imports(path)), path
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                assert not (isinstance(node.func, ast.Name) and name in banned), f"{path.name} calls {name}"
                assert name not in ("query", "system", "popen", "unsafe_load", "full_load"), f"{path.name} calls {name}"
                assert not any(k.arg == "shell" for k in node.keywords), f"{path.name} runs a shell"
