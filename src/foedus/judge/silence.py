"""Rows that the text let or made a party give of an object that it held, and that it did not give.

That it held the object is shown by a tick at which its own data alone made the drill's measure, or by a row
of the object that it gave somebody else. The text must give the row in every case that can be: wherever the
object was within reach of its error, and whatever class a node may have taken it for.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from foedus.drill.outcome import Run
from foedus.judge.duties import stopped_by_script
from foedus.judge.finding import Finding
from foedus.judge.pictures import Judged, cases_of, forbidden_route
from foedus.judge.place import IN, MAYBE, in_band, inside
from foedus.judge.sky import Sky
from foedus.judge.tape import Tape
from foedus.judge.verdict import Verdict
from foedus.model import SECOND_NS, Form, TrackClass
from foedus.pact.clauses import Share

SILENT_TICKS: Final = 12
"""Silence of more ticks than that is a finding: a new track takes up to six of them."""

ERROR_DEG: Final = 0.05
"""How far a node may have seen an object from where it was: some 5 km, as a coarse row does."""

HEIGHT_ERROR_M: Final = np.array([1_000.0])
"""The same for its height, where a zone has a band."""

EVERY_NS: Final = 30 * SECOND_NS
"""An object of which rows are given all the time is looked at twice a minute."""

LOOK_NS: Final = 15 * SECOND_NS
"""How often on its way an object is looked at, for zones that would let the text keep it back."""


class Held(NamedTuple):
    """One instant at which a party held an object; classes: what it may have taken it for."""

    member: str
    target: int
    at_ns: int
    classes: tuple[int, ...]
    why: str


def judge_silence(judged: Judged, run: Run, tape: Tape, sky: Sky, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Findings about rows not given; one per pair and object."""
    seen: set[tuple[str, str, int]] = set()
    for held in _instants(run, tape, sky, hubs):
        for party in judged.pact.party:
            key = (held.member, party.id, held.target)
            if party.id == held.member or party.id not in run.members or key in seen:
                continue
            if _given(tape, sky, run, held, party.id, 0):
                continue
            verdict = _sure(judged, run, sky, held, party.id)
            if verdict is None or _given(tape, sky, run, held, party.id, verdict.delay_ns):
                continue
            seen.add(key)
            yield _finding(judged, run, held, party.id, verdict)


def _instants(run: Run, tape: Tape, sky: Sky, hubs: tuple[str, ...]) -> list[Held]:
    found = []
    for known in run.known:
        if known.sources == (known.member,) and known.member not in hubs:
            target = sky.row_of(known.target)
            true_class = run.truth.targets[target].track_class
            classes = tuple(sorted({int(TrackClass.UNIDENTIFIED), true_class}))
            found.append(Held(known.member, target, known.at_ns, classes, "its own picture made the measure"))
    for flow in tape.flows.values():
        if flow.sender in hubs:
            continue
        for target in range(len(run.truth.targets)):
            last_ns = 0
            exact = flow.rows.form >= Form.COARSE  # a cell of one degree tells nothing of one object
            for row in np.flatnonzero(sky.about(flow, target) & exact).tolist():
                at_ns = int(flow.sent_ns[row])
                if at_ns >= last_ns + EVERY_NS:
                    last_ns = at_ns
                    classes = (int(flow.rows.track_class[row]),)
                    found.append(
                        Held(flow.sender, target, at_ns, classes, f"it gave {flow.recipient} a row of it")
                    )
    return sorted(found, key=lambda one: (one.at_ns, one.member, one.target))


def _sure(judged: Judged, run: Run, sky: Sky, held: Held, to: str) -> Verdict | None:
    """The verdict, where the text surely gives the row from then until long enough after; else None."""
    stand = judged.stands.at(held.at_ns)
    if forbidden_route(judged.pact, held.member, to, stand) is not None:
        return None
    rules = judged.rules(stand, held.member, to)
    if any(not rule.gives and (rule.zones is None or rule.classes is not None) for rule in rules):
        return None  # a tracker of its own serves who may not have every plot; what it holds cannot be told
    wait_ns = max((rule.delay_ns for rule in rules), default=0) + SILENT_TICKS * run.truth.tick_ns
    if held.at_ns + wait_ns > run.truth.end_ns or stopped_by_script(run, held.member, held.at_ns + wait_ns):
        return None
    times = sorted({*range(held.at_ns - wait_ns, held.at_ns + wait_ns, LOOK_NS), held.at_ns + wait_ns})
    verdicts = [
        judged.verdict(then, (held.member, to), track_class, zones)
        for at_ns in times
        for zones in _zones(judged, sky, held.target, at_ns)
        for then in judged.stands.throughout(held.at_ns, held.at_ns + wait_ns)
        for track_class in held.classes
    ]
    if not verdicts or any(one.form < Form.REGION or one.doubt for one in verdicts):
        return None
    return max(verdicts, key=lambda one: one.delay_ns)


def _zones(judged: Judged, sky: Sky, target: int, at_ns: int) -> list[frozenset[str]]:
    """Every set of zones in which a node may have seen the object; none where it was not in the air."""
    lat, lon, height = sky.place(target, np.array([at_ns], np.int64))
    if np.isnan(lat[0]):
        return []
    sure, maybe = set(), set()
    for zone in judged.pact.zone:
        answer = inside(zone, np.degrees(lat), np.degrees(lon), np.array([ERROR_DEG]))[0]
        bare = zone.floor_m is None and zone.ceiling_m is None
        band = IN if bare else min(MAYBE, in_band(zone, height, HEIGHT_ERROR_M, unknown=MAYBE)[0])
        if min(answer, band) == IN:
            sure.add(zone.id)
        elif min(answer, band) == MAYBE:
            maybe.add(zone.id)
    return cases_of((frozenset(sure), frozenset(maybe)))


def _given(tape: Tape, sky: Sky, run: Run, held: Held, to: str, delay_ns: int) -> bool:
    """Whether the party had a row of the object about that time."""
    flow = tape.flows.get((held.member, to))
    if flow is None:
        return False
    room_ns = SILENT_TICKS * run.truth.tick_ns
    when = (flow.sent_ns >= held.at_ns - room_ns) & (flow.sent_ns <= held.at_ns + room_ns + delay_ns)
    return bool((when & sky.about(flow, held.target)).any())


def _finding(judged: Judged, run: Run, held: Held, to: str, verdict: Verdict) -> Finding:
    share = next(one for one in judged.pact.clause if isinstance(one, Share) and one.id == verdict.clause)
    target = run.truth.targets[held.target].id
    word = "has to" if share.duty == "shall" else "lets it"
    return Finding(
        at_ns=held.at_ns,
        kind="silence",
        rule="shall" if share.duty == "shall" else "may",
        who=held.member,
        to=to,
        clause=share.id,
        says=f"nothing of {target} in {SILENT_TICKS} ticks, though {share.id} {word} give it; {held.why}",
    )
