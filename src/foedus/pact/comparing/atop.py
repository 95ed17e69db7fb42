"""Pacts coded in the style of ATOP, for comparison with the alliances of the past.

ATOP is the Alliance Treaty Obligations and Provisions data set (B. A. Leeds, J. M. Ritter, S. M. Mitchell and
A. G. Long, International Interactions 28, 2002, 237-260).

The names are those of the published files, as public replication code reads them; the codebook itself was not
at hand, so each rule below is ours, stated here, and no coding by the project. 1 and 0 are yes and no. Empty:
it rests on a term that is unknown, and `unknown` names the term. ATOP counts formal agreements among states
only; a designation or an order of one state is coded all the same, and `form` says what it is. At the level
of the pact a variable is 1 if it is for some member.

| variable | coded from |
| --- | --- |
| begyr begmo begday | date of the pact |
| member yrent ineffect | party; year of entry (`since` or the term's `in_force`); in force for it that day |
| defense | owes an assist duty of a standard above `decide_jointly` |
| offense, neutral | always 0: the vocabulary has no such promise |
| nonagg | forbears from aggression |
| consul | owes a consult duty |
| defcoadv | the casus of each such assist duty names attackers, other than `any` and `external` |
| defcoloc | it names places |
| defcocon | it is limited to attacks from the air or by certain classes |
| defconum, defcodem | always 0: neither the number of attackers nor demands have a word here |
| defconpr | it excludes attacks that the victim provoked, or a reservation of the member does |
| concoadv, concoloc | the same of the casus of its consult duties; without a casus 0 |
| defcon, conditio | some condition on defence; on defence or consultation |
| asymm | members differ in defense, nonagg or consul |
| specthrt | some casus names attackers |
| noothall | forbears from conflicting commitments |
| base | grants or has access (`cooperate`, access) |
| intcom | a common command cell (`cooperate`, command_cell) |
| pubsecr, secrart | the existence, or only parts, are kept secret; empty if the text is not published |
| length | `duration_y`, years; empty without one |
| renounce | 1 free to leave at once, 3 after notice or on conditions; 2 (not allowed) has no word here |
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from foedus.pact.clauses import (
    Assist,
    Casus,
    Consult,
    Cooperate,
    Forbear,
    Pact,
    Record,
    Reservation,
)
from foedus.pact.force import in_force, on_roster, selected, time_ns_of
from foedus.pact.words import ATTACKER_WORDS, UNKNOWN, Truth

COLUMNS: Final = (
    "pact", "version", "form", "member", "begyr", "begmo", "begday", "yrent", "ineffect", "defense",
    "offense", "neutral", "nonagg", "consul", "conditio", "defcon", "defcoadv", "defcoloc", "defcocon",
    "defconum", "defcodem", "defconpr", "concoadv", "concoloc", "asymm", "specthrt", "noothall", "base",
    "intcom", "pubsecr", "secrart", "length", "renounce", "unknown",
)  # fmt: skip

BY_MEMBER: Final = (
    "ineffect", "defense", "offense", "neutral", "nonagg", "consul", "conditio", "defcon", "defcoadv",
    "defcoloc", "defcocon", "defconum", "defcodem", "defconpr", "concoadv", "concoloc", "specthrt",
    "noothall", "base", "intcom",
)  # fmt: skip
"""What is coded for each member; the pact has a 1 where some member has."""


class Code(NamedTuple):
    """One coded value, 0, 1 or more; None: it rests on the terms in `unknown`."""

    value: int | None
    unknown: tuple[str, ...] = ()


NO: Final = Code(0)
YES: Final = Code(1)


class Coded(NamedTuple):
    """One row, a pact or one member of it: a text for each of COLUMNS; empty if unknown or not coded here."""

    values: tuple[str, ...]

    def value(self, name: str) -> str:
        """What one variable is coded."""
        return self.values[COLUMNS.index(name)]


def atop(pact: Pact, *, at: datetime) -> tuple[Coded, ...]:
    """The row of the pact and those of its members, in the order of the text."""
    members = [(party.id, _member(pact, party.id, at)) for party in pact.party]
    whole = {name: any_of(codes[name] for _, codes in members) for name in BY_MEMBER}
    whole |= _of_pact(pact, [codes for _, codes in members])
    rows = [_row(pact, "", whole), *(_row(pact, member, codes) for member, codes in members)]
    return tuple(rows)


def any_of(codes: Iterator[Code]) -> Code:
    """1 if one is, else unknown if one is, else 0."""
    seen = list(codes)
    if any(code.value for code in seen):
        return YES
    unknown = tuple(dict.fromkeys(term for code in seen for term in code.unknown))
    return Code(None, unknown) if unknown else NO


def all_of(codes: Iterator[Code]) -> Code:
    """1 if there are some and all are, 0 if one is not, else unknown."""
    seen = list(codes)
    if not seen or any(code.value == 0 for code in seen):
        return NO
    unknown = tuple(dict.fromkeys(term for code in seen for term in code.unknown))
    return Code(None, unknown) if unknown else YES


def _row(pact: Pact, member: str, codes: dict[str, Code]) -> Coded:
    party = next((one for one in pact.party if one.id == member), None)
    entry = (party.since if party else None) or pact.term.in_force
    texts = {
        "pact": pact.pact,
        "version": pact.version,
        "form": pact.basis.form,
        "member": member,
        "begyr": str(pact.date.year),
        "begmo": str(pact.date.month),
        "begday": str(pact.date.day),
        "yrent": str(entry.year) if party and entry else "",
        "unknown": " ".join(dict.fromkeys(term for code in codes.values() for term in code.unknown)),
    }
    texts |= {name: "" if code.value is None else str(code.value) for name, code in codes.items()}
    return Coded(tuple(texts.get(name, "") for name in COLUMNS))


# ---------------------------------------------------------------- one member


def _member(pact: Pact, member: str, at: datetime) -> dict[str, Code]:
    assists = [one for one in pact.clause if isinstance(one, Assist) and member in selected(pact, one.by)]
    defends = [one for one in assists if one.standard != "decide_jointly"]
    consults = [one for one in pact.clause if isinstance(one, Consult) and member in selected(pact, one.by)]
    casus = [_casus(pact, one.casus) for one in defends]
    talks = [_casus(pact, one.casus) if one.casus else None for one in consults]
    codes = {
        "ineffect": _in_effect(pact, member, at),
        "defense": any_of(_if_known(one.standard, f"{one.id}.standard") for one in defends),
        "offense": NO,
        "neutral": NO,
        "nonagg": _forbears(pact, member, "aggression"),
        "consul": YES if consults else NO,
        "defcoadv": all_of(_names_attackers(one) for one in casus),
        "defcoloc": all_of(_names_places(one) for one in casus),
        "defcocon": all_of(_of_some_kind(one) for one in casus),
        "defconum": NO,
        "defcodem": NO,
        "defconpr": all_of(_unprovoked(pact, member, one) for one in defends),
        "concoadv": all_of(NO if one is None else _names_attackers(one) for one in talks),
        "concoloc": all_of(NO if one is None else _names_places(one) for one in talks),
        "noothall": _forbears(pact, member, "conflicting_commitments"),
        "base": _cooperates(pact, member, "access"),
        "intcom": _cooperates(pact, member, "command_cell"),
    }
    codes["defcon"] = any_of(codes[name] for name in ("defcoadv", "defcoloc", "defcocon", "defconpr"))
    codes["conditio"] = any_of(codes[name] for name in ("defcon", "concoadv", "concoloc"))
    codes["specthrt"] = any_of(codes[name] for name in ("defcoadv", "concoadv"))
    return codes


def _casus(pact: Pact, name: str) -> Casus:
    return next(one for one in pact.clause if isinstance(one, Casus) and one.id == name)


def _if_known(word: str, term: str) -> Code:
    return Code(None, (term,)) if word == UNKNOWN else YES


def _judged(words: Sequence[str], term: str, conditional: Callable[[Sequence[str]], bool]) -> Code:
    """1 or 0 by the words; unknown where one of them is."""
    if UNKNOWN in words:
        return Code(None, (term,))
    return YES if conditional(words) else NO


def _names_attackers(casus: Casus) -> Code:
    named = [word for word in ATTACKER_WORDS if word in ("any", "external", "parties")]
    return _judged(casus.by, f"{casus.id}.by", lambda words: not any(word in named for word in words))


def _names_places(casus: Casus) -> Code:
    return _judged(casus.loci, f"{casus.id}.loci", lambda words: "anywhere" not in words)


def _of_some_kind(casus: Casus) -> Code:
    if casus.classes:
        return YES
    return _judged(
        casus.event, f"{casus.id}.event", lambda words: all(word == "air_attack" for word in words)
    )


def _unprovoked(pact: Pact, member: str, clause: Assist) -> Code:
    reserved = any(
        isinstance(one, Reservation)
        and one.by == member
        and one.effect == "exclude"
        and clause.id in one.on
        and one.where.provoked == "yes"
        for one in pact.clause
    )
    return YES if reserved or "self_provoked" in _casus(pact, clause.casus).exclude else NO


def _forbears(pact: Pact, member: str, act: str) -> Code:
    clauses = [one for one in pact.clause if isinstance(one, Forbear) and member in selected(pact, one.by)]
    if any(act in one.acts for one in clauses):
        return YES
    unknown = tuple(f"{one.id}.acts" for one in clauses if UNKNOWN in one.acts)
    return Code(None, unknown) if unknown else NO


def _cooperates(pact: Pact, member: str, kind: str) -> Code:
    found = any(
        isinstance(one, Cooperate) and one.type == kind and member in selected(pact, one.who)
        for one in pact.clause
    )
    return YES if found else NO


def _in_effect(pact: Pact, member: str, at: datetime) -> Code:
    judged = (in_force(pact, time_ns=time_ns_of(at)), on_roster(pact, member, time_ns=time_ns_of(at)))
    truth = min(one.truth for one in judged)
    if truth == Truth.UNDETERMINED:
        return Code(None, tuple(ground.term for one in judged for ground in one.grounds))
    return YES if truth == Truth.YES else NO


# ---------------------------------------------------------------- the pact as a whole


def _of_pact(pact: Pact, members: Sequence[dict[str, Code]]) -> dict[str, Code]:
    return {
        "asymm": _differ(members),
        "pubsecr": _secret(pact, ("existence",)),
        "secrart": _secret(pact, ("membership", "text", "meetings", "sensors")),
        "length": _length(pact),
        "renounce": _renounce(pact),
    }


def _differ(members: Sequence[dict[str, Code]]) -> Code:
    """Whether members promise different things."""
    sides = [tuple(codes[name] for name in ("defense", "nonagg", "consul")) for codes in members]
    known = [tuple(code.value for code in side) for side in sides]
    if any(
        one is not None and other is not None and one != other
        for values in known
        for one, other in zip(values, known[0], strict=True)
    ):
        return YES
    unknown = tuple(dict.fromkeys(term for side in sides for code in side for term in code.unknown))
    return NO if len(dict.fromkeys(sides)) == 1 or not unknown else Code(None, unknown)


def _secret(pact: Pact, words: Sequence[str]) -> Code:
    kept = [word for one in pact.clause if isinstance(one, Record) for word in one.secrecy]
    if any(word in kept for word in words):
        return YES
    return NO if kept or pact.basis.evidence == "text" else Code(None, ("basis.evidence",))


def _length(pact: Pact) -> Code:
    years = pact.term.duration_y
    if isinstance(years, str):
        return Code(None, (f"{pact.term.id}.duration_y",))
    return Code(None if years is None else round(years))


def _renounce(pact: Pact) -> Code:
    leave = pact.term.exit
    if leave is None or isinstance(leave.notice_d, str):
        return Code(None, (f"{pact.term.id}.exit",))
    return Code(3 if leave.notice_d > 0 or leave.needs else 1)
