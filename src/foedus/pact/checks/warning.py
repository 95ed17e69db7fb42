"""K4: duties to warn that no data path can fulfil. K11: duties that add nothing, and what caveats cost.
K12: parties and links without which duties are lost.

A warning needs somebody who holds the track, a way of that data to a debtor, and leave to tell the victim. It
is tried with each party with sensors as the only holder, or with those together whom a world names; neither
the attacker nor the victim counts, as holder or on the way.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from foedus.limits import REPAIRS_MAX
from foedus.model import Form
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry, Kind
from foedus.pact.checks.reach import Arrival, Channels, earliest
from foedus.pact.clauses import ATTACKED, Caveat, Onward, Pact, Selector, Share, Warn, Withhold
from foedus.pact.meaning.evaluate import span_s
from foedus.pact.meaning.situation import describe
from foedus.pact.tables.compile import zones_to_watch
from foedus.pact.words import DataKind, Truth


class Trial(NamedTuple):
    """One duty in one situation: who must be warned, by whom, and who can hold the track."""

    warn: Warn
    kind: Kind
    victim: str
    debtors: tuple[str, ...]
    holders: tuple[str, ...]


class Outcome(NamedTuple):
    """Whether the victim can be told, how late after the track is held, or why not and by which clauses."""

    told: bool
    delay_s: float
    clauses: tuple[str, ...]
    why: str


def trials(inquiry: Inquiry, channels: Channels) -> tuple[Trial, ...]:
    """Every duty to warn in every kind of situation in which it is owed, alike ones once."""
    found: dict[tuple[object, ...], Trial] = {}
    for warn in inquiry.clauses(Warn):
        assert isinstance(warn, Warn)
        for kind in inquiry.kinds:
            victim = kind.situation.victim
            if victim not in inquiry.addressed(warn) or inquiry.holds(warn, kind) != Truth.YES:
                continue
            debtors = tuple(
                one
                for one in inquiry.named(warn.by)
                if one not in (victim, kind.situation.attacker)
                and inquiry.owed(warn, one, victim, kind) == Truth.YES
            )
            situation = kind.situation
            key = (warn.id, victim, situation.attacker, situation.track_class, debtors, channels.flags(kind))
            if debtors and key not in found:
                found[key] = Trial(warn, kind, victim, debtors, inquiry.holders(situation))
    return tuple(found.values())


def attempt(
    channels: Channels,
    trial: Trial,
    holder: str,
    *,
    strict: bool = True,
    without: Sequence[str] = (),
) -> Outcome:
    """The best that can be done with what one party holds."""
    tried = [
        _by(channels, trial, holder, debtor, zones, strict, without)
        for zones in channels.places(trial.victim)
        for debtor in trial.debtors
        if debtor not in without
    ]
    told = [one for one in tried if one.told]
    if told:
        return min(told, key=lambda one: one.delay_s)
    return max(
        tried, key=lambda one: len(one.clauses), default=Outcome(False, 0, (), "nobody is left to warn")
    )


def _by(
    channels: Channels,
    trial: Trial,
    holder: str,
    debtor: str,
    zones: int,
    strict: bool,
    without: Sequence[str],
) -> Outcome:
    """What one debtor can do with it, in one place."""
    warn, victim, attacker = trial.warn, trial.victim, trial.kind.situation.attacker
    reach = channels.reach(strict=strict)
    flags = channels.flags(trial.kind, strict=strict)
    track_class = trial.kind.situation.track_class
    kept = reach.withheld(holder, victim, flags, track_class, zones)
    kept = tuple(one for one in kept if one not in warn.notwithstanding)
    if kept:
        return Outcome(False, 0, kept, f"{listed(kept)} keeps {holder}'s data from {victim} on every path")
    if holder == debtor:
        return Outcome(True, 0.0, (), "")
    ways = channels.arrivals(
        holder, trial.kind, zones, strict=strict, without=(*without, attacker), ignoring=warn.notwithstanding
    ).get(debtor, ())
    if not ways:
        return Outcome(False, 0, (), f"no share brings {holder}'s data to {debtor}")
    free: list[Arrival] = []
    blockers: list[str] = []
    for way in ways:
        form, told = reach.onward(way.path, holder, victim, speaks=flags, ignoring=warn.notwithstanding)
        if form >= Form.ALERT:
            free.append(way)
        blockers += told
    first = earliest(free)
    if first is None:
        named = tuple(dict.fromkeys(blockers))
        said = f"{listed(named)} lets nothing of {holder}'s data go on to {victim}"
        return Outcome(False, 0, named, said)
    within_s = span_s(channels.inquiry.pact, warn.within_s)
    if warn.clock != "knowledge" and within_s is not None and first.delay_s > within_s:
        clauses = tuple(edge.clause for edge in first.path)
        late = "after a delay that nobody knows" if first.delay_s >= 1e9 else f"{first.delay_s:g} s late"
        said = f"{holder}'s data reach {debtor} {late}, and {within_s:g} s are allowed"
        return Outcome(False, first.delay_s, clauses, said)
    return Outcome(True, first.delay_s, (), "")


# ---------------------------------------------------------------- K4


class Failure(NamedTuple):
    """A trial that failed with these holders, and whether it fails in every reading of unknown terms."""

    trial: Trial
    holders: tuple[str, ...]
    outcome: Outcome
    sure: bool


def unfulfillable(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K4: each duty with the holder whose data cannot serve it, and the clause that stands in the way."""
    yield from _without_zone(inquiry)
    groups: dict[tuple[object, ...], list[Failure]] = {}
    for failure in failures(inquiry, channels):
        outcome, track_class = failure.outcome, failure.trial.kind.situation.track_class
        sort = (failure.trial.warn.id, outcome.clauses, None if outcome.clauses else track_class)
        groups.setdefault((*sort, failure.sure), []).append(failure)
    for alike in groups.values():
        first = alike[0]
        yield Finding(
            number="K4",
            severity="error" if first.sure else "warning",
            clauses=(first.trial.warn.id, *first.outcome.clauses),
            witness=_unable_sentence(alike) + ("" if first.sure else _DOUBT),
            change=_repair(inquiry, alike),
        )


_NOBODY = Outcome(False, 0, (), "nobody but the attacker and the attacked party has sensors")
_DOUBT = " It may still be possible by a share whose terms are unknown."


def failures(inquiry: Inquiry, channels: Channels) -> Iterator[Failure]:
    """Each duty, situation and set of holders with which it cannot be fulfilled."""
    for trial in trials(inquiry, channels):
        for holders in _sole(inquiry, trial):
            tried = [attempt(channels, trial, one) for one in holders]
            if not any(one.told for one in tried):
                outcome = next((one for one in tried if one.clauses), tried[0] if tried else _NOBODY)
                sure = not any(attempt(channels, trial, one, strict=False).told for one in holders)
                yield Failure(trial, holders, outcome, sure)


def _sole(inquiry: Inquiry, trial: Trial) -> tuple[tuple[str, ...], ...]:
    """The sets of holders that are tried."""
    if inquiry.world.holder:
        return (trial.holders,) if trial.holders else ()
    return tuple((one,) for one in trial.holders)


def _unable_sentence(failures: Sequence[Failure]) -> str:
    first = failures[0]
    trial, outcome, holders = first.trial, first.outcome, first.holders
    victims = list(dict.fromkeys(one.trial.victim for one in failures))
    others = f" (likewise {listed(victims[1:])})" if victims[1:] else ""
    alike = [listed(one) for one in dict.fromkeys(one.holders for one in failures) if one != holders]
    also = f" (likewise {listed(alike)})" if alike else ""
    event = describe(trial.kind.situation)
    track = f"the {trial.kind.situation.track_class.name.lower()} track"
    who = f"only {listed(holders)}{also} {'hold' if len(holders) > 1 else 'holds'} {track}"
    return (
        f"At {event}, when {who}, {listed(trial.debtors, 'or')} cannot warn {trial.victim}{others} "
        f"as {trial.warn.id} says: {outcome.why}."
    )


def _without_zone(inquiry: Inquiry) -> Iterator[Finding]:
    for warn in inquiry.clauses(Warn):
        assert isinstance(warn, Warn)
        for name in inquiry.addressed(warn):
            if not zones_to_watch(inquiry.pact, warn, name) and inquiry.named(warn.by) != (name,):
                yield Finding(
                    number="K4",
                    severity="error",
                    clauses=(warn.id,),
                    witness=f"{name} is to be warned, but owns no zone that the clause means.",
                    change=f'add a [[zone]] with owner = "{name}"',
                )


# ---------------------------------------------------------------- repairs


def _repair(inquiry: Inquiry, alike: Sequence[Failure]) -> str:
    """The first of the candidate changes, smallest first, that makes the same attempt succeed."""
    wider = ((one, change) for one in alike[:REPAIRS_MAX] for change in _more_classes(inquiry, one))
    others = ((alike[0], change) for change in _candidates(inquiry, alike[0]))
    for failure, (pact, said) in (*wider, *others):
        changed = Inquiry(
            pact, at=inquiry.at, facts=inquiry.facts, world=inquiry.world, sensing=inquiry.sensing
        )
        warn = next(clause for clause in pact.clause if clause.id == failure.trial.warn.id)
        assert isinstance(warn, Warn)
        again = failure.trial._replace(warn=warn)
        if any(attempt(Channels(changed), again, one).told for one in failure.holders):
            return said
    return ""


def _candidates(inquiry: Inquiry, failure: Failure) -> Iterator[tuple[Pact, str]]:
    pact, (trial, holders, outcome, _) = inquiry.pact, failure
    clauses = {clause.id: clause for clause in pact.clause}
    warn = trial.warn
    for name in outcome.clauses:
        caveat = clauses[name]
        if isinstance(caveat, Caveat) and caveat.onward is None:
            to = _whom(inquiry, warn)
            onward = Onward(to=to, max_form=Form.ALERT, strip_source=True)
            spelt = f'onward = {{ to = {_toml(to)}, max_form = "alert", strip_source = true }}'
            yield (
                with_clause(pact, msgspec.structs.replace(caveat, onward=onward)),
                f"let {name} pass on an alert: {spelt}",
            )
    over = tuple(name for name in outcome.clauses if isinstance(clauses[name], Caveat | Withhold))
    if over:
        prevailing = (*warn.notwithstanding, *over)
        yield (
            with_clause(pact, msgspec.structs.replace(warn, notwithstanding=prevailing)),
            f"add notwithstanding = {_toml(prevailing)} to {warn.id}",
        )
    if not outcome.clauses and holders:
        holder, debtor = holders[0], trial.debtors[0]
        share = Share(
            id="NEW",
            text="An alert's worth of data for those who must warn.",
            cite="proposed",
            basis="stylised",
            giver=holder,
            taker=debtor,
            data=DataKind.TRACKS,
            form=Form.REGION,
        )
        yield (
            msgspec.structs.replace(pact, clause=(*pact.clause, share)),
            f'add a share from = "{holder}", to = "{debtor}", data = "tracks", form = "region"',
        )
    if outcome.delay_s and outcome.delay_s < 86_400:
        yield (
            with_clause(pact, msgspec.structs.replace(warn, within_s=outcome.delay_s)),
            f"within_s = {outcome.delay_s:g} in {warn.id}, or shares that are as quick as its deadline",
        )


def _whom(inquiry: Inquiry, warn: Warn) -> Selector:
    """A selector for all that may be warned; `attacked` is no party on which a caveat could open."""
    words = (warn.to,) if isinstance(warn.to, str) else warn.to
    if ATTACKED not in words:
        return warn.to
    return next((one.of for one in inquiry.casus if one.id == warn.casus), "any")


def _more_classes(inquiry: Inquiry, failure: Failure) -> Iterator[tuple[Pact, str]]:
    """Shares from a holder to a debtor that leave the class of the track out."""
    track_class = failure.trial.kind.situation.track_class
    for share in inquiry.clauses(Share) if not failure.outcome.clauses else ():
        assert isinstance(share, Share)
        gives = any(one in inquiry.named(share.giver) for one in failure.holders)
        takes = any(one in inquiry.named(share.taker) for one in failure.trial.debtors)
        if share.classes and gives and takes:
            wider = msgspec.structs.replace(share, classes=(*share.classes, track_class))
            yield (
                with_clause(inquiry.pact, wider),
                f'add "{track_class.name.lower()}" to the classes of {share.id}',
            )


def _toml(selector: Selector) -> str:
    """A selector as TOML has it."""
    if isinstance(selector, str):
        return f'"{selector}"'
    return "[" + ", ".join(f'"{one}"' for one in selector) + "]"


def with_clause(pact: Pact, clause: Warn | Caveat | Share) -> Pact:
    """The pact with one clause written anew."""
    clauses = tuple(clause if one.id == clause.id else one for one in pact.clause)
    return msgspec.structs.replace(pact, clause=clauses)
