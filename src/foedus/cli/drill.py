"""`foedus drill`: exercise a pact before anybody signs it."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "run": Entry(
        "foedus.cli.drill_run", "run_command", "Play a drill under pacts: minutes of warning, and their cost."
    ),
    "measure": Entry(
        "foedus.cli.drill_measure",
        "measure_command",
        "Measure a pact in a drill: minutes, duties, reciprocity.",
    ),
    "improve": Entry(
        "foedus.cli.drill_improve", "improve_command", "Find changes of a text that give a capital minutes."
    ),
    "check": Entry(
        "foedus.cli.drill_check", "check_command", "Check drill files and what pacts say of them."
    ),
    "sweep": Entry(
        "foedus.cli.drill_sweep",
        "sweep_command",
        "Play a drill thousands of times, on all cores; Parquet out.",
    ),
    "judge": Entry(
        "foedus.cli.drill_judge", "judge_command", "Play a drill and judge every message and duty of it."
    ),
    "report": Entry(
        "foedus.cli.drill_report", "report_command", "Write the after-action report of kept runs."
    ),
    "script": Entry(
        "foedus.cli.drill_script", "script_command", "Print the script of a drill as CSV or TOML."
    ),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def drill() -> None:
    """Play drills: the nodes that run live, in virtual time, under one pact after another.

    Example: foedus drill run drills/gulf.toml --pact rsc
    """
