"""The calendars of a content folder, each read when it is asked for: a single date needs one or two of eighty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from casework.edges.files import File, read_file
from casework.edges.references import known
from casework.model import calendars
from casework.model.calendars import Calendar
from casework.model.errors import ContentError

ID = re.compile(rb"^id:[ \t]*([\w-]+)[ \t]*\r?$", re.MULTILINE)


def places(paths: Iterable[Path]) -> dict[str, Path] | None:
    """Files by the id at their margin; None where one has none that is plain, or two have the same: then all must be read."""
    found: dict[str, Path] = {}
    for path in paths:
        try:
            ids = ID.findall(path.read_bytes())
        except OSError:
            return None
        if len(ids) != 1 or ids[0].decode() in found:
            return None
        found[ids[0].decode()] = path
    return found


class Almanac(Mapping[str, Calendar]):
    """Calendars by id. Asking for one raises ContentError with every problem of its file and of those that it stands on."""

    def __init__(self, places: Mapping[str, Path], root: Path) -> None:
        self._places, self._root = places, root
        self._done: dict[str, Calendar] = {}

    def __getitem__(self, id: str) -> Calendar:
        if id not in self._places:
            raise KeyError(id)
        if id not in self._done:
            files = self._chain(id)
            done, faults = calendars.whole({name: file.value for name, file in files.items() if file.value is not None})
            for name, message in faults.items():
                files[name].fault(("based_on",), message)
            problems = [problem for file in files.values() for problem in file.problems]
            if problems:
                raise ContentError(problems)
            self._done |= done
        return self._done[id]

    def _chain(self, id: str) -> dict[str, File]:
        """The file of a calendar and those that it stands on."""
        found: dict[str, File] = {}
        while id not in found:
            file = found[id] = read_file(self._places[id], "calendar", self._root)
            base = file.value.based_on if file.value is not None else None
            if base is None or base not in self._places:
                known(file, ("based_on",), base, "calendar", self._places)
                break
            id = base
        return found

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
