"""K15: a promise to make no conflicting promises, against what another pact asks of the same party."""

from collections.abc import Iterator, Sequence

from foedus.pact.checks.finding import Finding, few
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.clauses import Assist, Forbear
from foedus.pact.meaning.situation import describe
from foedus.pact.meaning.universe import OUTSIDER
from foedus.pact.words import Truth

CONFLICTING = "conflicting_commitments"


def conflicts(inquiries: Sequence[Inquiry]) -> Iterator[Finding]:
    """K15: duties of one pact to respond to an attack by a party of another that forbids such promises.

    Clause ids are `pact:ID` already.
    """
    for first in inquiries:
        for forbear in first.clauses(Forbear):
            assert isinstance(forbear, Forbear)
            if CONFLICTING not in forbear.acts:
                continue
            for second in inquiries:
                for assist in second.clauses(Assist) if second is not first else ():
                    assert isinstance(assist, Assist)
                    yield from _conflict(first, forbear, second, assist)


def _conflict(first: Inquiry, forbear: Forbear, second: Inquiry, assist: Assist) -> Iterator[Finding]:
    bound = [one for one in first.named(forbear.by) if one in second.named(assist.by)]
    named = [party.id for party in second.pact.party] + [state.id for state in second.pact.state]
    against: dict[str, list[str]] = {}
    example = ""
    for kind in second.kinds if bound else ():
        attacker, victim = kind.situation.attacker, kind.situation.victim
        friends = [one for one in first.roster if one not in named] if attacker == OUTSIDER else []
        friends += [attacker] if attacker in first.roster else []
        for one in bound:
            others = [friend for friend in friends if friend not in (one, victim)]
            if one == victim or not others or second.owed(assist, one, victim, kind) != Truth.YES:
                continue
            example = example or describe(kind.situation).replace(OUTSIDER, others[0])
            names = against.setdefault(one, [])
            names += [friend for friend in others if friend not in names]
    if against:
        one, two = f"{first.pact.pact}:{forbear.id}", f"{second.pact.pact}:{assist.id}"
        who = [f"{name} against {few(names)}" for name, names in against.items()]
        yield Finding(
            number="K15",
            severity="warning",
            clauses=(one, two, f"{second.pact.pact}:{assist.casus}"),
            witness=f"{one} forbids conflicting promises, and at {example} {two} would bind "
            f"{'; '.join(who)}.",
            change=f"leave the parties of {first.pact.pact} out of {second.pact.pact}:{assist.casus}.by, or "
            f"say there that {one} prevails",
        )
