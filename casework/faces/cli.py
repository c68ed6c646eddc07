"""The command line: reads arguments, calls one use case, prints. Exit 0 done, 1 a check failed, 2 bad input.

The table says where each command lives, so that a help imports none of them and a command only its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from casework.faces.terminal import group


class Entry(NamedTuple):
    """A command, or a group of them: `module.name` under `casework.faces`, and the first sentence of its help."""

    place: str
    says: str


COMMANDS: dict[str, dict[str, Entry]] = {
    "Practising": {
        "practise": Entry("play_commands.practise", "The practice desk, in JupyterLab or in a room without code."),
        "score": Entry("play_commands.score", "The scorecard, with its evidence."),
        "debrief": Entry("play_commands.debrief", "What was lost, by which clause, and what would have won it."),
        "feedback": Entry("review_commands.feedback", "The marks you were given, in words."),
        "appeal": Entry("review_commands.appeal", "Appeals one of your marks."),
        "due": Entry("handbook_commands.due", "One deadline with its reasoning, or a year of them."),
        "policy": Entry("handbook_commands.policy", "The handbook: clauses by date, what changed, what an item starts."),
    },
    "Trainer": {
        "demo": Entry("content_commands.demo", "A cohort plays the shipped content, is scored, and is reported on."),
        "init": Entry("content_commands.init", "A team's own copy of notebooks, scenarios, policies and rubrics."),
        "new": Entry("content_commands.new", "A scenario of one's own to begin from; it plays as it stands."),
        "check": Entry("content_commands.check", "Validates content and plays each scenario's self-test."),
        "list": Entry("content_commands.list_", "What there is: scenarios, rubrics, policies and more."),
        "batch": Entry("batch_commands.batch", "Scores a roster by notebook, one report a person."),
        "play": Entry("play_commands.play", "Plays a scenario by script and writes the log."),
        "replay": Entry("play_commands.replay", "Verifies the chain, rebuilds the session and prints the timeline."),
        "par": Entry("play_commands.par", "What a perfect assistant could have made of the same hours."),
    },
    "Reviewer": {
        "import": Entry("import_commands.import_", "Real work from a case system, as logs that the same rubric scores."),
        "look": Entry("import_commands.look", "The columns of a case system's export, without their values."),
        "export": Entry("export_commands.export", "Decision logs, or a person's records, for other systems."),
        "sample": Entry("sampling_commands.sample", "Which files to mark, and how many."),
        "assign": Entry("review_commands.assign", "Names who marks a file."),
        "review": Entry("review_commands.review", "Marking of finished files: the list, a sheet, and what follows."),
        "agree": Entry("marking_commands.agree", "How far raters agree, with n and an interval for each statistic."),
        "calibrate": Entry("calibration_commands.calibrate", "How raters stand beside one another and the expert."),
        "criteria": Entry("calibration_commands.criteria", "What each criterion of a rubric tells."),
        "rescore": Entry("review_commands.rescore", "What a changed rubric does to past results."),
    },
    "Team lead": {
        "progress": Entry("progress_commands.progress", "Where people stand on the competency framework."),
        "evidence": Entry("progress_commands.evidence", "Writes down evidence that no log shows."),
        "signoff": Entry("progress_commands.signoff", "One step of signing off a competency."),
        "plan": Entry("plan_commands.plan", "A person's development plan and one-to-ones."),
        "ledger": Entry("ledger_commands.ledger", "A ledger of evidence: own records, erasing, what is past its time."),
        "measures": Entry("measures_commands.measures", "The measures of the role, K1 to K19."),
        "simulate": Entry("simulate_commands.simulate", "What caseload can be carried inside the service levels."),
    },
    "Whoever keeps it running": {
        "doctor": Entry("store_commands.doctor", "What is wrong with this installation, and what to do about it."),
        "store": Entry("store_commands.store", "The store as a whole: verify, back up, restore, copy, upgrade."),
        "people": Entry("store_commands.people", "Who may use this store, and as what."),
        "session": Entry("store_commands.session", "Sessions in the store."),
    },
}  # fmt: skip
PLACES = {name: entry.place for commands in COMMANDS.values() for name, entry in commands.items()}


def load(name: str) -> Any:
    """A command as typer builds it, from its module."""
    module, _, attribute = PLACES[name].partition(".")
    found = getattr(import_module(f"casework.faces.{module}"), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = group(no_args_is_help=False)
        alone.command()(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command


class Commands(TyperGroup):
    """The commands by who uses them, each imported when it is asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: Any = dict.fromkeys(PLACES)  # The names are what a slip of the pen is compared with.

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in PLACES and self.commands[cmd_name] is None:
            self.commands[cmd_name] = load(cmd_name)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        column = max(map(len, PLACES))
        for users, commands in COMMANDS.items():
            with formatter.section(users):
                formatter.write_dl([(name.ljust(column), entry.says) for name, entry in commands.items()])


app = group(cls=Commands)


@app.callback()
def casework() -> None:
    """Training and quality assurance for case manager assistants."""


def main() -> None:
    app()


if __name__ == "__main__":
    main()
