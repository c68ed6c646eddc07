"""What is imported and done once, before the forks, so that no notebook waits for it."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from types import ModuleType

# What papermill, ipykernel and IPython import only when they are at work.
STACK = (
    "papermill", "nbformat", "nbformat.v4", "ipykernel_launcher", "ipykernel.kernelapp",
    "IPython.core.magics", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "IPython.utils.wildcard", "stack_data", "pexpect", "sqlite3", "casework.edges.warm.engine",
    "encodings.ascii", "faulthandler",
)  # fmt: skip
# A library's pool of threads would not survive a fork, and the workers share the cores already.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def load(modules: list[str]) -> None:
    """Imports the stack and the modules named (a missing one is left out), and rehearses what is slow the first time.

    A name may go on with a colon and a word: the module's own `warm` is called with the word.
    """
    # A debugger that no one can attach to is left out: what it patches into a process is not for forks.
    _without("debugpy", "ipykernel.debugger")
    _put_off_iri()
    for name in (*STACK, *modules):
        module, asks, word = name.partition(":")
        with contextlib.suppress(ImportError):
            loaded = importlib.import_module(module)
            if asks:
                loaded.warm(word)
    from nbformat.validator import get_validator

    for minor in (4, 5):
        get_validator(4, minor)
    if "pandas" in sys.modules:
        sys.modules["pandas"].DataFrame({"text": ["a"], "number": [1.5]})._repr_html_()
    if "matplotlib.pyplot" in sys.modules:
        _rehearse_a_figure()


def _without(absent: str, module: str) -> None:
    """Imports a module as if another were not installed."""
    sys.modules[absent] = None  # type: ignore[assignment]
    importlib.import_module(module)
    del sys.modules[absent]


def _put_off_iri() -> None:
    """Imports jsonschema without the grammar of IRIs, which takes it a second to build; whoever checks an IRI builds it then."""
    name = "rfc3987_syntax"
    if name in sys.modules or importlib.util.find_spec(name) is None:
        return

    def is_valid_syntax(rule: str, text: str) -> bool:
        return bool(importlib.import_module(name).is_valid_syntax(rule, text))

    stand_in = ModuleType(name)
    stand_in.is_valid_syntax = is_valid_syntax  # type: ignore[attr-defined]
    sys.modules[name] = stand_in
    with contextlib.suppress(ImportError):
        importlib.import_module("jsonschema")
    del sys.modules[name]


def _rehearse_a_figure() -> None:
    """Finds and loads the fonts. A second figure would cost as much as it saves in a hundred notebooks."""
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.bar([0, 1], [1, 2])
    axes.set_title("0123456789")
    figure.savefig(BytesIO(), format="png", bbox_inches="tight")
    # The inline backend joins the shell when it is imported, and there is no shell yet: the first figure imports it anew.
    inline = sys.modules.pop("matplotlib_inline.backend_inline", None)
    if inline is not None:
        del sys.modules["matplotlib_inline"].backend_inline
