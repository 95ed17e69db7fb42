"""K5: data that reach somebody in a higher form than their originator allows, and sources that show.

What an originator allows is what it gives that party itself, and what its caveats let go on. Inside one pact
a node passes nothing on without a caveat, so there the silence of the text is a warning; across pacts no node
knows of the other text, and it is an error.
"""

from collections.abc import Iterator

from foedus.model import Form
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry, Kind
from foedus.pact.checks.reach import Arrival, Channels, widest
from foedus.pact.clauses import Route
from foedus.pact.meaning.situation import describe


def released_onward(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K5: for each originator and receiver the first situation in which more arrives than it allows."""
    told: dict[tuple[str, str], bool] = {}
    for kind in data_kinds(inquiry, channels):
        for giver in inquiry.roster:
            for zones in range_of_zones(inquiry):
                arrivals = channels.arrivals(giver, kind, zones)
                for taker, ways in arrivals.items():
                    if told.get((giver, taker)):
                        continue
                    found = _leak(channels, kind, zones, giver, taker, ways)
                    if found is not None:
                        told[giver, taker] = True
                        yield found


def data_kinds(inquiry: Inquiry, channels: Channels) -> tuple[Kind, ...]:
    """One situation for each set of clauses that can speak on data, and class; events come last."""
    kinds: dict[tuple[object, ...], Kind] = {}
    for kind in inquiry.kinds:
        kinds.setdefault((channels.flags(kind), kind.situation.track_class), kind)
    return tuple(kinds.values())


def range_of_zones(inquiry: Inquiry) -> tuple[int, ...]:
    """Outside all zones, and in each."""
    return (0, *(1 << i for i in range(len(inquiry.pact.zone))))


def _leak(
    channels: Channels, kind: Kind, zones: int, giver: str, taker: str, ways: tuple[Arrival, ...]
) -> Finding | None:
    direct = max((way.form for way in ways if len(way.path) == 1), default=Form.NONE)
    open_ways = [way for way in ways if len(way.path) > 1 and not _allowed(channels, kind, way, giver, taker)]
    best = widest(open_ways)
    if best is None or best.form <= direct:
        return None
    hands = listed([edge.taker for edge in best.path[:-1]])
    given = f"as {direct.name.lower()}" if direct else "nothing"
    first, last = best.path[0], best.path[-1]
    pact = channels.inquiry.pact
    where = next((f", inside {zone.id}" for i, zone in enumerate(pact.zone) if zones >> i & 1), "")
    track_class = kind.situation.track_class.name.lower()
    return Finding(
        number="K5",
        severity="warning",
        clauses=tuple(edge.clause for edge in best.path),
        witness=(
            f"{giver} gives {taker} {given}, but no caveat keeps {hands} from passing {giver}'s "
            f"{track_class} tracks on as {best.form.name.lower()}{where}."
        ),
        change=(
            f'add a caveat on = ["{first.clause}"], orcon = true, rel_to = "{first.taker}", originator = '
            f'"{giver}"; or let {giver} give {last.taker} {best.form.name.lower()} itself'
        ),
    )


def _allowed(channels: Channels, kind: Kind, way: Arrival, giver: str, taker: str) -> bool:
    """Whether the originator's own caveats speak on the first hand; then no more than they say goes on."""
    form, _ = channels.strict.onward(way.path[:1], giver, taker, speaks=channels.flags(kind))
    return form < Form.SOURCE


# ---------------------------------------------------------------- inference


def inferable_sources(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K5: data without their source of which only one party can be the source."""
    told: dict[tuple[str, str], bool] = {}
    for kind in inquiry.kinds if inquiry.world.holder else data_kinds(inquiry, channels):
        for taker in inquiry.roster:
            for zones in channels.places(taker):
                sources: dict[str, Arrival] = {}
                for giver in inquiry.holders(kind.situation, everybody=True):
                    best = widest(channels.arrivals(giver, kind, zones).get(taker, ()))
                    if giver != taker and best is not None and len(best.path) > 1:
                        sources[giver] = best
                if len(sources) != 1:
                    continue
                giver, best = next(iter(sources.items()))
                hidden = best.path[-1].anonymised or not inquiry.tied(giver, taker)
                if not hidden or told.get((giver, taker)):
                    continue
                told[giver, taker] = True
                yield _inference(inquiry, kind, giver, taker, best)


def _inference(inquiry: Inquiry, kind: Kind, giver: str, taker: str, way: Arrival) -> Finding:
    tied = "" if inquiry.tied(giver, taker) else ", with which it has no ties"
    return Finding(
        number="K5",
        severity="warning",
        clauses=tuple(edge.clause for edge in way.path),
        witness=(
            f"At {describe(kind.situation)}, what {taker} gets without its source can only be from {giver}"
            f"{tied}: nobody else can hold it."
        ),
        change=f"a second holder beside {giver}, or nothing above an alert on {way.path[-1].clause}",
    )


# ---------------------------------------------------------------- no way at all


def pairs_without_path(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K6: pairs of parties with sensors between whom nothing ever goes, though the pact shares data."""
    reached: dict[tuple[str, str], bool] = {}
    some = False
    for kind in data_kinds(inquiry, channels):
        for giver in inquiry.sensing:
            for zones in range_of_zones(inquiry):
                for taker in channels.arrivals(giver, kind, zones, strict=False):
                    reached[giver, taker] = some = True
    for i, a in enumerate(inquiry.sensing):
        for b in inquiry.sensing[i + 1 :]:
            if some and (a, b) not in reached and (b, a) not in reached:
                routes = [
                    clause.id
                    for clause in inquiry.pact.clause
                    if isinstance(clause, Route)
                    and any(sorted(pair) == sorted((a, b)) for pair in clause.pairs)
                ]
                yield Finding(
                    number="K6",
                    severity="warning",
                    clauses=tuple(routes),
                    witness=f"Nothing that {a} sees ever reaches {b}, nor the other way round.",
                    change=f'a share from = "{a}", to = "{b}", or through a hub',
                )
