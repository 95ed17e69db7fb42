"""How obligations of a ledger are printed."""

from datetime import datetime

from foedus.cli.terminal import line
from foedus.pact.asking.sentences import listed, plain
from foedus.pact.force import spoken_date
from foedus.pact.incidents.ledger import Held, Obligation
from foedus.pact.words import Truth

STYLES = {"violated": "bold red", "fulfilled": "green"}


def spell_due(due: tuple[datetime, datetime] | None, placeholders: tuple[str, ...]) -> str:
    """The deadline in words; a star marks what rests on bounds that nobody has stated."""
    if due is None:
        return "no deadline is known"
    lo, hi = (spoken_date(bound) for bound in due)
    star = f"*, which rests on {', '.join(placeholders)}" if placeholders else ""
    return (f"due {lo}" if lo == hi else f"due in [{lo}, {hi}]") + star


def spell_obligation(one: Obligation) -> str:
    """What is owed to whom in one phrase."""
    to = f" to {listed(one.creditors)}" if one.creditors else ""
    return (
        f"{one.debtor} owes {plain(one.kind)}{to}: {plain(one.says)} ({one.clause}, binding: {one.binding})"
    )


def print_opened(one: Obligation) -> None:
    """One obligation that was opened."""
    doubt = "" if one.owed == "yes" else "undetermined whether "
    line(f"{one.id}: {doubt}{spell_obligation(one)}; {spell_due(one.due, one.placeholders)}")
    line(f"    {one.because}", "dim")


def print_held(one: Held) -> None:
    """Where one obligation stands, and why."""
    doubt = ", perhaps overdue" if one.overdue == Truth.UNDETERMINED else ""
    ended = f" {spoken_date(one.ended)}" if one.ended is not None else ""
    contested = ", contested" if one.contested else ""
    stage = one.stage.value.replace("_", " ")
    line(f"{one.obligation.id}: {stage}{ended}{doubt}{contested}", STYLES.get(one.stage.value, ""))
    line(f"    {spell_obligation(one.obligation)}; {spell_due(one.due, one.obligation.placeholders)}")
    for position in (*one.contested, *one.notes):
        line(f"    line {position.line}: {position.says}")
    rests = f"lines {', '.join(map(str, one.lines))}" if one.lines else f"opened by {one.opened_by}"
    line(f"    {rests}", "dim")
