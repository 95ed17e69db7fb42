"""K15: a promise to make no conflicting promises, against what another pact asks of the same party."""

from collections.abc import Iterator

from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.clauses import Assist, Forbear, Pact
from foedus.pact.evaluate import terms_of
from foedus.pact.force import selected
from foedus.pact.situation import describe
from foedus.pact.words import Truth

CONFLICTING = "conflicting_engagements"


def conflicts(
    inquiry: Inquiry, origin: dict[str, tuple[str, str]], pacts: tuple[Pact, ...]
) -> Iterator[Finding]:
    """K15, on the composition: duties of one pact to respond to an attack by a party of another that forbids it."""
    for forbear in inquiry.clauses(Forbear):
        assert isinstance(forbear, Forbear)
        if CONFLICTING not in forbear.acts:
            continue
        first = next(pact for pact in pacts if pact.pact == origin[forbear.id][0])
        friends = [one for one in selected(first, "any") if one in inquiry.roster]
        for assist in inquiry.clauses(Assist):
            assert isinstance(assist, Assist)
            if origin[assist.id][0] != first.pact:
                yield from _conflict(inquiry, origin, forbear, assist, friends)


def _conflict(
    inquiry: Inquiry, origin: dict[str, tuple[str, str]], forbear: Forbear, assist: Assist, friends: list[str]
) -> Iterator[Finding]:
    bound = [one for one in inquiry.named(forbear.by) if one in inquiry.named(terms_of(assist).by)]
    against: dict[str, list[str]] = {}
    example = ""
    for kind in inquiry.kinds:
        attacker, victim = kind.situation.attacker, kind.situation.victim
        if attacker not in friends:
            continue
        for one in bound:
            if one in (attacker, victim) or inquiry.owed(assist, one, victim, kind) != Truth.YES:
                continue
            example = example or describe(kind.situation)
            against.setdefault(one, []).append(attacker)
    if against:
        first, second = (":".join(origin[clause.id]) for clause in (forbear, assist))
        who = [f"{one} against {listed(list(dict.fromkeys(names)))}" for one, names in against.items()]
        yield Finding(
            number="K15",
            severity="warning",
            clauses=(forbear.id, assist.id, assist.casus),
            witness=f"{first} forbids conflicting promises, and at {example} {second} would bind "
            f"{'; '.join(who)}.",
            change=f"leave the parties of {origin[forbear.id][0]} out of the casus of {second}, or say there that "
            f"{first} prevails",
        )
