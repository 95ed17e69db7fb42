"""K9: debtors who are the attacker, judge their own cause or have no ties with whom they owe. K10: duties
that nobody is able to fulfil, and duties that no conduct violates.
"""

from collections.abc import Iterator

from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry, Kind
from foedus.pact.checks.reach import EARLY_DATA
from foedus.pact.clauses import (
    ATTACKED,
    Assist,
    Casus,
    Consult,
    Cooperate,
    Notify,
    Regard,
    Selector,
    Share,
    Warn,
)
from foedus.pact.force import adversaries
from foedus.pact.meaning.evaluate import DutyClause, terms_of
from foedus.pact.meaning.situation import describe
from foedus.pact.words import BODIES, UNKNOWN, Truth

_DUTIES = (Regard, Consult, Notify, Assist, Warn)


def debtors_against(inquiry: Inquiry) -> Iterator[Finding]:
    """K9: duties that an attacker owes, that depend on their debtor alone, or that cross missing ties."""
    yield from _attackers_owe(inquiry)
    yield from _own_cause(inquiry)
    for clause in inquiry.clauses(*_DUTIES):
        assert isinstance(clause, _DUTIES)
        yield from _adverse(inquiry, clause)
    for clause in inquiry.clauses(Warn, Consult, Notify, Share):
        assert isinstance(clause, Warn | Consult | Notify | Share)
        yield from _across_no_ties(inquiry, clause)


def _attackers_owe(inquiry: Inquiry) -> Iterator[Finding]:
    """Attackers among the debtors: an error where nobody else owes it, else a warning. To consult with the
    attacker, or to be told by it, makes sense; to be helped or warned by it does not.
    """
    found: dict[tuple[bool, str, str], tuple[list[str], list[str]]] = {}
    for clause in inquiry.clauses(Regard, Assist, Warn):
        assert isinstance(clause, Regard | Assist | Warn)
        for alone, (kind, names) in sorted(_attacking_debtors(inquiry, clause).items(), reverse=True):
            key = (alone, getattr(clause, "casus", None) or "", describe(kind.situation))
            clauses, who = found.setdefault(key, ([], []))
            clauses.append(clause.id)
            who += [name for name in dict.fromkeys(names) if name not in who]
    for (alone, casus, event), (clauses, who) in found.items():
        binds = f"{listed(clauses)} {'bind' if len(clauses) > 1 else 'binds'} the attacker itself"
        others = f"; so with {listed(who[1:])}" if who[1:] else ""
        yield Finding(
            number="K9",
            severity="error" if alone and casus else "warning",
            clauses=(*clauses, casus) if casus else tuple(clauses),
            witness=f"At {event}, {binds}{', and nobody else' if alone else ''}{others}.",
            change=_except_parties(inquiry, clauses, casus),
        )


def _attacking_debtors(
    inquiry: Inquiry, clause: Regard | Assist | Warn
) -> dict[bool, tuple[Kind, list[str]]]:
    """Whether nobody else owes it -> the first such situation, and every attacker that owes it."""
    found: dict[bool, tuple[Kind, list[str]]] = {}
    by = inquiry.named(terms_of(clause).by)
    for kind in inquiry.kinds:
        attacker, victim = kind.situation.attacker, kind.situation.victim
        if attacker not in by or inquiry.owed(clause, attacker, victim, kind) != Truth.YES:
            continue
        if isinstance(clause, Warn) and victim not in inquiry.addressed(clause):
            continue
        alone = not [one for one in by if one not in (attacker, victim)]
        found.setdefault(alone, (kind, []))[1].append(attacker)
    return found


def _except_parties(inquiry: Inquiry, clauses: list[str], casus: str) -> str:
    if not casus:
        return f"a casus for {listed(clauses)} that says whose attacks are meant"
    by = next(one.by for one in inquiry.casus if one.id == casus)
    if "any" in by:
        return f'by = ["external"] in {casus}, and another clause for attacks by parties'
    return f"leave parties that owe {listed(clauses)} out of {casus}.by, or let somebody else owe it then"


def _own_cause(inquiry: Inquiry) -> Iterator[Finding]:
    """The only debtor alone says whether the casus is met."""
    for casus in inquiry.casus:
        judges = inquiry.named(casus.determined_by)
        if len(judges) != 1 or _also(casus):
            continue
        owed = [
            clause.id
            for clause in inquiry.clauses(*_DUTIES)
            if isinstance(clause, _DUTIES)
            and getattr(clause, "casus", None) == casus.id
            and inquiry.named(terms_of(clause).by) == judges
        ]
        if owed:
            yield Finding(
                number="K9",
                severity="warning",
                clauses=(*owed, casus.id),
                witness=f"{judges[0]} alone determines whether {casus.id} is met, and so whether it owes "
                f"{listed(owed)}.",
                change=f'determined_by = "each" in {casus.id}, or a body that is not the debtor',
            )


def _also(casus: Casus) -> bool:
    """Whether somebody besides one party determines it: each party, or a body."""
    words = (casus.determined_by,) if isinstance(casus.determined_by, str) else casus.determined_by
    return any(word in ("each", *BODIES) for word in words)


def _adverse(inquiry: Inquiry, clause: DutyClause) -> Iterator[Finding]:
    """The only debtor has the creditor on its list of adversaries."""
    terms = terms_of(clause)
    by = inquiry.named(terms.by)
    to = inquiry.addressed(clause)
    for creditor in to:
        others = [one for one in by if one != creditor]
        if len(others) == 1 and creditor in adversaries(inquiry.pact, others[0], time_ns=inquiry.time_ns):
            yield Finding(
                number="K9",
                severity="error",
                clauses=(clause.id,),
                witness=f"{others[0]} alone owes {clause.id} to {creditor}, which is on its list of "
                "adversaries.",
                change=f"one more debtor of {clause.id} beside {others[0]}",
            )


def _across_no_ties(inquiry: Inquiry, clause: Warn | Consult | Notify | Share) -> Iterator[Finding]:
    """Direct dealings that the text asks of parties without ties and sends through nobody."""
    terms = terms_of(clause)
    routed = [
        tuple(sorted(pair))
        for route in inquiry.pact.clause
        for pair in (route.pairs if route.__struct_config__.tag == "route" else ())  # type: ignore[union-attr]
    ]
    pairs = [
        (a, b)
        for a in inquiry.named(terms.by)
        for b in inquiry.addressed(clause)
        if a != b and not inquiry.tied(a, b) and tuple(sorted((a, b))) not in routed
    ]
    hub = next((party.id for party in inquiry.pact.party if party.role == "hub"), "")
    if pairs:
        a, b = pairs[0]
        more = f" (and {len(pairs) - 1} pairs more)" if len(pairs) > 1 else ""
        yield Finding(
            number="K9",
            severity="error",
            clauses=(clause.id,),
            witness=f"{clause.id} has {a} deal with {b}, with which it has no ties{more}.",
            change=f'a route with pairs = [["{a}", "{b}"]] via = "{hub}"'
            if hub
            else "a hub, and a route via it",
        )


# ---------------------------------------------------------------- K10


def nobody_able(inquiry: Inquiry) -> Iterator[Finding]:
    """K10: duties without a debtor or creditor that could act, and duties that nothing violates."""
    idle: dict[str, list[str]] = {}
    for clause in inquiry.clauses(*_DUTIES, Share, Cooperate):
        assert isinstance(clause, (*_DUTIES, Share, Cooperate))
        terms = terms_of(clause)
        if not inquiry.named(terms.by):
            yield _unable(clause.id, f"On that day {_said(terms.by)} is nobody on the roster")
        elif not _addressed(inquiry, terms.to):
            yield _unable(clause.id, f"On that day {_said(terms.to)}, to whom it is owed, is nobody")
        elif isinstance(clause, Share):
            yield from _nothing_to_give(inquiry, clause)
        elif why := _unfalsifiable(clause):
            idle.setdefault(why, []).append(clause.id)
    for why, clauses in idle.items():
        yield Finding(
            number="K10",
            severity="note" if why == _HOW_OFTEN else "warning",
            clauses=tuple(clauses),
            witness=f"No conduct violates {listed(clauses, 'or')}: {why}.",
            change="every_d = a number of days"
            if why == _HOW_OFTEN
            else "within_s = a number, or a word with a value",
        )


_HOW_OFTEN = "nothing says how often"


def _unable(clause: str, why: str) -> Finding:
    return Finding(
        number="K10",
        severity="error",
        clauses=(clause,),
        witness=f"{why}: {clause} binds nobody.",
        change=f"a party on the roster in {clause}",
    )


def _said(selector: Selector) -> str:
    return selector if isinstance(selector, str) else listed(list(selector))


def _addressed(inquiry: Inquiry, to: Selector) -> bool:
    words = (to,) if isinstance(to, str) else to
    return bool(inquiry.named(to)) or any(word in (ATTACKED, UNKNOWN, *BODIES) for word in words)


def _nothing_to_give(inquiry: Inquiry, clause: Share) -> Iterator[Finding]:
    """A share of data by parties that neither sense nor are given any."""
    if clause.data not in EARLY_DATA:
        return
    given = [
        taker
        for share in inquiry.clauses(Share)
        if isinstance(share, Share) and share.data in EARLY_DATA
        for giver in inquiry.named(share.giver)
        for taker in inquiry.named(share.taker)
        if giver != taker
    ]
    for name in inquiry.named(clause.giver):
        if name not in inquiry.sensing and name not in given:
            yield Finding(
                number="K10",
                severity="error",
                clauses=(clause.id,),
                witness=f"{name} is to give {clause.data.name.lower()} by {clause.id}, but has no sensors, "
                "and nobody gives it any.",
                change=f'a share to = "{name}" by a party with sensors',
            )


def _unfalsifiable(clause: DutyClause) -> str:
    """Why no conduct is a breach: so much discretion, or no deadline; empty where something is."""
    match clause:
        case Assist() if clause.discretion not in ("none", UNKNOWN) and clause.within_s == UNKNOWN:
            who = clause.discretion.replace("_", " ")
            return f"it is left to {who} whether and how, and there is no deadline"
        case Consult() | Warn() if clause.within_s == UNKNOWN:
            return "there is no deadline after which silence is a breach"
        case Notify() if {clause.within_s, clause.lead_s} <= {None, UNKNOWN}:
            return "there is no deadline after which silence is a breach"
        case Cooperate() if clause.every_d in (None, UNKNOWN):
            return _HOW_OFTEN
    return ""
