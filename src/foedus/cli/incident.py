"""`foedus incident`: incidents as each account has them, and what pacts say of them."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "show": Entry("foedus.cli.incident_show", "show", "Show an incident, account by account."),
    "judge": Entry("foedus.cli.incident_judge", "judge_incident", "Say what pacts oblige in an incident."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def incident() -> None:
    """Incidents: who says that what happened when, who owed what to whom, and whether it was breached.

    Example: foedus incident judge incidents/doha-2025.toml --pact pacts/library/rsc.toml
    """
