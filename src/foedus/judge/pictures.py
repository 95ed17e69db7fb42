"""Every row of every captured picture against the text: form, clause, place, class, delay and fields."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from foedus.drill.outcome import Captured, Run
from foedus.judge.cut import cell_deg, too_fine
from foedus.judge.finding import Finding, Kind
from foedus.judge.place import EDGE_DEG, IN, MAYBE, OUT, in_band, inside
from foedus.judge.reading import Answer, Stand, Stands
from foedus.judge.tape import Flow, Tape, digest_of
from foedus.judge.verdict import NOTHING, Rule, Verdict, decide, orders, rules_between
from foedus.model import I8, SECOND_NS, Form
from foedus.pact.clauses import Pact, Route, Withhold, Zone

MAYBE_ZONES_MAX: Final = 6
"""Zones of which a rounded row may or may not be in; all cases are tried, beyond them nothing is said."""

COARSE_HEIGHT_HALF_M: Final = 250.0
"""Half the step of a coarse height: docs/pact.md, Forms."""


class Wrong(NamedTuple):
    """What is wrong with one row."""

    kind: Kind
    rule: str
    clause: str
    says: str


class Judged:
    """The text's verdicts between pairs, remembered: rows by the ten thousand ask the same."""

    def __init__(self, pact: Pact, stands: Stands) -> None:
        self.pact, self.stands = pact, stands
        self.over = orders(pact)
        self._rules: dict[tuple[str, str, int], tuple[Rule, ...]] = {}
        self._verdicts: dict[tuple[str, str, int, int, frozenset[str]], Verdict] = {}

    def rules(self, stand: Stand, giver: str, taker: str) -> tuple[Rule, ...]:
        """The rules between two parties as the text then stands."""
        key = (giver, taker, stand.time_ns)
        if key not in self._rules:
            self._rules[key] = rules_between(stand, giver, taker)
        return self._rules[key]

    def verdict(
        self, stand: Stand, pair: tuple[str, str], track_class: int, zones: frozenset[str]
    ) -> Verdict:
        """What giver may let taker have of a row, whichever way it goes."""
        key = (*pair, stand.time_ns, track_class, zones)
        if key not in self._verdicts:
            rules = self.rules(stand, *pair)
            self._verdicts[key] = decide(rules, self.over, track_class, zones)
        return self._verdicts[key]


def forbidden_route(pact: Pact, one: str, other: str, stand: Stand) -> str | None:
    """The clause that forbids anything directly between two parties; `no_ties` where the head does."""
    for clause in pact.clause:
        meant = isinstance(clause, Route) and any(set(pair) == {one, other} for pair in clause.pairs)
        if meant and stand.speaks(clause, one, other) != Answer.NO:
            return clause.id
    return "no_ties" if any(set(pair) == {one, other} for pair in pact.no_ties) else None


def judge_pictures(judged: Judged, run: Run, tape: Tape) -> Iterator[Finding]:
    """Findings about pictures: at most one per message and rule."""
    yield from _envelopes(judged, run, tape)
    for flow in tape.flows.values():
        yield from _gather(tape, flow, [*_fields(flow), *_numbers(flow), *_verdicts(judged, flow)])


def _gather(tape: Tape, flow: Flow, wrongs: list[tuple[int, Wrong]]) -> Iterator[Finding]:
    """One finding for all rows of one message that are wrong alike."""
    rows: dict[tuple[int, Wrong], int] = {}
    for row, wrong in wrongs:
        key = (int(flow.message[row]), wrong)
        rows[key] = rows.get(key, 0) + 1
    for (message, wrong), count in rows.items():
        yield _finding(tape.captured[message], wrong, count)


def _finding(captured: Captured, wrong: Wrong, rows: int = 0) -> Finding:
    return Finding(
        at_ns=captured.sent_ns,
        kind=wrong.kind,
        rule=wrong.rule,
        who=captured.sender,
        to=captured.recipient,
        clause=wrong.clause,
        sequence=captured.sequence,
        says=wrong.says,
        rows=rows,
        evidence=digest_of(captured),
    )


# ---------------------------------------------------------------- the message itself


def _envelopes(judged: Judged, run: Run, tape: Tape) -> Iterator[Finding]:
    for captured, picture in tape.pictures:
        stand = judged.stands.at(captured.sent_ns)
        route = forbidden_route(judged.pact, captured.sender, captured.recipient, stand)
        if route is not None:
            yield _finding(captured, Wrong("forbidden", "route", route, "a picture sent directly"))
        if picture.pact != run.pact_digest:
            yield _finding(
                captured, Wrong("forbidden", "pact", "", "it names another text than the one in force")
            )
        if picture.time_ns > captured.sent_ns:
            yield _finding(captured, Wrong("forbidden", "time", "", "it is dated after it was sent"))


# ---------------------------------------------------------------- fields and numbers


def _fields(flow: Flow) -> Iterator[tuple[int, Wrong]]:
    forms = flow.rows.form
    for form in sorted(set(forms.tolist())):
        here = np.flatnonzero(forms == form)
        if form not in (Form.REGION, Form.COARSE, Form.TRACK):
            yield from (
                (int(row), Wrong("forbidden", "form", "", f"no picture has rows of form {form}"))
                for row in here
            )
            continue
        rows = type(flow.rows)._make(column[here] for column in flow.rows)
        for what, which in too_fine(rows, Form(form)):
            words = f"{what} is finer than a {Form(form).name.lower()} row carries"
            for row in here[which].tolist():
                yield row, Wrong("forbidden", "finer", flow.clause[row], words)


def _numbers(flow: Flow) -> Iterator[tuple[int, Wrong]]:
    """Numbers count per recipient, so that they tell nothing of what others are given."""
    highest = 0
    start = 0
    messages = flow.message
    for end in [*(np.flatnonzero(np.diff(messages)) + 1).tolist(), len(messages)]:
        fresh = sorted({number for number in flow.rows.number[start:end].tolist() if number > highest})
        if fresh and fresh != list(range(highest + 1, highest + 1 + len(fresh))):
            words = f"numbers jump from {highest} to {fresh[0]} and on: they tell of tracks that others have"
            yield start, Wrong("forbidden", "number", "", words)
        highest = max([highest, *fresh])
        start = end


# ---------------------------------------------------------------- what the text says of each row


def _verdicts(judged: Judged, flow: Flow) -> Iterator[tuple[int, Wrong]]:
    places = places_of(judged.pact, flow)
    known: dict[tuple[object, ...], Wrong | None] = {}
    pair = (flow.sender, flow.recipient)
    rows = zip(
        flow.sent_ns.tolist(), flow.rows.time_ns.tolist(), flow.rows.form.tolist(),
        flow.rows.track_class.tolist(), flow.clause, places, strict=True,
    )  # fmt: skip
    for row, (sent_ns, time_ns, form, track_class, clause, place) in enumerate(rows):
        stands = judged.stands.about(sent_ns)
        age_ns = sent_ns - time_ns
        key = (tuple(stand.time_ns for stand in stands), form, track_class, clause, place)
        if key not in known:
            known[key] = _row(judged, stands, pair, form, track_class, clause, place)
        wrong = known[key] or _too_soon(judged, stands, pair, track_class, place, age_ns)
        if wrong is not None:
            yield row, wrong


Place = tuple[frozenset[str], frozenset[str]]  # zones that a row is in, and may be in


def places_of(pact: Pact, flow: Flow) -> list[Place]:
    """For each row the zones that its object was in, and those that it may have been in."""
    lat, lon = np.degrees(flow.rows.lat_rad), np.degrees(flow.rows.lon_rad)
    half = np.array([cell_deg(form) / 2 or EDGE_DEG for form in range(6)])[np.clip(flow.rows.form, 0, 5)]
    half = half + EDGE_DEG
    found = [np.minimum(inside(zone, lat, lon, half), _banded(pact, zone, flow)) for zone in pact.zone]
    names = [zone.id for zone in pact.zone]
    if not found:
        return [(frozenset(), frozenset())] * len(lat)
    table = np.stack(found, axis=1)
    kinds, index = np.unique(table, axis=0, return_inverse=True)
    made = [
        (
            frozenset(name for name, value in zip(names, kind, strict=True) if value == IN),
            frozenset(name for name, value in zip(names, kind, strict=True) if value == MAYBE),
        )
        for kind in kinds.tolist()
    ]
    return [made[at] for at in index.reshape(-1).tolist()]


def _banded(pact: Pact, zone: Zone, flow: Flow) -> I8:
    """A row of unknown height is inside a banded zone that a withhold names, and outside any other."""
    withheld = any(isinstance(one, Withhold) and zone.id in one.zones for one in pact.clause)
    region = flow.rows.form == Form.REGION
    half = np.where(flow.rows.form == Form.COARSE, COARSE_HEIGHT_HALF_M, 0.0)
    found = in_band(zone, flow.rows.height_m, half, unknown=IN if withheld else OUT)
    bare = zone.floor_m is None and zone.ceiling_m is None
    return found if bare else np.where(region, MAYBE, found).astype(np.int8)


def cases_of(place: Place) -> list[frozenset[str]]:
    """Every set of zones that an object may have been in."""
    sure, maybe = place
    names = sorted(maybe)[:MAYBE_ZONES_MAX]
    return [sure | set(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def _possible(
    judged: Judged, stands: tuple[Stand, ...], pair: tuple[str, str], track_class: int, place: Place
) -> list[Verdict]:
    """What the text may say of a row, wherever in its cell the object was; the likeliest case first."""
    return [judged.verdict(stand, pair, track_class, zones) for stand in stands for zones in cases_of(place)]


def _row(
    judged: Judged, stands: tuple[Stand, ...], pair: tuple[str, str],
    form: int, track_class: int, clause: str, place: Place,
) -> Wrong | None:  # fmt: skip
    """What is wrong with a row by form and clause: only what is wrong in every possible case."""
    if len(place[1]) > MAYBE_ZONES_MAX:
        return Wrong("undetermined", "place", "", f"its cell touches more than {MAYBE_ZONES_MAX} zones")
    found = _possible(judged, stands, pair, track_class, place)
    if any((one.form, one.clause) == (form, clause) for one in found):
        return None
    first = found[0] if found else NOTHING
    if any(one.doubt for one in found):
        return Wrong("undetermined", "text", clause, "what the text says here rests on something unknown")
    if all(one.form == Form.NONE for one in found):
        return Wrong("forbidden", _why_closed(judged, stands[0], pair, place), "", _closed_words(place))
    lowest = f"{first.form.name.lower()} by {first.clause}"
    if form not in [int(one.form) for one in found]:
        return Wrong(
            "forbidden", "form", first.clause, f"{_name(form)} by {clause}, where the text says {lowest}"
        )
    return Wrong(
        "forbidden", "clause", first.clause, f"it names {clause or 'no clause'}, where {lowest} decides"
    )


def _name(form: int) -> str:
    return Form(form).name.lower() if form in list(Form) else str(form)


def _closed_words(place: Place) -> str:
    where = ", ".join(sorted(place[0] | place[1])) or "no zone"
    return f"nothing of it may be given ({where})"


def _why_closed(judged: Judged, stand: Stand, pair: tuple[str, str], place: Place) -> str:
    """A word for what closes it: force, party, withhold, or that no share speaks."""
    if stand.on_roster(pair[0]) == 0 or stand.on_roster(pair[1]) == 0:
        return "roster"
    if stand.force == 0:
        return "force"
    here = place[0] | place[1]
    rules = judged.rules(stand, *pair)
    shut = [one for one in rules if not one.gives and (one.zones is None or one.zones & here)]
    return "withhold" if shut else "share"


def _too_soon(
    judged: Judged, stands: tuple[Stand, ...], pair: tuple[str, str],
    track_class: int, place: Place, age_ns: int,
) -> Wrong | None:  # fmt: skip
    waits = [one for one in _possible(judged, stands, pair, track_class, place) if one.form != Form.NONE]
    least = min(waits, key=lambda one: one.delay_ns, default=NOTHING)
    if age_ns >= least.delay_ns and age_ns >= 0:
        return None
    words = f"it is {age_ns / SECOND_NS:.1f} s old, and {least.delay_ns / SECOND_NS:g} s are asked"
    return Wrong("forbidden", "delay", least.clause, words)
