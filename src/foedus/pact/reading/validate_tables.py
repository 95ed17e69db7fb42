"""Whether the tables of a pact make sense: parties, states, lists of adversaries, zones, brackets, words."""

import re
from datetime import UTC, datetime

from foedus.document import Place, name_id
from foedus.pact.clauses import Zone
from foedus.pact.polygon import shape_fault, vertices
from foedus.pact.reading.lookup import RESERVED, SPAN_MAX, Lookup
from foedus.pact.words import UNKNOWN

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,23}")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def check_tables(look: Lookup) -> None:
    """Nothing; an error for the first thing wrong outside the clauses."""
    _parties(look)
    _words(look)
    _states(look)
    _adversaries(look)
    _zones(look)
    _brackets(look)
    _milestones(look)
    _based_on(look)


def _parties(look: Lookup) -> None:
    pact = look.pact
    look.unique("party", look.party_ids)
    hubs = [party.id for party in pact.party if party.role == "hub"]
    for i, party in enumerate(pact.party):
        place: Place = ("party", i)
        if party.id in RESERVED:
            look.fail((*place, "id"), name_id(party.id), "an id that is not a word for a role or a place")
        if party.role == "hub" and party.id != hubs[0]:
            look.fail((*place, "role"), f"a second hub beside {hubs[0]}", "at most one hub")
        look.once((*place, "regions"), party.regions)
        look.period(place, party.since, party.until)
    seen: dict[tuple[str, str], bool] = {}
    for j, pair in enumerate(pact.no_ties):
        ordered = look.pair(("no_ties", j), pair)
        if ordered in seen:
            look.fail(("no_ties", j), f"{pair[0]} and {pair[1]} again", "each pair at most once")
        seen[ordered] = True


def _words(look: Lookup) -> None:
    for word, seconds in look.pact.words.items():
        place: Place = ("words", word)
        if not _ID.fullmatch(word) or word == UNKNOWN:
            look.fail(place, name_id(word), "a word of letters, digits, _ and -, other than unknown")
        if not 0 < seconds <= SPAN_MAX["s"]:
            look.fail(place, f"{seconds:.15g}", f"seconds, above 0 and at most {SPAN_MAX['s']}")
    look.unique("source", [source.key for source in look.pact.source], "key")


def _states(look: Lookup) -> None:
    look.unique("state", look.state_ids)
    for i, state in enumerate(look.pact.state):
        _free(look, ("state", i, "id"), state.id)
        look.once(("state", i, "regions"), state.regions)


def _free(look: Lookup, place: Place, id_: str) -> None:
    if id_ in look.party_ids:
        look.fail(place, f"{id_}, which is a party", "an id that no party has")
    if id_ in RESERVED:
        look.fail(place, name_id(id_), "an id that is not a word for a role or a place")


def _adversaries(look: Lookup) -> None:
    listed: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for i, entry in enumerate(look.pact.adversary):
        place: Place = ("adversary", i)
        look.known((*place, "of"), entry.of, look.party_ids, "a party: ")
        look.known((*place, "state"), entry.state, look.actors, "a state or party: ")
        if entry.of == entry.state:
            look.fail((*place, "state"), f"{entry.of} itself", "another state or party")
        look.period(place, entry.since, entry.until)
        period = (entry.since or _FIRST, entry.until or _LAST)
        for start, end in listed.get((entry.of, entry.state), ()):
            if start < period[1] and period[0] < end:
                found = f"{entry.state} again, on a day on which {entry.of} lists it already"
                look.fail((*place, "state"), found, "periods that do not overlap")
        listed.setdefault((entry.of, entry.state), []).append(period)
        if len(listed[entry.of, entry.state]) > 64:
            look.fail(
                place, f"{entry.state} for the 65th time", "at most 64 entries of one state for one party"
            )


def _zones(look: Lookup) -> None:
    look.unique("zone", look.zone_ids)
    for i, zone in enumerate(look.pact.zone):
        if zone.owner is not None:
            look.known(("zone", i, "owner"), zone.owner, look.party_ids)
        _shape(look, ("zone", i), zone)


def _shape(look: Lookup, place: Place, zone: Zone) -> None:
    fault = shape_fault(vertices(zone.polygon))
    if fault is not None:
        look.fail((*place, "polygon"), *fault)
    if zone.floor_m is not None and zone.ceiling_m is not None and zone.floor_m >= zone.ceiling_m:
        found = f"floor {zone.floor_m:g} m, ceiling {zone.ceiling_m:g} m"
        look.fail((*place, "floor_m"), found, "a floor below the ceiling")


def _brackets(look: Lookup) -> None:
    look.unique("bracket", [bracket.id for bracket in look.pact.bracket])
    for i, bracket in enumerate(look.pact.bracket):
        _free(look, ("bracket", i, "id"), bracket.id)
        look.once(("bracket", i, "choices"), bracket.choices)
    longest = sum(len(one.id) + max(map(len, one.choices)) + 2 for one in look.pact.bracket) + 2
    if look.pact.bracket and len(look.pact.version) + longest > 500:
        found = "names that make the version of a variant longer than 500 characters"
        look.fail(("bracket",), found, "shorter names of brackets and choices")


def _milestones(look: Lookup) -> None:
    look.unique("milestone", look.milestone_ids)
    for i, milestone in enumerate(look.pact.milestone):
        _free(look, ("milestone", i, "id"), milestone.id)
        look.list_of(("milestone", i, "by"), milestone.by, look.actors, "a party or state: ")


def _based_on(look: Lookup) -> None:
    based_on = look.pact.based_on
    for name, digest in based_on.seen.items() if based_on else ():
        if not _DIGEST.fullmatch(digest):
            expected = "the first 16 hexadecimal digits of the digest of a clause"
            look.fail(("based_on", "seen", name), name_id(digest), expected)
