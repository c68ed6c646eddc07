"""The papermill engine for warm runs: parameters, metadata and the finished notebook stay papermill's.

Papermill would save a notebook twice a cell, which costs a tenth of a short run. Here it is saved once a cell, before
the cell runs, and that is all that a kill could lose: between the end of one cell and the start of the next no code runs.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import Engine, papermill_engines
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from casework.edges.warm.client import Client

NAME = "casework-warm"


class WarmEngine(Engine):  # type: ignore[misc]
    """Executes the cells in this process, which must be a fresh fork: a second notebook here would see the first."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        # What only starts a kernel process means nothing here.
        kept = remove_args(["input_path", "start_timeout", "startup_timeout", "execution_timeout", "timeout", "part"], **kwargs)
        part: str = kwargs["part"]
        try:
            return Client(nb_man, part, **merge_kwargs(kept, kernel_name=kernel_name, log=logger)).execute()
        except BaseException:
            # Papermill's last act is to save where it was told to, and only what ends well is written afterwards.
            nb_man.output_path = part
            raise


def register() -> None:
    """Makes the engine known to papermill in this process, under NAME."""
    papermill_engines.register(NAME, WarmEngine)
