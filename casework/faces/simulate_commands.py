"""`casework simulate`: what caseload can be carried inside the service levels, and what would change it."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.faces.terminal import AsJson, Content, guarded, put, say


@guarded
def simulate(
    name: Annotated[str, typer.Argument(help="A simulation, or the caseload that it stands for.", metavar="CASELOAD")],
    runs: Annotated[int, typer.Option("--runs", help="How often the days are played; more make intervals narrower.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same answers, on any number of workers.")] = 1,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes; by default as many as there are cores.")] = None,
    what_if: Annotated[str | None, typer.Option("--what-if", help="Only this question of the simulation.", metavar="NAME")] = None,
    content: Content = None,
    as_json: AsJson = False,
) -> None:
    """What caseload can be carried inside the service levels. What another way of working would change is told beside it."""
    from casework import workbench

    found = workbench.simulate(workbench.library(content), name, runs, seed, workers, what_if)
    if as_json:
        put(workbench.simulation_json(found))
        return
    say(f"{found.simulation.title}: {found.runs} runs, seed {found.seed}; in brackets 90 % intervals")
    for one in found.answers:
        say(f"\n{one.asks}\n  {one.says}")
        for line in one.assumes:
            say(f"    assumes: {line}")
    say("\nAll of it rests on these assumptions, which are to be replaced by counts of your own:")
    for line in found.assumes:
        say(f"  - {line}")
