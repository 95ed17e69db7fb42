"""Every captured warning and acknowledgement against the text: to whom, by which clause, how fine."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from foedus.drill.outcome import Captured, Run
from foedus.judge.finding import Finding, Kind
from foedus.judge.hub import may_alert, near
from foedus.judge.pictures import Judged, forbidden_route
from foedus.judge.reading import Answer, Stand
from foedus.judge.tape import Answered, Said, Tape, digest_of
from foedus.model import SECOND_NS
from foedus.pact.clauses import Route, Warn
from foedus.wire import Warn as WarnMessage

MODE: Final = "EXERCISE"
"""A drill has no other mode: docs/drill.md."""

STATES: Final = ("RAISED", "RENEWED", "DOWNGRADED", "CANCELLED", "EXPIRED")
STANDING: Final = ("RAISED", "RENEWED", "DOWNGRADED")

CELL_DEG: Final = 0.1
STEP_NS: Final = 10 * SECOND_NS
"""A warning says a cell of 0.1 degree and times to ten seconds: docs/pact.md, Forms, alert."""

OFF: Final = 1e-6
"""How far a cell may lie from its grid, in cells: what decimal degrees lose in binary."""

PASS_ON_NS: Final = 60 * SECOND_NS
"""A hub passes a cancel on within that: at once, with room for messages that were lost on the way."""

HUB_ROOM_M: Final = 30_000.0
"""A hub's own warning rests on a row within 30 km of its cell's middle: half a cell, a minute's flight."""


def judge_warnings(judged: Judged, tape: Tape, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Findings about single warnings."""
    lives: dict[tuple[str, str, str], list[Said]] = {}
    for said in tape.warnings:
        stands = judged.stands.about(said.captured.sent_ns)
        yield from _tearline(said)
        yield from _route(judged, said, stands[0], hubs)
        before = lives.setdefault((said.captured.sender, said.captured.recipient, said.warn.warning), [])
        if said.warn.state in STANDING:
            yield from _owed(judged, said, stands, first=not before)
            if said.captured.sender in hubs:
                yield from _passed_on(judged, tape, said)
        yield from _life(before, said)
        before.append(said)
    yield from _twins(lives)


def _finding(captured: Captured, kind: Kind, rule: str, clause: str, says: str) -> Finding:
    return Finding(
        at_ns=captured.sent_ns,
        kind=kind,
        rule=rule,
        who=captured.sender,
        to=captured.recipient,
        clause=clause,
        sequence=captured.sequence,
        says=says,
        evidence=digest_of(captured),
    )


# ---------------------------------------------------------------- what it says


def _tearline(said: Said) -> Iterator[Finding]:
    """Nothing finer than an alert carries; docs/pact.md, Forms."""
    warn = said.warn
    detail = warn.detail
    times = [("entry", warn.entry_ns)]
    if detail is not None:
        times += [("earliest entry", detail.earliest_ns), ("latest entry", detail.latest_ns)]
    wrong = [what for what, time_ns in times if time_ns % STEP_NS]
    cells = (warn.lat_cell_deg / CELL_DEG, warn.lon_cell_deg / CELL_DEG)
    wrong += ["cell"] if any(abs(one - round(one)) > OFF for one in cells) else []
    wrong += ["probability"] if warn.probability_percent % 10 else []
    for what in wrong:
        yield _finding(
            said.captured, "warning", "tearline", warn.clause, f"{what} is finer than an alert carries"
        )
    if warn.mode != MODE:
        yield _finding(
            said.captured, "warning", "mode", warn.clause, f"mode {warn.mode}, and this is a drill"
        )
    if warn.state not in STATES:
        yield _finding(said.captured, "warning", "state", warn.clause, f"no state {warn.state}")


def _route(judged: Judged, said: Said, stand: Stand, hubs: tuple[str, ...]) -> Iterator[Finding]:
    captured, warn = said
    clause = forbidden_route(judged.pact, captured.sender, captured.recipient, stand)
    if clause is not None:
        yield _finding(captured, "forbidden", "route", clause, "a warning sent directly")
    if warn.to != captured.recipient and captured.recipient not in hubs:
        yield _finding(captured, "warning", "addressee", warn.clause, f"for {warn.to}, given to another")
    if warn.same and forbidden_route(judged.pact, captured.sender, warn.to, stand) is not None:
        yield _finding(
            captured,
            "forbidden",
            "identity",
            "",
            "it names the originator's own id to one who may not know it",
        )
    if captured.sender in hubs:
        for party in judged.pact.party:
            if party.id not in (captured.sender, captured.recipient) and party.id in warn.warning.split("-"):
                yield _finding(captured, "forbidden", "identity", "", f"its id names {party.id}")


def _owed(judged: Judged, said: Said, stands: Sequence[Stand], *, first: bool) -> Iterator[Finding]:
    """Whether a clause in force owes this party a warning of that class for that zone."""
    captured, warn = said
    clause = next(
        (one for one in judged.pact.clause if isinstance(one, Warn) and one.id == warn.clause), None
    )
    if clause is None:
        yield _finding(captured, "warning", "owed", "", f"no warn clause {warn.clause}: nobody owes it")
        return
    zone = next((one for one in judged.pact.zone if one.id == warn.zone), None)
    wrong = []
    if all(captured.sender not in stand.chosen(clause.by) for stand in stands):
        wrong.append(("owed", f"{clause.id} does not bind the sender"))
    if all(warn.to not in stand.chosen(clause.to) for stand in stands) or warn.to == captured.sender:
        wrong.append(("owed", f"{clause.id} owes {warn.to} nothing"))
    if zone is None or zone.owner != warn.to or (clause.zones and warn.zone not in clause.zones):
        wrong.append(("zone", f"zone {warn.zone} is none of {warn.to}'s in {clause.id}"))
    if clause.classes and warn.track_class not in [int(one) for one in clause.classes]:
        wrong.append(("class", f"{clause.id} is not about class {warn.track_class}"))
    if all(_speaks(stand, clause, said) == Answer.NO for stand in stands):
        wrong.append(("force", f"{clause.id} does not speak between the two at that time"))
    wrong += _measure(clause, said, first=first)
    for rule, words in wrong:
        yield _finding(captured, "warning", rule, clause.id, words)


def _speaks(stand: Stand, clause: Warn, said: Said) -> Answer:
    answer = stand.speaks(clause, said.captured.sender, said.warn.to)
    return min(answer, stand.aimed_at(clause, said.warn.to))


def _measure(clause: Warn, said: Said, *, first: bool) -> list[tuple[str, str]]:
    warn, sent_ns = said.warn, said.captured.sent_ns
    wrong = []
    if warn.expires_ns > sent_ns + round(clause.expires_s * SECOND_NS):
        wrong.append(("expiry", f"it is to stand for longer than the {clause.expires_s:g} s of {clause.id}"))
    if warn.expires_ns <= sent_ns:
        wrong.append(("expiry", "it had expired before it was sent"))
    if not first or warn.basis == "person":
        return wrong
    if warn.entry_ns - sent_ns > round(clause.horizon_s * SECOND_NS) + STEP_NS:
        wrong.append(("measure", f"entry is further off than the {clause.horizon_s:g} s of {clause.id}"))
    if warn.probability_percent < 100 * clause.probability - 5.0 - OFF:  # it is told in steps of ten
        wrong.append(("measure", f"{warn.probability_percent} % are less than {clause.id} asks"))
    return wrong


# ---------------------------------------------------------------- its life


def _life(before: list[Said], said: Said) -> Iterator[Finding]:
    captured, warn = said
    if not before:
        if warn.state not in ("RAISED", "CANCELLED") and warn.revision == 1:
            yield _finding(captured, "warning", "life", warn.clause, f"begins as {warn.state}")
        return
    last = before[-1].warn
    same = next((one.warn for one in before if one.warn.revision == warn.revision), None)
    if same is not None and same != warn:
        yield _finding(
            captured, "warning", "revision", warn.clause, f"revision {warn.revision} says two things"
        )
    if same is None and warn.revision < last.revision:
        yield _finding(captured, "warning", "revision", warn.clause, "revisions run back")
    if last.state in ("CANCELLED", "EXPIRED") and warn.state in STANDING and same is None:
        yield _finding(captured, "warning", "life", warn.clause, f"revived after it was {last.state.lower()}")
    if (last.zone, last.to, last.raised_ns) != (warn.zone, warn.to, warn.raised_ns):
        yield _finding(captured, "warning", "life", warn.clause, "another warning under a known id")


def _twins(lives: dict[tuple[str, str, str], list[Said]]) -> Iterator[Finding]:
    """One threat told under two ids: word for word the same, raised at the same time."""
    told: dict[tuple[object, ...], str] = {}
    for (sender, recipient, warning), said in lives.items():
        for one in said:
            warn = one.warn
            key = (
                sender, recipient, warn.to, warn.zone, warn.track_class, warn.revision, warn.raised_ns,
                warn.lat_cell_deg, warn.lon_cell_deg, warn.entry_ns, warn.probability_percent,
            )  # fmt: skip
            other = told.setdefault(key, warning)
            if other != warning and warn.revision > 2:  # two aircraft side by side part before long
                yield _finding(
                    one.captured, "warning", "two_ids", warn.clause, f"the same as {other} under another id"
                )
                break


# ---------------------------------------------------------------- the hub's warnings


def alike(one: Said, other: Said) -> bool:
    """Whether two messages say the same of the same: a hub passes a message on as it came."""
    return _gist(one.warn) == _gist(other.warn)


def _gist(warn: WarnMessage) -> tuple[object, ...]:
    what = (warn.to, warn.zone, warn.track_class, warn.state)
    return (*what, warn.raised_ns, warn.lat_cell_deg, warn.lon_cell_deg, warn.entry_ns)


def _passed_on(judged: Judged, tape: Tape, said: Said) -> Iterator[Finding]:
    """A hub's warning is a member's, passed on, or rests on rows of which at least an alert may go on."""
    hub, warn, sent_ns = said.captured.sender, said.warn, said.captured.sent_ns
    for one in tape.warnings:
        if one.captured.recipient == hub and 0 < one.captured.arrived_ns <= sent_ns and alike(one, said):
            return
    lat, lon = math.radians(warn.lat_cell_deg + CELL_DEG / 2), math.radians(warn.lon_cell_deg + CELL_DEG / 2)
    behind = []
    for flow in tape.flows.values():
        if flow.recipient != hub or flow.sender == warn.to:
            continue
        for row in near(flow, lat, lon, sent_ns, sent_ns, HUB_ROOM_M).tolist():
            behind.append(flow.sender)
            for stand in (*judged.stands.about(sent_ns), judged.stands.at(int(flow.sent_ns[row]))):
                share, form = flow.clause[row], int(flow.rows.form[row])
                if may_alert(judged, stand, share, flow.sender, hub, warn.to, form):
                    return
    whose = ", ".join(sorted(set(behind))) or "nobody"
    words = (
        f"no member addressed it to {warn.to}, and of what the hub had there (of {whose}) no alert may go on"
    )
    yield _finding(said.captured, "forbidden", "orcon", warn.clause, words)


def judge_cancels(judged: Judged, run: Run, tape: Tape, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Cancels that did not reach all who were warned: not sent, or not passed on."""
    for record in run.warned:
        if record.direction != "sent" or record.state != "cancelled":
            continue
        told = [one for one in tape.warnings if _is_record(record.member, record.warning, one)]
        if told and not any(one.warn.state == "CANCELLED" for one in told):
            words = f"{record.member} called {record.warning} off, and told {record.party} nothing of it"
            yield _finding(told[-1].captured, "warning", "cancel", record.clause, words)
    for one in tape.warnings:
        if one.warn.state == "CANCELLED" and one.captured.recipient in hubs and one.captured.arrived_ns:
            yield from _cancel_passed_on(judged, run, tape, one)


def _is_record(member: str, warning: str, said: Said) -> bool:
    return said.captured.sender == member and said.warn.warning == warning


def _cancel_passed_on(judged: Judged, run: Run, tape: Tape, cancel: Said) -> Iterator[Finding]:
    hub, arrived_ns = cancel.captured.recipient, cancel.captured.arrived_ns
    if arrived_ns + PASS_ON_NS > run.truth.end_ns or cancel.warn.to == hub:
        return
    throughout = judged.stands.throughout(arrived_ns, arrived_ns + PASS_ON_NS)
    if any(
        stand.force != Answer.YES or stand.on_roster(cancel.warn.to) != Answer.YES for stand in throughout
    ):
        return
    key = (cancel.captured.sender, hub, cancel.warn.warning)
    mine = [
        one for one in tape.warnings if (one.captured.sender, one.captured.recipient, one.warn.warning) == key
    ]
    theirs = [
        one
        for one in tape.warnings
        if one.captured.sender == hub and any(alike(one, other) for other in mine)
    ]
    ids = {one.warn.warning for one in theirs if one.warn.state != "CANCELLED"}
    off = {
        one.warn.warning
        for one in tape.warnings
        if one.captured.sender == hub and one.warn.to == cancel.warn.to and one.warn.state == "CANCELLED"
    }
    for warning in sorted(ids - off):
        words = f"a cancel that {cancel.warn.to} was to have of {warning} stayed with the hub"
        yield _finding(cancel.captured, "warning", "cancel", cancel.warn.clause, words)


# ---------------------------------------------------------------- acknowledgements


def judge_acks(judged: Judged, tape: Tape, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Acknowledgements that another gave than the recipient, of what nobody said, or without a person."""
    told = {(one.captured.sender, one.captured.recipient, one.warn.warning): one for one in tape.warnings}
    steps: list[Answered] = []
    for one in tape.acks:
        captured, ack = one
        said = told.get((captured.recipient, captured.sender, ack.warning))
        stand = judged.stands.at(captured.sent_ns)
        route = forbidden_route(judged.pact, captured.sender, captured.recipient, stand)
        if route is not None:
            yield _finding(captured, "forbidden", "route", route, "an acknowledgement sent directly")
        if said is None:
            yield _finding(
                captured, "warning", "ack", "", f"{ack.warning} was never given to who acknowledges it"
            )
        elif _unfounded(one, said, steps, hubs):
            words = f"the hub says {ack.step} for {said.warn.to}, which had not said so"
            yield _finding(captured, "warning", "ack", said.warn.clause, words)
        if bool(ack.person) != (ack.step == "acknowledged"):
            words = f"{ack.step} by {ack.person or 'nobody'}"
            yield _finding(captured, "warning", "ack", "", words)
        steps.append(one)


def _unfounded(one: Answered, said: Said, steps: list[Answered], hubs: tuple[str, ...]) -> bool:
    """Whether a hub says a step for a party that had not said so itself."""
    if one.captured.sender not in hubs or said.warn.to == one.captured.sender:
        return False
    return not any(_same_step(before, said, one.ack.step) for before in steps)


def _same_step(before: Answered, said: Said, step: str) -> bool:
    hub = said.captured.recipient
    return (before.captured.sender, before.captured.recipient, before.ack.step) == (said.warn.to, hub, step)


def judge_shown(run: Run, tape: Tape) -> Iterator[Finding]:
    """Warnings shown twice, or after they had expired."""
    first: dict[tuple[str, str, str], Answered] = {}
    ends: dict[tuple[str, str, str], int] = {}
    for said in tape.warnings:
        key = (said.captured.recipient, said.captured.sender, said.warn.warning)
        ends[key] = max(ends.get(key, 0), said.warn.expires_ns)
    for one in tape.acks:
        if one.ack.step != "shown":
            continue
        key = (one.captured.sender, one.captured.recipient, one.ack.warning)
        before = first.setdefault(key, one)
        if before.ack.time_ns != one.ack.time_ns:
            yield _finding(one.captured, "shown_twice", "shown", "", f"{one.ack.warning} was shown before")
        if key in ends and one.ack.time_ns > ends[key]:
            yield _finding(one.captured, "shown_after_expiry", "shown", "", f"{one.ack.warning} had expired")
    yield from _shown_records(run)


def _shown_records(run: Run) -> Iterator[Finding]:
    """The consoles' own records: one warning from one party stands there once."""
    seen: set[tuple[str, str, str]] = set()
    for record in run.warned:
        key = (record.member, record.direction, record.warning)
        if key in seen:
            yield Finding(
                at_ns=record.shown_ns, kind="shown_twice", rule="shown", who=record.party, to=record.member,
                clause=record.clause, says=f"{record.warning} stands twice at the console",
            )  # fmt: skip
        seen.add(key)


def routed_by(judged: Judged, one: str, other: str) -> str | None:
    """The hub by which two parties meet, None where they may meet directly."""
    for clause in judged.pact.clause:
        if isinstance(clause, Route) and any(set(pair) == {one, other} for pair in clause.pairs):
            return clause.via
    return None
