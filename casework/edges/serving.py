"""Starts the programs that show notebooks: JupyterLab for who writes them, Voilà for who should see no code."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casework.edges import logfiles
from casework.model.errors import BadInput

ROOM = "room"
CULL = 3600  # Seconds after which a kernel that nobody uses is stopped; its session goes on where it was left.


def copy_with(notebook: Path, parameters: Mapping[str, Any], place: Path) -> Path:
    """A copy of a notebook with its parameters set; the notebook itself stays as it was shipped."""
    import nbformat
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    made = parameterize_notebook(load_notebook_node(str(notebook)), dict(parameters), report_mode=False, comment="chosen by casework practise")
    logfiles.write(place, nbformat.writes(made))  # type: ignore[no-untyped-call]
    return place


def lab(notebook: Path) -> None:
    """Becomes JupyterLab on a notebook."""
    _become([sys.executable, "-m", "jupyterlab", str(notebook)], {})


def room(notebook: Path, template: Path, port: int, kernels: int, environment: Mapping[str, str]) -> None:
    """Becomes Voilà on one notebook: no code, no file but its own pages, kernels kept warm, idle ones stopped.

    The notebook is copied into an empty folder, so that nothing else can be asked for by name.
    """
    if not notebook.is_file():
        raise BadInput(f"{notebook}: there is no such notebook; casework init copies the shipped ones")
    folder = Path(tempfile.mkdtemp(prefix="casework-room-"))
    shutil.copy(notebook, folder / "room.ipynb")
    paths = os.pathsep.join([str(template), *filter(None, [os.environ.get("JUPYTER_PATH")])])
    command = [
        sys.executable, "-m", "voila", str(folder / "room.ipynb"), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1",
        "--VoilaConfiguration.template=casework", "--VoilaConfiguration.strip_sources=True", "--VoilaConfiguration.show_tracebacks=False",
        "--VoilaConfiguration.file_allowlist=[]", "--preheat_kernel=True", f"--pool_size={kernels}",
        f"--MappingKernelManager.cull_idle_timeout={CULL}", "--MappingKernelManager.cull_interval=60",
    ]  # fmt: skip
    _become(command, {**environment, "JUPYTER_PATH": paths})


def _become(command: list[str], environment: Mapping[str, str]) -> None:
    os.execve(command[0], command, {**os.environ, **environment})
