"""Whether a text promises what somebody believes that it promises (check K13).

The claim is asked of every situation that it is about, over the universe of all that the text can tell apart:

    entailed      it holds in all of them
    contradicted  the text says the opposite in one: a clause that withholds, keeps secret or bars it
    undetermined  it holds or is in doubt in all of them, and an unknown term or attacker decides
    silent        in some of them nothing obliges anybody, and nothing forbids it either

For a claim with `not`, the opposite is that it is owed or given after all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from foedus.pact.asking.amend import Amendment, amendments, clause_for
from foedus.pact.asking.claim_cells import cells_of
from foedus.pact.asking.claim_truth import Heard, Hearing
from foedus.pact.asking.claims import Claim, parse_claim
from foedus.pact.asking.opinion import spell, told
from foedus.pact.asking.opposed import opposed_by
from foedus.pact.clauses import Pact
from foedus.pact.force import Fact, once_in_force, spoken_date
from foedus.pact.meaning.evaluate import depends_on
from foedus.pact.meaning.situation import Situation, describe
from foedus.pact.meaning.situation_words import words_of
from foedus.pact.meaning.universe import Cell
from foedus.pact.words import Truth

GAPS_TOLD_MAX: Final = 12
"""Kinds of gap that are told; the count is of all."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Situations in which the claim does not hold, all on the same grounds."""

    grounds: tuple[str, ...]
    depends_on: tuple[str, ...]
    situations: int
    attackers: tuple[str, ...]
    witness: str  # one of them, in a phrase
    words: str  # the same, for `foedus pact explain --situation`


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one claim."""

    pact: str
    version: str
    at: str
    claim: str
    verdict: str
    situations: int
    held: int
    undetermined: int
    opposed: int
    gaps: tuple[Gap, ...]  # nothing obliges anybody
    doubts: tuple[Gap, ...]
    opposition: tuple[Gap, ...]
    clauses: tuple[str, ...]  # by which it holds, where it does
    in_force: str
    in_force_grounds: tuple[str, ...]
    depends_on: tuple[str, ...]  # terms that are unknown, and on which it rests
    once_in_force: str  # the verdict if nothing but entry into force were missing; empty: it is in force
    changes: tuple[tuple[str, ...], ...]  # smallest changes of clauses that are there
    clause: str  # TOML of the smallest clause that would make it entailed


class Survey(NamedTuple):
    """The cells of a claim by what was found in them."""

    held: tuple[tuple[Cell, Heard], ...]
    silent: tuple[tuple[Cell, Heard], ...]
    doubtful: tuple[tuple[Cell, Heard], ...]
    opposed: tuple[tuple[Cell, Heard], ...]

    @property
    def verdict(self) -> str:
        """entailed, contradicted, undetermined or silent."""
        if self.opposed:
            return "contradicted"
        if self.silent or not (self.held or self.doubtful):
            return "silent"
        return "undetermined" if self.doubtful else "entailed"


def expect(pact: Pact, sentence: str, *, at: datetime, facts: tuple[Fact, ...] = ()) -> Expectation:
    """The answer of the text to the claim; InputError where the sentence is none.

    Where the pact is not in force, the gaps and what would mend them are those of the text once in force.
    """
    claim = parse_claim(sentence, [pact])
    force = Hearing([pact]).evaluators[0].in_force(Situation(at=at, facts=facts))
    now = survey(pact, claim, at=at, facts=facts)
    asked = pact if force.truth == Truth.YES else once_in_force(pact)
    found = now if asked is pact else survey(asked, claim, at=at, facts=facts)
    changes: tuple[Amendment, ...] = ()
    clause = ""
    if claim.wanted == Truth.YES and found.verdict in ("silent", "undetermined"):
        missed = [cell for cell, _ in (*found.silent, *found.doubtful)]
        cells = [*missed, *(cell for cell, _ in found.held)]  # those that fail first, so that most fail fast

        def mends(changed: Pact) -> bool:
            hearing = Hearing([changed])
            return all(_held(hearing, claim, cell.situation) for cell in cells) and (
                survey(changed, claim, at=at, facts=facts).verdict == "entailed"
            )

        grounds = [ground for _, heard in (*found.silent, *found.doubtful) for ground in heard.grounds]
        terms = tuple(dict.fromkeys(term for _, term, _ in grounds))
        changes = amendments(asked, claim, terms, missed, mends)
        clause = clause_for(asked, claim, missed, mends)
    doubts = [ground for _, heard in found.doubtful for ground in heard.grounds]
    return Expectation(
        pact=pact.pact,
        version=pact.version,
        at=spoken_date(at),
        claim=sentence,
        verdict=now.verdict,
        situations=_weight((*found.held, *found.silent, *found.doubtful, *found.opposed)),
        held=_weight(found.held),
        undetermined=_weight(found.doubtful),
        opposed=_weight(found.opposed),
        gaps=_gaps(found.silent),
        doubts=_gaps(found.doubtful),
        opposition=_gaps(found.opposed),
        clauses=tuple(dict.fromkeys(one for _, heard in found.held for one in heard.clauses)),
        in_force=spell(force.truth),
        in_force_grounds=told(force.grounds),
        depends_on=depends_on([*force.grounds, *doubts]),
        once_in_force="" if asked is pact else found.verdict,
        changes=tuple(tuple(edit.says for edit in one) for one in changes),
        clause=clause,
    )


def survey(pact: Pact, claim: Claim, *, at: datetime, facts: tuple[Fact, ...] = ()) -> Survey:
    """What the text says to the claim in every situation that it is about."""
    hearing = Hearing([pact])
    sorted_in: dict[str, list[tuple[Cell, Heard]]] = {"held": [], "silent": [], "doubtful": [], "opposed": []}
    for cell in cells_of(claim, pact, at=at, facts=facts):
        heard = hearing.core(claim, cell.situation)
        sorted_in[_place(hearing, claim, cell.situation, heard)].append((cell, heard))
    return Survey(**{name: tuple(found) for name, found in sorted_in.items()})


def _place(hearing: Hearing, claim: Claim, situation: Situation, heard: Heard) -> str:
    if heard.truth == claim.wanted:
        return "held"
    if claim.wanted != Truth.YES:
        return "doubtful" if heard.truth == Truth.UNDETERMINED else "opposed"
    if heard.truth == Truth.UNDETERMINED:
        return "doubtful"
    return "opposed" if opposed_by(hearing.evaluators[0], claim, situation, heard) else "silent"


def _held(hearing: Hearing, claim: Claim, situation: Situation) -> bool:
    return hearing.core(claim, situation).truth == claim.wanted


def _weight(found: Iterable[tuple[Cell, Heard]]) -> int:
    return sum(cell.weight for cell, _ in found)


def _gaps(found: Sequence[tuple[Cell, Heard]]) -> tuple[Gap, ...]:
    """Those with the same grounds together, in order."""
    groups: dict[tuple[str, ...], list[tuple[Cell, Heard]]] = {}
    for cell, heard in found:
        by = tuple(f"by {clause}" for clause in heard.clauses)
        said = cell.situation.attacker + " is"  # so that attackers who are all not meant stand together
        alike = tuple(one.replace(said, "the attacker is") for one in told(heard.grounds) or by)
        groups.setdefault(alike, []).append((cell, heard))
    gaps = [
        Gap(
            grounds=grounds,
            depends_on=depends_on(together[0][1].grounds),
            situations=_weight(together),
            attackers=tuple(dict.fromkeys(cell.situation.attacker for cell, _ in together)),
            witness=_phrase(together[0][0].situation),
            words=words_of(together[0][0].situation),
        )
        for grounds, together in groups.items()
    ]
    return tuple(gaps[:GAPS_TOLD_MAX])


def _phrase(situation: Situation) -> str:
    marks = [situation.track_class.name.lower()]
    marks += [f"inside {zone}" for zone in situation.zones]
    if situation.provoked != "no":
        marks.append("provoked")
    if situation.host == situation.victim:  # goes without saying
        situation = msgspec.structs.replace(situation, host=None)
    return f"{describe(situation)} ({', '.join(marks)})"
