"""The papermill engine for warm runs. It knows nothing of files: parameters, metadata and saving stay papermill's."""

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
        kept = remove_args(["input_path", "start_timeout", "startup_timeout", "execution_timeout", "timeout"], **kwargs)
        return Client(nb_man, **merge_kwargs(kept, kernel_name=kernel_name, log=logger)).execute()


def register() -> None:
    """Makes the engine known to papermill in this process, under NAME."""
    papermill_engines.register(NAME, WarmEngine)
