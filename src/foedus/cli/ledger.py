"""`foedus ledger`: obligations, kept until they are met or breached."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "open": Entry("foedus.cli.ledger_open", "open_obligations", "Open what a situation or incident obliges."),
    "gather": Entry("foedus.cli.ledger_gather", "gather", "Open what journals show, with its evidence."),
    "meet": Entry("foedus.cli.ledger_meet", "meet", "Record evidence that one was done, or was not."),
    "contest": Entry("foedus.cli.ledger_meet", "contest", "Record that somebody disputes where one stands."),
    "turn": Entry("foedus.cli.ledger_meet", "turn", "Settle, suspend, resume or end one."),
    "status": Entry("foedus.cli.ledger_status", "status", "Show where they all stand."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def ledger() -> None:
    """Keep obligations until they are met by evidence or breached by the clock.

    A ledger is a file of JSON lines that only grows; each line is bound to the one before by its SHA-256.

    Example: foedus ledger status ledger.jsonl
    """
