"""How incidents and what pacts say of them are printed."""

from collections.abc import Sequence
from pathlib import Path

from foedus.cli.pact_opinion import VERBS
from foedus.cli.terminal import line, title
from foedus.document import read_text
from foedus.pact.asking.sentences import listed, plain
from foedus.pact.force import spoken_date
from foedus.pact.incidents.incident import Incident, IncidentFile, parse_incident
from foedus.pact.incidents.incident_opinion import Attributed, DutyFound, IncidentOpinion
from foedus.pact.incidents.interval import spell_minutes, spell_seconds
from foedus.pact.incidents.timeline import Heard, Reckoning, knowledge_clocks, minutes_of_warning

MET = {"yes": "is met", "no": "is not met", "undetermined": "is undetermined"}
BREACHED = {"yes": "breached", "no": "not breached", "undetermined": "perhaps breached"}


def read_incident(file: Path) -> IncidentFile:
    """The incident in a file."""
    return parse_incident(read_text(file), file=str(file))


def rows_of(file: IncidentFile) -> tuple[dict[str, Heard], ...]:
    """What the accounts say, as objects for JSON."""
    return (
        *({"minutes_of_warning": one} for one in minutes_of_warning(file)),
        *({"knew": one} for one in knowledge_clocks(file)),
    )


def print_head(incident: Incident) -> None:
    """The incident, its zero and what a star means."""
    title(f"{incident.title} ({incident.incident})")
    ends = [
        f"{spoken_date(one)}{'*' if end in incident.zero.placeholder else ''}"
        for end, one in zip(("lo", "hi"), incident.zero.at, strict=True)
    ]
    line(f"Zero is {plain(incident.zero.name)}, in [{', '.join(ends)}].")
    line("* a bound that nobody has stated: the file fills it in, or it rests on one that the file fills in.")


def print_heard(warned: Sequence[Heard], knew: Sequence[Heard]) -> None:
    """Minutes of warning and knowledge, each on each account."""
    title("Minutes of warning, on each account")
    for one in warned:
        said = "none ever came" if one.stated == "never" else spell_minutes(one.when)
        late = (
            ", after zero"
            if one.stated == "stated" and one.when.hi_s is not None and one.when.hi_s < 0
            else ""
        )
        line(f"  {one.who}: {said}{late}, according to {one.account}{_says(one.says)}")
    if not warned:
        line("  no account says when anybody was warned")
    title("First knew, in minutes after zero")
    for one in knew:
        said = one.says if one.stated == "never" else spell_minutes(one.when)
        line(f"  {one.who}: {said}, according to {one.account}")
    if not knew:
        line("  no account says when anybody knew")


def _says(words: str) -> str:
    return f" ({words})" if words else ""


def print_incident_opinion(one: IncidentOpinion) -> None:
    """What one pact says of the incident."""
    title(f"{one.title} ({one.pact} {one.version}, binding: {one.binding})")
    if one.as_if is not None:
        line(f"As if zero had been on {one.as_if}.")
    if one.in_force == "yes":
        line("In force.")
    else:
        said = "Not in force" if one.in_force == "no" else "Whether it is in force is undetermined"
        line(f"{said}: {'; '.join(one.in_force_words)}.")
    for each in one.attributions:
        _print_attributed(each)


def _print_attributed(one: Attributed) -> None:
    who = "the attacker is not named" if one.attacker == "unattributed" else f"the attacker is {one.attacker}"
    line(f"If {who} ({', '.join(one.said) or 'no account says who'}):", "bold")
    for casus in one.casus:
        line(f"  {casus.casus} {MET[casus.truth]}: {'; '.join(casus.words)}")
    owed = {"yes": "a duty to warn", "no": "no duty to warn", "undetermined": "undetermined whether to warn"}
    line(f"  {owed[one.warning]}: {'; '.join(one.warning_words)}")
    for group in _groups([duty for duty in one.duties if duty.truth != "no"]):
        _print_duty(group)
    for group in _groups([duty for duty in one.duties if duty.truth == "no" and duty.kind != "warn"]):
        debtors = listed([duty.debtor for duty in group])
        first = group[0]
        line(f"  not owed: {debtors}, {first.clause} ({first.kind}): {'; '.join(first.words)}", "dim")


def _groups(duties: Sequence[DutyFound]) -> list[list[DutyFound]]:
    """The duties, those of several debtors that are the same in all else together."""
    groups: dict[tuple[object, ...], list[DutyFound]] = {}
    for duty in duties:
        together = tuple(sorted((duty.debtor, *duty.creditors))) if duty.kind == "consult" else duty.creditors
        key = (duty.clause, duty.truth, duty.words, duty.reckonings, together)
        groups.setdefault(key, []).append(duty)
    return list(groups.values())


def _print_duty(group: Sequence[DutyFound]) -> None:
    duty = group[0]
    doubt = "undetermined whether " if duty.truth == "undetermined" else ""
    who = duty.debtor if len(group) == 1 else f"each of {listed([one.debtor for one in group])}"
    creditors = "the others" if len(group) > 1 and duty.kind == "consult" else listed(duty.creditors)
    to = f" {creditors}" if duty.creditors and duty.kind != "regard" else ""
    says = duty.says if duty.kind == "notify" else plain(duty.says)
    choice = f", discretion: {plain(duty.discretion)}" if duty.discretion else ""
    record = "; a record addressed to governments" if duty.kind == "assist" else ""
    line(
        f"  {doubt}{who} {VERBS[duty.kind]}{to}: {says}{choice}{_deadline(duty)}; "
        f"binding: {duty.binding}; {duty.clause}{record}"
    )
    for word in duty.words:
        line(f"      {word}", "dim")
    for creditor, reckonings in duty.reckonings:
        for one in reckonings:
            _print_reckoning(creditor, one)


def _deadline(duty: DutyFound) -> str:
    if duty.kind == "regard" or not duty.within:
        return ""
    clock = {"event": "the event", "cue": "the first cue", "knowledge": "knowing it"}[duty.clock]
    if duty.within_s is None:
        return f", by when is not known, from {clock}"
    word = "" if duty.within[0].isdigit() else f"'{duty.within}' "
    return f", within {word}({duty.within_s:g} s) from {clock}" if word else f", within {duty.within_s:g} s"


def _print_reckoning(creditor: str, one: Reckoning) -> None:
    if one.account == one.evidence:
        whose = f"according to {one.account}"
    else:
        whose = f"known according to {one.account}, done according to {one.evidence}"
    breach = f", in {spell_seconds(one.breach)}" if one.breach is not None else ""
    line(f"    {creditor}, {whose}: {BREACHED[one.breached]}{breach}")
    parts = [f"the clock starts in {spell_minutes(one.started)}"]
    parts += [f"due by {spell_minutes(one.due)}"] if one.due is not None else []
    parts += [f"done in {spell_minutes(one.done)}"] if one.done is not None else []
    line(f"        {', '.join(parts)}{_says(one.says)}", "dim")
    if one.minutes_known is not None and one.account == one.evidence:
        warned = [f"{spell_minutes(one.minutes_known)} if given at once"]
        warned += [f"{spell_minutes(one.minutes_due)} if just in time"] if one.minutes_due is not None else []
        warned += [f"{spell_minutes(one.minutes_had)} as it was"] if one.minutes_had is not None else []
        line(f"        warning before zero: {', '.join(warned)}", "dim")
