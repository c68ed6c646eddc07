"""papermill's notebook client, talking to the kernel in its own process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from papermill.clientwrap import PapermillNotebookClient

from casework.edges.warm import kernel


class NeedsOrdinary(Exception):
    """The notebook did what only a kernel process can answer; it is to be run again with one."""


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Runs every cell here; how outputs are put into cells stays nbclient's, how cells are walked stays papermill's.

    `part` is where the notebook is kept as far as it has come, for the case that this process does not live to its end.
    """

    def __init__(self, nb_man: Any, part: str, **kept: Any) -> None:
        super().__init__(nb_man, **kept)
        self.part = Path(part)

    def execute(self, **kwargs: Any) -> Any:
        self.reset_execution_trackers()
        with self.setup_kernel():
            self.log.info(f"Executing notebook in process with the kernel: {self.kernel_name}")
            self.papermill_execute_cells()
            self.kc.need_alive()
            self.nb.metadata["language_info"] = self.kc.language_info()
            self.set_widgets_metadata()
        return self.nb

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Iterator[None]:
        app = kernel.prepare()
        app.begin()
        self.kc = kernel.Client(app)
        yield

    def execute_cell(self, cell: Any, cell_index: int, **kept: Any) -> Any:
        self.part.write_text(json.dumps(self.nb), encoding="ascii")  # Unindented, which is what the fast encoder writes.
        return super().execute_cell(cell, cell_index, **kept)

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        if msg["msg_type"].startswith("comm_"):
            raise NeedsOrdinary(f"it opens a comm ({msg['content'].get('target_name', msg['msg_type'])})")
        return super().process_message(msg, cell, cell_index)
