"""The workbench gives its use cases by name, and imports them when they are asked for."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from casework import workbench

HOME = {name: home for home, names in workbench.HOMES.items() for name in names.split()}


def seen_by_type_checkers():
    """(module, name) of what the module imports for mypy and editors only."""
    tree = ast.parse(Path(workbench.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    return [(node.module.rpartition(".")[2], alias.name) for node in block.body for alias in node.names]


def test_names_types_and_modules_agree():
    assert workbench.__all__ == sorted(workbench.__all__) and set(workbench.__all__) == set(HOME)
    assert sorted(seen_by_type_checkers()) == sorted((home, name) for name, home in HOME.items())
    assert sum(len(names.split()) for names in workbench.HOMES.values()) == len(HOME)
    assert set(workbench.__all__) <= set(dir(workbench))


@pytest.mark.parametrize("name", workbench.__all__)
def test_every_name_is_what_its_module_has(name):
    assert getattr(workbench, name) is getattr(import_module(f"casework.workbench.{HOME[name]}"), name)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = workbench.scores
    with pytest.raises(ImportError):
        exec("from casework.workbench import scores")


def test_all_of_it_imports_no_numbers_and_no_notebooks():
    code = "import sys; from casework.workbench import *; print([m for m in ('numpy', 'pandas', 'scipy', 'papermill', 'IPython') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
