"""What every command shares: its common options, how errors leave, and JSON for other programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Content = Annotated[Path | None, typer.Option("--content", help="A team's own content folder (made by casework init).")]
LogFile = Annotated[Path, typer.Argument(help="A decision log, as casework play writes.", metavar="LOG.jsonl")]
RubricId = Annotated[str, typer.Option("--rubric", help="The rubric to score with.")]


def group(**options: Any) -> typer.Typer:
    """A group of commands with plain help and plain tracebacks: what typer draws with rich costs more time than the rest of a help."""
    plain: dict[str, Any] = {"no_args_is_help": True, "add_completion": False, "rich_markup_mode": None, "pretty_exceptions_enable": False}
    return typer.Typer(**(plain | options))


def defaulting(name: str) -> type[TyperGroup]:
    """A group in which anything but a command's name is given to the command `name`; a folder called as a command is given as ./NAME."""

    class Defaulting(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            if not args or (args[0] not in self.commands and args[0] != "--help"):
                args = [name, *args]
            return super().parse_args(ctx, args)

    return Defaulting


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Bad input becomes a message on stderr and exit code 2; a broken log exits 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from casework.edges import journal
        from casework.model.errors import BadInput, BrokenLog

        journal.start()
        try:
            return command(*args, **kwargs)
        except BadInput as error:
            say(f"casework: {error}", sys.stderr)
            raise typer.Exit(2) from None
        except BrokenLog as error:
            say(f"casework: the log does not verify at entry {error.entry}: {error.reason}", sys.stderr)
            raise typer.Exit(1) from None

    return run


# What a terminal would obey instead of show: control characters, and marks that turn the direction of text.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def say(text: str, to: TextIO | None = None) -> None:
    """Prints text from anywhere: whatever a terminal would obey is shown as its code."""
    print(OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text), file=to)


def put(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
