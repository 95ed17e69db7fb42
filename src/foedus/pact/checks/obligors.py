"""K9: debtors who are the attacker, judge their own cause or have no ties with whom they owe. K10: duties that
nobody is able to fulfil, and duties that no conduct violates.
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
from foedus.pact.evaluate import DutyClause, terms_of
from foedus.pact.force import adversaries
from foedus.pact.situation import describe
from foedus.pact.words import BODIES, UNKNOWN, Truth

_DUTIES = (Regard, Consult, Notify, Assist, Warn)


def debtors_against(inquiry: Inquiry) -> Iterator[Finding]:
    """K9: each duty that an attacker owes, that depends on its debtor alone, or that crosses missing ties."""
    for clause in inquiry.clauses(*_DUTIES):
        assert isinstance(clause, _DUTIES)
        yield from _attacker_owes(inquiry, clause)
        yield from _own_cause(inquiry, clause)
        yield from _adverse(inquiry, clause)
    for clause in inquiry.clauses(Warn, Consult, Notify, Share):
        assert isinstance(clause, Warn | Consult | Notify | Share)
        yield from _across_no_ties(inquiry, clause)


def _attacker_owes(inquiry: Inquiry, clause: DutyClause) -> Iterator[Finding]:
    """Attackers among the debtors: an error where nobody else owes it, else a warning."""
    found: dict[bool, tuple[Kind, list[str]]] = {}
    by = inquiry.named(terms_of(clause).by)
    for kind in inquiry.kinds:
        attacker, victim = kind.situation.attacker, kind.situation.victim
        if attacker not in by or inquiry.owed(clause, attacker, victim, kind) != Truth.YES:
            continue
        if isinstance(clause, Warn) and victim not in inquiry.named(clause.to):
            continue
        alone = not [one for one in by if one not in (attacker, victim)]
        _, names = found.setdefault(alone, (kind, []))
        names.append(attacker)
    for alone, (kind, names) in sorted(found.items(), reverse=True):
        who = tuple(dict.fromkeys(names))
        casus = getattr(clause, "casus", None)
        yield Finding(
            number="K9",
            severity="error" if alone and casus else "warning",
            clauses=(clause.id, casus) if casus else (clause.id,),
            witness=(
                f"At {describe(kind.situation)}, {clause.id} binds the attacker itself"
                + (", and nobody else" if alone else "")
                + (f"; so with {listed(who[1:])}" if who[1:] else "")
                + "."
            ),
            change=_except_parties(inquiry, clause, casus),
        )


def _except_parties(inquiry: Inquiry, clause: DutyClause, casus: str | None) -> str:
    if casus is not None:
        by = next(one.by for one in inquiry.casus if one.id == casus)
        if "any" in by:
            return f'by = ["external", "unattributed"] in {casus}, with a clause of its own for attacks by parties'
        return f"leave parties that owe {clause.id} out of {casus}.by, or let somebody else owe it then"
    return f"a casus for {clause.id} that says whose attacks are meant"


def _own_cause(inquiry: Inquiry, clause: DutyClause) -> Iterator[Finding]:
    """The only debtor alone says whether the casus is met."""
    casus = next((one for one in inquiry.casus if one.id == getattr(clause, "casus", None)), None)
    if casus is None or casus.determined_by in (UNKNOWN, ()):
        return
    by = inquiry.named(terms_of(clause).by)
    if len(by) == 1 and inquiry.named(casus.determined_by) == by and not _also(casus):
        yield Finding(
            number="K9",
            severity="warning",
            clauses=(clause.id, casus.id),
            witness=f"{by[0]} alone determines whether {casus.id} is met, and so whether it owes {clause.id}.",
            change=f'determined_by = "each" in {casus.id}, or a body that is not the debtor',
        )


def _also(casus: Casus) -> bool:
    words = (casus.determined_by,) if isinstance(casus.determined_by, str) else casus.determined_by
    return any(word in ("each", *BODIES) for word in words)


def _adverse(inquiry: Inquiry, clause: DutyClause) -> Iterator[Finding]:
    """The only debtor has the creditor on its list of adversaries."""
    terms = terms_of(clause)
    by = inquiry.named(terms.by)
    to = inquiry.named("any" if terms.to == ATTACKED else terms.to)
    for creditor in to:
        others = [one for one in by if one != creditor]
        if len(others) == 1 and creditor in adversaries(inquiry.pact, others[0], time_ns=inquiry.time_ns):
            yield Finding(
                number="K9",
                severity="error",
                clauses=(clause.id,),
                witness=f"{others[0]} alone owes {clause.id} to {creditor}, which is on its list of adversaries.",
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
        for b in inquiry.named(terms.to)
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
    for clause in inquiry.clauses(*_DUTIES, Share, Cooperate):
        assert isinstance(clause, (*_DUTIES, Share, Cooperate))
        terms = terms_of(clause)
        if not inquiry.named(terms.by):
            yield _unable(clause.id, f"On that day {_said(terms.by)} is nobody on the roster")
        elif not _addressed(inquiry, terms.to):
            yield _unable(clause.id, f"On that day {_said(terms.to)}, to whom it is owed, is nobody")
        elif isinstance(clause, Share):
            yield from _nothing_to_give(inquiry, clause)
        else:
            yield from _unfalsifiable(clause)


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
                witness=f"{name} is to give {clause.data.name.lower()} by {clause.id}, but has no sensors, and "
                "nobody gives it any.",
                change=f'a share to = "{name}" by a party with sensors',
            )


def _unfalsifiable(clause: DutyClause) -> Iterator[Finding]:
    """A duty with so much discretion, or so little deadline, that no conduct is a breach."""
    why = ""
    if isinstance(clause, Assist) and clause.discretion not in ("none", UNKNOWN):
        if not isinstance(clause.within_s, float) and clause.within_s == UNKNOWN:
            why = f"{clause.discretion.replace('_', ' ')} decides whether and how, and there is no deadline"
    elif isinstance(clause, Consult | Warn) and clause.within_s == UNKNOWN:
        why = "there is no deadline after which silence is a breach"
    elif isinstance(clause, Notify) and UNKNOWN in (clause.within_s or UNKNOWN, clause.lead_s or UNKNOWN):
        if not isinstance(clause.within_s, float) and not isinstance(clause.lead_s, float):
            why = "there is no deadline after which silence is a breach"
    elif isinstance(clause, Cooperate) and clause.every_d in (None, UNKNOWN):
        why = "nothing says how often"
    if why:
        yield Finding(
            number="K10",
            severity="note" if isinstance(clause, Cooperate) else "warning",
            clauses=(clause.id,),
            witness=f"No conduct violates {clause.id}: {why}.",
            change="every_d = a number of days"
            if isinstance(clause, Cooperate)
            else f"within_s = a number, or a word with a value, in {clause.id}",
        )
