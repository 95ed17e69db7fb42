"""K11: duties to warn that come no earlier than the data do anyway, and what each caveat costs.
K12: parties and links without which duties to warn are lost.
"""

from collections.abc import Iterator

import msgspec

from foedus.model import Form
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.checks.reach import NEVER_S, Arrival, Channels, earliest, link, widest
from foedus.pact.checks.release import data_kinds, range_of_zones
from foedus.pact.checks.warning import Trial, attempt, trials
from foedus.pact.clauses import Caveat, Share
from foedus.pact.meaning.evaluate import span_s


def dominated(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K11: each duty to warn where data always arrive no later than the warning is due."""
    found: dict[str, list[tuple[Trial, float, Arrival | None]]] = {}
    for trial in trials(inquiry, channels):
        within_s = span_s(inquiry.pact, trial.warn.within_s)
        if within_s is None:
            continue
        for holder in trial.holders:
            outcome = attempt(channels, trial, holder)
            if outcome.told:
                first = _first_data(channels, trial, holder)
                found.setdefault(trial.warn.id, []).append((trial, outcome.delay_s + within_s, first))
    for clause, cases in found.items():
        if any(first is None or first.delay_s > due_s for _, due_s, first in cases):
            continue
        _, due_s, first = max(cases, key=lambda one: (one[2].delay_s if one[2] else NEVER_S) - one[1])
        assert first is not None
        by = listed([edge.clause for edge in first.path])
        yield Finding(
            number="K11",
            severity="warning",
            clauses=(clause, *(edge.clause for edge in first.path)),
            witness=(
                f"{clause} adds nothing in time: by {by} the data are there after {first.delay_s:g} s, and "
                f"the warning is due after {due_s:g} s. Only its acknowledgement is more than unread data."
            ),
            change=f"within_s below {first.delay_s:g} in {clause}" if first.delay_s > 0 else "",
        )


def _first_data(channels: Channels, trial: Trial, holder: str) -> Arrival | None:
    ways: list[Arrival] = []
    for zones in channels.places(trial.victim)[:1]:  # before it is inside the victim's own area
        arrivals = channels.arrivals(holder, trial.kind, zones, without=(trial.kind.situation.attacker,))
        ways += [way for way in arrivals.get(trial.victim, ()) if way.form >= Form.ALERT]
    return earliest(ways)


# ---------------------------------------------------------------- the price of caveats


def prices(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K11: each caveat with the flows that it lowers, or ends, or makes later."""
    for caveat in inquiry.clauses(Caveat):
        lowered: dict[tuple[str, str], tuple[Form, Form]] = {}
        later_s: dict[tuple[str, str], float] = {}
        freed = Channels(_without(inquiry, caveat.id))
        for kind in data_kinds(inquiry, channels):
            for giver in inquiry.roster:
                for zones in range_of_zones(inquiry):
                    before = freed.arrivals(giver, kind, zones)
                    after = channels.arrivals(giver, kind, zones)
                    for taker, ways in before.items():
                        best, now = widest(ways), widest(after.get(taker, ()))
                        assert best is not None
                        form = now.form if now else Form.NONE
                        if form < best.form and form < lowered.get((giver, taker), (Form.SOURCE,) * 2)[1]:
                            lowered[giver, taker] = (best.form, form)
                        if now and now.form == best.form and now.delay_s > best.delay_s:
                            later_s[giver, taker] = now.delay_s - best.delay_s
        if lowered or later_s:
            yield _price(caveat.id, lowered, later_s)


def _without(inquiry: Inquiry, clause: str) -> Inquiry:
    clauses = tuple(one for one in inquiry.pact.clause if one.id != clause)
    pact = msgspec.structs.replace(inquiry.pact, clause=clauses)
    return Inquiry(pact, at=inquiry.at, facts=inquiry.facts, world=inquiry.world, sensing=inquiry.sensing)


def _price(
    clause: str, lowered: dict[tuple[str, str], tuple[Form, Form]], later_s: dict[tuple[str, str], float]
) -> Finding:
    said = []
    steps: dict[tuple[Form, Form], list[tuple[str, str]]] = {}
    for pair, step in lowered.items():
        steps.setdefault(step, []).append(pair)
    for (high, low), pairs in steps.items():
        giver, taker = pairs[0]
        more = f" and {len(pairs) - 1} flows more" if len(pairs) > 1 else ""
        said.append(f"{giver}'s data to {taker}{more} fall from {high.name.lower()} to {low.name.lower()}")
    if later_s:
        (giver, taker), most_s = max(later_s.items(), key=lambda one: one[1])
        said.append(f"{giver}'s data reach {taker} {most_s / 60:g} min later")
    return Finding(
        number="K11",
        severity="note",
        clauses=(clause,),
        witness=f"The price of {clause}: {'; '.join(said)}.",
    )


# ---------------------------------------------------------------- single points of failure


def single_points(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K12: each party, then each link, without which somebody is unwarned though others see the track."""
    if len(inquiry.roster) < 3:
        return  # of two parties each is everything
    every = [
        trial
        for trial in trials(inquiry, channels)
        if trial.kind.situation.attacker not in inquiry.roster and _works(channels, trial, ())
    ]
    for party in inquiry.roster:
        lost = [
            trial
            for trial in every
            if party not in (trial.victim, trial.kind.situation.attacker)
            and not _works(channels, trial, (party,))
        ]
        if lost:
            yield _lost(lost, party)
    for pair in _links(inquiry):
        cut = (link(*pair),)
        lost = [trial for trial in every if not _works(channels, trial, cut)]
        if lost:
            yield _lost(lost, f"the link from {pair[0]} to {pair[1]}")


def _works(channels: Channels, trial: Trial, without: tuple[str, ...]) -> bool:
    """Whether the duty can be fulfilled when everybody left who can hold the track does."""
    left = [holder for holder in trial.holders if holder not in without]
    return any(attempt(channels, trial, holder, without=without).told for holder in left)


def _lost(lost: list[Trial], what: str) -> Finding:
    duties: dict[str, list[str]] = {}
    for trial in lost:
        names = duties.setdefault(trial.warn.id, [])
        names += [trial.victim] if trial.victim not in names else []
    said = [f"{clause} to {listed(names)}" for clause, names in duties.items()]
    return Finding(
        number="K12",
        severity="warning",
        clauses=tuple(duties),
        witness=f"Without {what} nobody can fulfil {'; '.join(said)}.",
        change="a second debtor, or a second way of the data to one",
    )


def _links(inquiry: Inquiry) -> tuple[tuple[str, str], ...]:
    return tuple(
        dict.fromkeys(
            (giver, taker)
            for clause in inquiry.clauses(Share)
            if isinstance(clause, Share)
            for giver in inquiry.named(clause.giver)
            for taker in inquiry.named(clause.taker)
            if giver != taker
        )
    )
