"""K3: clauses that cannot both be kept, with the smallest set of clauses that clashes.

Inside one pact: a duty to warn against a withhold, a caveat or secrecy that it does not prevail over. Two
shares that tie are found while a text is read. Between pacts: the same across texts, shares and withholds of
the same data, and shares that tie, where no precedence clause says which pact gives way.
"""

from collections.abc import Iterator, Sequence

from foedus.model import Form, TrackClass
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry, Kind
from foedus.pact.checks.reach import EARLY_DATA, Channels
from foedus.pact.clauses import Caveat, Forbear, Notify, Precedence, Record, Share, Warn, Withhold
from foedus.pact.meaning.situation import describe
from foedus.pact.reading.ties import ZonesMeet, ties
from foedus.pact.tables.rules import DENY, judge, rules_of
from foedus.pact.words import Truth


def contradictions(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K3: duties to warn against withholds, caveats and secrecy of the same text."""
    for warn in inquiry.clauses(Warn):
        assert isinstance(warn, Warn)
        yield from _against_withholds(inquiry, warn)
        yield from _against_caveats(inquiry, channels, warn)
    yield from _against_secrecy(inquiry)


def prevails(inquiry: Inquiry, over: str, under: str) -> bool:
    """Whether a precedence clause or a notwithstanding puts one clause above the other."""
    for clause in inquiry.pact.clause:
        if isinstance(clause, Precedence) and over in clause.over and under in clause.under:
            return True
        if isinstance(clause, Warn | Share) and clause.id == over and under in clause.notwithstanding:
            return True
    return False


def _settled(inquiry: Inquiry, a: str, b: str) -> bool:
    return prevails(inquiry, a, b) or prevails(inquiry, b, a)


def _together(inquiry: Inquiry, a: Warn | Share, b: Withhold | Share, victims: Sequence[str]) -> Kind | None:
    """A situation in which both speak, and one of these is attacked (empty: whoever)."""
    for kind in inquiry.kinds:
        if victims and kind.situation.victim not in victims:
            continue
        if b.classes and kind.situation.track_class not in b.classes:
            continue
        if inquiry.holds(a, kind) == Truth.YES and inquiry.holds(b, kind) == Truth.YES:
            return kind
    return None


def _against_withholds(inquiry: Inquiry, warn: Warn) -> Iterator[Finding]:
    """A warner that must keep from the warned what it warns of."""
    for hold in inquiry.clauses(Withhold):
        assert isinstance(hold, Withhold)
        givers = [one for one in inquiry.named(warn.by) if one in inquiry.named(hold.giver)]
        takers = [one for one in inquiry.addressed(warn) if one in inquiry.named(hold.taker)]
        pairs = [(a, b) for a in givers for b in takers if a != b]
        if hold.data not in EARLY_DATA or not pairs or _settled(inquiry, warn.id, hold.id):
            continue
        kind = _together(inquiry, warn, hold, [b for _, b in pairs])
        if kind is None:
            continue
        a, b = next(((a, b) for a, b in pairs if b == kind.situation.victim), pairs[0])
        inside = f" inside {listed(list(hold.zones), 'or')}" if hold.zones else ""
        yield Finding(
            number="K3",
            severity="error" if _same_place(inquiry, warn, hold, b) else "warning",
            clauses=_core(warn, hold),
            witness=(
                f"At {describe(kind.situation)}, {warn.id} says that {a} must warn {b}, and {hold.id} that "
                f"it must keep what it sees{inside} from {b}."
            ),
            change=f'add notwithstanding = ["{hold.id}"] to {warn.id}',
        )


def _same_place(inquiry: Inquiry, warn: Warn, hold: Withhold, victim: str) -> bool:
    """Whether what is withheld may lie in a zone that is warned of, not only on the way to one."""
    zones = {zone.id: i for i, zone in enumerate(inquiry.pact.zone)}
    warned = [zone.id for zone in inquiry.pact.zone if zone.owner == victim]
    warned = [one for one in warned if not warn.zones or one in warn.zones]
    if not hold.zones or not warned:
        return True
    meet = ZonesMeet(inquiry.pact)
    bits = [sum(1 << zones[one] for one in ids) for ids in (hold.zones, warned)]
    return any(True for _ in meet.least(*bits))


def _core(*clauses: Warn | Withhold | Share | Caveat) -> tuple[str, ...]:
    """The clauses with the casus on which all of them hang: without any of these there is no clash."""
    casus = [name for clause in clauses for name in (getattr(clause, "casus", None),) if name]
    return tuple(dict.fromkeys([clause.id for clause in clauses] + casus))


def _against_caveats(inquiry: Inquiry, channels: Channels, warn: Warn) -> Iterator[Finding]:
    """A warner that has the track by a share whose caveat lets nothing go on to the warned."""
    for index, caveat in enumerate(inquiry.pact.clause):
        if not isinstance(caveat, Caveat) or _settled(inquiry, warn.id, caveat.id):
            continue
        clash = next(_clashes(inquiry, channels, warn, index), None)
        if clash is None:
            continue
        kind, share, originator, debtor = clash
        victim = kind.situation.victim
        yield Finding(
            number="K3",
            severity="error",
            clauses=_core(warn, caveat, share),
            witness=(
                f"At {describe(kind.situation)}, {warn.id} says that {debtor} must warn {victim} of what it "
                f"knows, and {caveat.id} that nothing it has from {originator} by {share.id} may go on to "
                f"{victim}."
            ),
            change=f'add notwithstanding = ["{caveat.id}"] to {warn.id}, or onward = {{ to = "{victim}", '
            f'max_form = "alert", strip_source = true }} to {caveat.id}',
        )


def _clashes(
    inquiry: Inquiry, channels: Channels, warn: Warn, index: int
) -> Iterator[tuple[Kind, Share, str, str]]:
    caveat = inquiry.pact.clause[index]
    assert isinstance(caveat, Caveat)
    shares = {clause.id: clause for clause in inquiry.pact.clause if isinstance(clause, Share)}
    for kind in inquiry.kinds:
        victim, attacker = kind.situation.victim, kind.situation.attacker
        if victim not in inquiry.addressed(warn) or inquiry.holds(warn, kind) != Truth.YES:
            continue
        flags = channels.flags(kind)
        if not flags[index]:
            continue
        for edge in channels.strict.edges(flags, kind.situation.track_class, 0):
            if edge.clause not in caveat.on or edge.taker not in inquiry.named(warn.by):
                continue
            if edge.giver in (victim, attacker) or edge.taker in (victim, attacker):
                continue
            form, told = channels.strict.onward(
                [edge], edge.giver, victim, speaks=flags, ignoring=warn.notwithstanding
            )
            if form < Form.ALERT and caveat.id in told:
                yield kind, shares[edge.clause], edge.giver, edge.taker


def _against_secrecy(inquiry: Inquiry) -> Iterator[Finding]:
    """Something that is secret and has to be told to a body outside."""
    for record in inquiry.clauses(Record):
        assert isinstance(record, Record)
        secret = [word for word in record.secrecy if word in ("existence", "membership", "text")]
        for notify in inquiry.clauses(Notify):
            assert isinstance(notify, Notify)
            words = (notify.to,) if isinstance(notify.to, str) else notify.to
            outside = [word for word in words if word in ("unsc", "legislature")]
            if secret and outside and not _settled(inquiry, notify.id, record.id):
                yield _told_outside(notify, record, outside, f"keeps the {listed(secret)} of the pact secret")
    for notify in inquiry.clauses(Notify):
        for forbear in inquiry.clauses(Forbear):
            assert isinstance(notify, Notify)
            assert isinstance(forbear, Forbear)
            words = (notify.to,) if isinstance(notify.to, str) else notify.to
            outside = [word for word in words if word in ("unsc", "legislature")]
            if "publication" in forbear.acts and outside:
                yield _told_outside(notify, forbear, outside, "forbids publication")


def _told_outside(notify: Notify, against: Record | Forbear, outside: Sequence[str], says: str) -> Finding:
    body = {"unsc": "the UN Security Council", "legislature": "a legislature"}[outside[0]]
    return Finding(
        number="K3",
        severity="error",
        clauses=(notify.id, against.id),
        witness=f"{notify.id} says that {body} must be told, and {against.id} {says}.",
        change=f'a precedence clause over = ["{notify.id}"], under = ["{against.id}"]',
    )


# ---------------------------------------------------------------- between pacts


def across(inquiry: Inquiry, origin: dict[str, tuple[str, str]]) -> Iterator[Finding]:
    """K3 between pacts, on their composition: shares against withholds, and shares that tie."""
    rules = rules_of(inquiry.pact)
    for hold in inquiry.clauses(Withhold):
        for share in inquiry.clauses(Share):
            assert isinstance(hold, Withhold)
            assert isinstance(share, Share)
            if share.data != hold.data or not _foreign(origin, share.id, hold.id):
                continue
            pair = _pair(inquiry, share, hold)
            if pair is None or _settled(inquiry, share.id, hold.id):
                continue
            kind = _together(inquiry, share, hold, ())
            if kind is None and (share.casus or hold.casus):
                continue
            yield _two_pacts(origin, share, hold, pair, duty=share.duty == "shall")
    for tie in ties(inquiry.pact):
        first, second = (inquiry.pact.clause[rule.clause] for rule in tie.rules)
        assert isinstance(first, Share)
        assert isinstance(second, Share)
        if not _foreign(origin, first.id, second.id) or _settled(inquiry, first.id, second.id):
            continue
        if first.data == second.data and (_together(inquiry, first, second, ()) or not first.casus):
            verdict = judge([one for one in rules if one.clause in (r.clause for r in tie.rules)], tie.zones)
            named = inquiry.pact.clause[verdict.clause].id if verdict.clause != DENY else ""
            yield _tie(inquiry, origin, first, second, (tie.giver, tie.taker, tie.track_class), named)


def _foreign(origin: dict[str, tuple[str, str]], a: str, b: str) -> bool:
    return origin[a][0] != origin[b][0]


def _pair(inquiry: Inquiry, share: Share, hold: Withhold) -> tuple[str, str] | None:
    for a in inquiry.named(share.giver):
        for b in inquiry.named(share.taker):
            if a != b and a in inquiry.named(hold.giver) and b in inquiry.named(hold.taker):
                return a, b
    return None


def _two_pacts(
    origin: dict[str, tuple[str, str]],
    share: Share,
    hold: Withhold,
    pair: tuple[str, str],
    *,
    duty: bool,
) -> Finding:
    (one, s), (two, h) = origin[share.id], origin[hold.id]
    a, b = pair
    may = "shall" if duty else "may"
    return Finding(
        number="K3",
        severity="error" if duty else "warning",
        clauses=_core(share, hold),
        witness=f"{one}:{s} says that {a} {may} give {b} {share.data.name.lower()}, and {two}:{h} that it "
        "keeps them back; no precedence says which pact gives way.",
        change=f'a precedence clause over = ["{two}:{h}"], under = ["{one}:{s}"] in one of them',
    )


def _tie(
    inquiry: Inquiry,
    origin: dict[str, tuple[str, str]],
    first: Share,
    second: Share,
    cell: tuple[int, int, int],
    named: str,
) -> Finding:
    giver, taker = inquiry.pact.party[cell[0]].id, inquiry.pact.party[cell[1]].id
    (one, s), (two, t) = origin[first.id], origin[second.id]
    return Finding(
        number="K3",
        severity="warning",
        clauses=_core(first, second),
        witness=(
            f"{giver} gives {taker} {TrackClass(cell[2]).name.lower()} tracks as {_form(first)} by {one}:{s} "
            f"and as {_form(second)} by {two}:{t}; neither is narrower, and no precedence says which gives "
            f"way (the lower, {':'.join(origin[named]) if named in origin else 'neither'}, holds)."
        ),
        change=f'a precedence clause over = ["{one}:{s}"], under = ["{two}:{t}"] in one of them',
    )


def _form(share: Share) -> str:
    return share.form if isinstance(share.form, str) else share.form.name.lower()
