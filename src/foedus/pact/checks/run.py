"""Which checks there are, and their order; one pact alone, then those in force together.

K1  the text: broken (while reading), upstream changed, words that nothing uses    error, warning
K2  not in force, approvals missing, clauses over                                  error, warning, note
K3  contradictions: in one text, and between texts without precedence              error, warning
K4  a duty to warn that no data path can fulfil                                    error; warning in doubt
K5  data that go on to somebody in a higher form than their originator allows,     warning; across pacts error
    and hidden sources of which only one can be meant
K6  what no casus covers; parties between whom nothing goes                        warning
K7  what changed between two texts: `foedus pact diff`
K8  clauses without effect                                                         warning
K9  debtors that are the attacker, judge themselves or have no ties                error, warning
K10 duties that nobody can fulfil or nothing violates                              error, warning, note
K11 duties that add nothing; the price of each caveat                              warning, note
K12 parties and links without which duties are lost                                warning
K13 expectations: `foedus pact expect`
K14 who gives and owes more than it gets                                           note
K15 promises against a promise to make none that conflict                          warning
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from foedus.errors import LimitError
from foedus.limits import VARIANTS_CHECKED_MAX
from foedus.model import Form
from foedus.pact.checks.contradictions import across, contradictions
from foedus.pact.checks.dead import dead
from foedus.pact.checks.finding import Finding, few, listed
from foedus.pact.checks.gaps import gaps
from foedus.pact.checks.inquiry import NO_WORLD, Inquiry
from foedus.pact.checks.obligors import debtors_against, nobody_able
from foedus.pact.checks.reach import Channels, widest
from foedus.pact.checks.reciprocity import one_sided
from foedus.pact.checks.release import (
    data_kinds,
    inferable_sources,
    pairs_without_path,
    range_of_zones,
    released_onward,
)
from foedus.pact.checks.standing import standing, unused_words
from foedus.pact.checks.third_pacts import conflicts
from foedus.pact.checks.warning import failures, unfulfillable
from foedus.pact.checks.worth import dominated, prices, single_points
from foedus.pact.clauses import (
    Approval,
    Caveat,
    Clause,
    Pact,
    Precedence,
    Reservation,
    Route,
    Share,
    Suspend,
    Term,
    Warn,
    Withhold,
)
from foedus.pact.force import Fact, in_force, time_ns_of
from foedus.pact.meaning.compose import Composition, composed
from foedus.pact.meaning.world import World
from foedus.pact.variants import choose, combinations_of, is_open, name_choices
from foedus.pact.words import Truth

CHECKS: Final = tuple(f"K{number}" for number in range(1, 16))
"""All numbers. K7 is `foedus pact diff`, K13 `foedus pact expect`."""


def check_pact(
    pact: Pact, *, at: datetime, facts: tuple[Fact, ...] = (), world: World = NO_WORLD
) -> tuple[Finding, ...]:
    """Everything found in one pact that reads well, at the time asked about; in the order of the checks.

    All but K2 read it as if it were in force. A draft is checked variant by variant: what is found in all of
    them is told once, the rest with the choices that bring it about.
    """
    if is_open(pact):
        return _check_variants(pact, at, facts, world)
    return check_channels(pact, examine(pact, at=at, facts=facts, world=world))


def _check_variants(pact: Pact, at: datetime, facts: tuple[Fact, ...], world: World) -> tuple[Finding, ...]:
    found: dict[Finding, list[str]] = {}
    count = 0
    for choices in combinations_of(pact):
        count += 1
        if count > VARIANTS_CHECKED_MAX:
            raise LimitError(name="VARIANTS_CHECKED_MAX", limit=VARIANTS_CHECKED_MAX, asked=count)
        variant = choose(pact, choices)
        for finding in check_channels(variant, examine(variant, at=at, facts=facts, world=world)):
            found.setdefault(finding, []).append(name_choices(pact, choices))
    told = [
        finding
        if len(names) == count
        else msgspec.structs.replace(finding, witness=f"With {few(names)}: {finding.witness}")
        for finding, names in found.items()
    ]
    return tuple(sorted(told, key=lambda one: CHECKS.index(one.number)))


def examine(pact: Pact, *, at: datetime, facts: tuple[Fact, ...] = (), world: World = NO_WORLD) -> Channels:
    """One pact ready to be asked, so that what is found out alone need not be found out again together."""
    return Channels(Inquiry(pact, at=at, facts=facts, world=world))


def check_channels(pact: Pact, channels: Channels) -> tuple[Finding, ...]:
    """As check_pact, of a pact that is examined already."""
    inquiry = channels.inquiry
    at, facts = inquiry.at, inquiry.facts
    return (
        *unused_words(pact),
        *standing(pact, at=at, facts=facts),
        *contradictions(inquiry, channels),
        *unfulfillable(inquiry, channels),
        *released_onward(inquiry, channels),
        *inferable_sources(inquiry, channels),
        *gaps(inquiry),
        *pairs_without_path(inquiry, channels),
        *dead(inquiry),
        *debtors_against(inquiry),
        *nobody_able(inquiry),
        *dominated(inquiry, channels),
        *prices(inquiry, channels),
        *single_points(inquiry, channels),
        *one_sided(inquiry, channels),
    )


def check_all(
    pacts: Sequence[Pact],
    *,
    at: datetime,
    facts: tuple[Fact, ...] = (),
    world: World = NO_WORLD,
    examined: Sequence[Channels] = (),
) -> tuple[Finding, ...]:
    """What several pacts in force at that time do together and none does alone; clause ids are `pact:ID`.

    examined: what `examine` gave for each of them, if that is at hand.
    """
    time_ns = time_ns_of(at)
    standing_now = _newest(
        [pact for pact in pacts if in_force(pact, time_ns=time_ns, facts=facts).truth == Truth.YES]
    )
    if len(standing_now) < 2:
        return ()
    known = {id_of(pact): one for pact, one in zip(pacts, examined, strict=False)}
    alone = [
        known.get(id_of(pact)) or examine(pact, at=at, facts=facts, world=world) for pact in standing_now
    ]
    third = conflicts([one.inquiry for one in alone])
    carriers = [about_data(pact) for pact in standing_now if any(map(_carries, pact.clause))]
    if len(carriers) < 2:
        return tuple(third)
    whole = composed(carriers, at=at, facts=facts)
    inquiry = Inquiry(whole.pact, at=at, facts=whole.facts, world=world, sensing=whole.sensing)
    channels = Channels(inquiry)
    found = (
        *across(inquiry, whole.origin),
        *contradictions(inquiry, channels),
        *_more_severe(released_onward(inquiry, channels)),
        *_emergent_flows(channels, [one for one in alone if _has_shares(one)]),
        *_duties_made_possible(channels, alone, whole),
    )
    joint = [_renamed(finding, whole.origin) for finding in found if _joint(finding, whole.origin)]
    return (*joint, *third)


def id_of(pact: Pact) -> tuple[str, str]:
    """What tells one text from another."""
    return pact.pact, pact.version


def _carries(clause: Clause) -> bool:
    return isinstance(clause, Share | Withhold | Warn)


def _has_shares(channels: Channels) -> bool:
    return any(isinstance(clause, Share) for clause in channels.inquiry.pact.clause)


def about_data(pact: Pact) -> Pact:
    """What of a pact bears on data and warnings: so much fewer situations have to be told apart."""
    kept = [
        clause
        for clause in pact.clause
        if isinstance(
            clause,
            Share | Withhold | Warn | Route | Caveat | Suspend | Reservation | Precedence | Term | Approval,
        )
    ]
    used = [getattr(clause, "casus", None) for clause in kept]
    clauses = tuple(clause for clause in pact.clause if clause in kept or clause.id in used)
    terms = [
        word for clause in clauses for word in (*getattr(clause, "by", ()), *getattr(clause, "against", ()))
    ]
    states = tuple(state for state in pact.state if state.id in terms)
    return msgspec.structs.replace(pact, clause=clauses, state=states)


def _newest(pacts: Sequence[Pact]) -> list[Pact]:
    """One text of each pact: the latest by date."""
    found: dict[str, Pact] = {}
    for pact in sorted(pacts, key=lambda one: one.date):
        found[pact.pact] = pact
    return [pact for pact in pacts if found[pact.pact] is pact]


def _joint(finding: Finding, origin: dict[str, tuple[str, str]]) -> bool:
    """Whether clauses of more than one pact take part."""
    names = [origin[clause][0] for clause in finding.clauses if clause in origin]
    return len(dict.fromkeys(names)) > 1 or not names


def _renamed(finding: Finding, origin: dict[str, tuple[str, str]]) -> Finding:
    """The finding with each clause as `pact:ID`, also in its sentences."""
    spelt = {new: ":".join(old) for new, old in origin.items()}
    witness, change = finding.witness, finding.change
    for new in sorted(spelt, key=len, reverse=True):
        witness, change = witness.replace(new, spelt[new]), change.replace(new, spelt[new])
    clauses = tuple(spelt.get(clause, clause) for clause in finding.clauses)
    return msgspec.structs.replace(finding, clauses=clauses, witness=witness, change=change)


def _more_severe(findings: Iterator[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield msgspec.structs.replace(finding, severity="error")


# ---------------------------------------------------------------- what emerges


def _emergent_flows(channels: Channels, alone: Sequence[Channels]) -> Iterator[Finding]:
    """K5 notes: flows of the composition in a higher form than any single pact gives."""
    known: dict[tuple[str, str], Form] = {}
    for one in alone:
        for pair, (form, _) in _flows(one).items():
            known[pair] = max(form, known.get(pair, Form.NONE))
    for (giver, taker), (form, clauses) in _flows(channels).items():
        if form > known.get((giver, taker), Form.NONE):
            before = known.get((giver, taker), Form.NONE)
            given = f"as {before.name.lower()} at most" if before else "not at all"
            yield Finding(
                number="K5",
                severity="note",
                clauses=clauses,
                witness=f"Together the pacts bring {giver}'s data to {taker} as {form.name.lower()}; each "
                f"alone {given}.",
            )


def _flows(channels: Channels) -> dict[tuple[str, str], tuple[Form, tuple[str, ...]]]:
    best: dict[tuple[str, str], tuple[Form, tuple[str, ...]]] = {}
    for kind in data_kinds(channels.inquiry, channels):
        for giver in channels.inquiry.roster:
            for zones in range_of_zones(channels.inquiry):
                for taker, ways in channels.arrivals(giver, kind, zones).items():
                    way = widest(ways)
                    assert way is not None
                    if way.form > best.get((giver, taker), (Form.NONE, ()))[0]:
                        best[giver, taker] = (way.form, tuple(edge.clause for edge in way.path))
    return best


def _duties_made_possible(
    channels: Channels, alone: Sequence[Channels], whole: Composition
) -> Iterator[Finding]:
    """K4 notes: duties to warn that no data path of their own pact can fulfil, and one of another can."""
    new = {old: name for name, old in whole.origin.items()}
    lost = {
        (one.inquiry.pact.pact, failure.trial.warn.id): one
        for one in alone
        if any(isinstance(clause, Warn) for clause in one.inquiry.pact.clause)
        for failure in failures(one.inquiry, one)
    }
    still = [failure.trial.warn.id for failure in failures(channels.inquiry, channels)] if lost else []
    for (pact, clause), one in lost.items():
        if new.get((pact, clause), "") not in still:
            others = listed([other.inquiry.pact.pact for other in alone if other is not one], "or")
            yield Finding(
                number="K4",
                severity="note",
                clauses=(),
                witness=f"By {pact} alone {pact}:{clause} cannot always be fulfilled; with the data of "
                f"{others} it can.",
            )
