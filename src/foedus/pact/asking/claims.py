"""Claims about pacts in one closed grammar: what a case expects, and what a party believes it was promised.

    claim       = [ "it is undetermined whether" ] core [ when ] [ "." ] ;
    core        = who ( "is" | "is not" ) ( "warned" | "assisted" | "consulted" | "notified" )
                | who ( "warns" | "does not warn" ) who
                | who ( "assists" | "does not assist" ) who
                | who ( "consults" | "does not consult" ) who
                | who ( "notifies" | "does not notify" ) ( body | who )
                | who ( "regards" | "does not regard" ) "it as" regard
                | who ( "gives" | "does not give" ) who ( "nothing" | data [ "as" [ bound ] form ] ) ;
    bound       = "at least" | "at most" ;
    when        = "at any time" | "on an ordinary day" | ( "of" | "after" ) event ;
    event       = ( "any" | "a" | "an" ) [ class ] ( "attack" | "threat" | "imminent attack" | "launch" )
                  [ ( "on" | "to" | "against" ) target ] [ "in" [ "the" ] region ] [ "by" attackers ] ;
    target      = ( "its" | who "'s" ) object | "it" | who ;
    attackers   = attacker { ( "," | "or" ) attacker } ;
    attacker    = "anybody" | "any" | "a party" | "an outsider" | "nobody known" | [ "the" ] ( id | name ) ;
    who         = [ "the" ] ( id | name ) | "every member" | "every party" | "every observer" | "the hub"
                | "the guarantor" | "the ally" ;
    body        = "the Security Council" | "its legislature" | "the council" | "all parties" ;

A name is an id or the name of a party or state, "Qatar" or "QA", in any case of letters. Words of the pact
language (objects, classes, regions, forms, data, characterisations) stand as there, `_` or a blank between
the parts: "critical infrastructure". "its" means the one warned, assisted or given to; of the other verbs,
the doer.

`A gives B tracks as coarse` means exactly coarse; `does not` says that nothing is owed or given, and `it is
undetermined whether` that the text leaves it open. An attack on nobody named is one on the party warned or
assisted; with the other verbs, on any party. A claim without `when` is about any attack; about data, any
time.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final, NoReturn, get_args

import msgspec

from foedus.errors import InputError
from foedus.model import Form, TrackClass
from foedus.pact.asking.sentences import plain
from foedus.pact.clauses import Pact
from foedus.pact.force import selected
from foedus.pact.meaning.situation import UNATTRIBUTED
from foedus.pact.meaning.states import STATES
from foedus.pact.meaning.universe import OUTSIDER
from foedus.pact.words import OBJECT_ATOMS, OBJECTS, UNKNOWN, DataKind, RegardWord, Region, Truth

ITS: Final = "its"
"""As the victim of a `when`: the one whom the sentence means by it."""

PASSIVE: Final = {"warned": "warn", "assisted": "assist", "consulted": "consult", "notified": "notify"}
ACTIVE: Final = {
    "warns": "warn",
    "assists": "assist",
    "consults": "consult",
    "notifies": "notify",
    "regards": "regard",
    "gives": "give",
}
BODY_PHRASES: Final = {
    "the security council": "unsc",
    "the un security council": "unsc",
    "unsc": "unsc",
    "its legislature": "legislature",
    "its own legislature": "legislature",
    "the legislature": "legislature",
    "the council": "council",
    "council": "council",
    "legislature": "legislature",
    "all parties": "all_parties",
}
EVENT_PHRASES: Final = {
    "armed attack": "attack",
    "attack": "attack",
    "threat": "threat",
    "imminent attack": "imminent",
    "launch": "launch",
}
ATTACKER_PHRASES: Final = {
    "anybody": "any",
    "any": "any",
    "anyone": "any",
    "a party": "parties",
    "another party": "parties",
    "an outsider": "external",
    "nobody known": UNATTRIBUTED,
    "an unknown attacker": UNATTRIBUTED,
}
GROUP_PHRASES: Final = {
    "every member": "member",
    "every party": "any",
    "every observer": "observer",
    "every ally": "ally",
    "every guarantor": "guarantor",
    "the hub": "hub",
    "the guarantor": "guarantor",
    "the ally": "ally",
}


class When(msgspec.Struct, frozen=True, kw_only=True):
    """The situations that a claim is about. event `any`: at any time; `none`: an ordinary day."""

    event: str = "attack"
    victim: tuple[str, ...] = ()  # nobody named
    objects: tuple[str, ...] = OBJECT_ATOMS
    attackers: tuple[str, ...] = ("any",)
    track_class: TrackClass | None = None
    region: str | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim. doers or receivers empty: anybody. wanted: what the truth of the core has to be."""

    sentence: str
    verb: str  # warn, assist, consult, notify, regard or give
    doers: tuple[str, ...]
    receivers: tuple[str, ...]
    wanted: Truth
    body: str = ""
    regard: str = ""
    data: DataKind | None = None  # None: of any kind
    form: Form | None = None  # None: in whatever form
    bound: str = "exactly"  # or at least, at most
    nothing: bool = False
    when: When | None = None


def parse_claim(sentence: str, pacts: Sequence[Pact]) -> Claim:
    """The claim in a sentence about these pacts; InputError with the word at which it goes wrong."""
    return _Parser(sentence, pacts).claim()


class _Parser:
    """Recursive descent over words; every alternative that fails is told as what was expected there."""

    def __init__(self, sentence: str, pacts: Sequence[Pact]) -> None:
        self.sentence = sentence
        spaced = (
            sentence.strip()
            .removesuffix(".")
            .replace(",", " , ")
            .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        )
        self.words = spaced.replace("'s", " 's").split()
        self.at = 0
        self.pact = pacts[0]
        self.pacts = pacts
        self.names = _names(pacts)

    # ------------------------------------------------------------ the grammar, rule by rule

    def claim(self) -> Claim:
        doubt = self._take("it is undetermined whether")
        core = self._core()
        if doubt:
            if core.wanted == Truth.NO:
                self._fail("a claim without `not` after `it is undetermined whether`", at=4)
            core = msgspec.structs.replace(core, wanted=Truth.UNDETERMINED)
        if self.at < len(self.words):
            core = msgspec.structs.replace(core, when=self._when())
        if self.at < len(self.words):
            self._fail("the end of the sentence")
        return core

    def _core(self) -> Claim:
        first = self._who()
        if self._take("is not"):
            return self._passive(first, Truth.NO)
        if self._take("is"):
            return self._passive(first, Truth.YES)
        negated = self._take("does not") or self._take("do not")
        bare = {_bare(word): verb for word, verb in ACTIVE.items()}
        plural = ACTIVE | bare  # `every member warns` and `do not warn` read alike
        offered = tuple(bare) if negated else ("is", "is not", "does not", *ACTIVE)
        verb = self._choice(bare if negated else plural, offered)
        return self._active(first, verb, Truth.NO if negated else Truth.YES)

    def _blank(self, verb: str, doers: tuple[str, ...], wanted: Truth) -> Claim:
        return Claim(sentence=self.sentence, verb=verb, doers=doers, receivers=(), wanted=wanted)

    def _passive(self, receivers: tuple[str, ...], wanted: Truth) -> Claim:
        verb = self._choice(PASSIVE)
        return msgspec.structs.replace(self._blank(verb, (), wanted), receivers=receivers)

    def _active(self, doers: tuple[str, ...], verb: str, wanted: Truth) -> Claim:
        claim = self._blank(verb, doers, wanted)
        if verb == "regard":
            self._need("it as")
            words = _phrases(word for word in get_args(RegardWord) if word != UNKNOWN)
            return msgspec.structs.replace(claim, regard=self._choice(words))
        if verb == "notify":
            body = self._longest(BODY_PHRASES)
            if body is not None:
                return msgspec.structs.replace(claim, body=body)
            return msgspec.structs.replace(claim, receivers=self._who(extra=tuple(BODY_PHRASES)))
        claim = msgspec.structs.replace(claim, receivers=self._who())
        return self._gift(claim) if verb == "give" else claim

    def _gift(self, claim: Claim) -> Claim:
        if self._take("nothing"):
            return msgspec.structs.replace(claim, nothing=True)
        kinds = _phrases(kind.name.lower() for kind in DataKind)
        offered = ("nothing", *(plain(kind.name.lower()) for kind in DataKind))
        data = DataKind[self._choice(kinds, offered).upper()]
        form, bound = None, "exactly"
        if self._take("as"):
            bound = next((one for one in ("at least", "at most") if self._take(one)), "exactly")
            form = Form[self._choice(_phrases(one.name.lower() for one in Form)).upper()]
        return msgspec.structs.replace(claim, data=data, form=form, bound=bound)

    def _when(self) -> When:
        if self._take("at any time"):
            return When(event="any")
        if self._take("on an ordinary day"):
            return When(event="none")
        if not self._take("of") and not self._take("after"):
            self._fail(
                _one_of(("of", "after", "at any time", "on an ordinary day", "the end of the sentence"))
            )
        if not any(self._take(one) for one in ("any", "an", "a")):
            self._fail("any, a or an")
        classes = tuple(one.name.lower() for one in TrackClass)
        track_class = self._longest(_phrases(classes))
        event = self._choice(EVENT_PHRASES, (*EVENT_PHRASES, *(() if track_class else classes)))
        victim, objects = self._target()
        region = self._region() if self._take("in") else None
        return When(
            event=event,
            victim=victim,
            objects=objects,
            attackers=self._attackers() if self._take("by") else ("any",),
            track_class=TrackClass[track_class.upper()] if track_class else None,
            region=region,
        )

    def _region(self) -> str:
        self._take("the")
        return self._choice(_phrases(get_args(Region)))

    def _target(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(victim, object atoms)."""
        if not any(self._take(one) for one in ("on", "to", "against")):
            return (), OBJECT_ATOMS
        if self._here() != "IT" and self._take("it"):  # IT is Italy
            return (ITS,), OBJECT_ATOMS
        if self._take("its"):
            return (ITS,), self._object()
        victim = self._who(extra=("its", "it"))
        if self._take("'s"):
            return victim, self._object()
        return victim, OBJECT_ATOMS

    def _object(self) -> tuple[str, ...]:
        return OBJECTS[self._choice(_phrases(OBJECTS))]

    def _attackers(self) -> tuple[str, ...]:
        found = [self._attacker()]
        while self._take("or") or self._take(","):
            self._take("or")
            found.append(self._attacker())
        return tuple(found)

    def _attacker(self) -> str:
        phrase = self._longest(ATTACKER_PHRASES)
        if phrase is not None:
            return phrase
        self._take("the")
        named = self._longest(self.names)
        if named is None:
            self._fail(_one_of((*ATTACKER_PHRASES, *self._known())))
        return named

    def _who(self, *, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
        group = self._longest(GROUP_PHRASES)
        if group is not None:
            ids = tuple(dict.fromkeys(one for pact in self.pacts for one in selected(pact, group)))
            if not ids:
                self.at -= 2
                self._fail(f"a party: these texts have no {group}")
            return ids
        self._take("the")
        named = self._longest(self.names)
        if named is None:
            self._fail(_near(self._here(), self._known()) or _one_of((*extra, *self._known())))
        return (named,)

    def _known(self) -> tuple[str, ...]:
        """The parties' ids, and their names."""
        return tuple(
            dict.fromkeys(
                one for pact in self.pacts for party in pact.party for one in (party.id, party.name)
            )
        )

    # ------------------------------------------------------------ words

    def _here(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def _take(self, phrase: str) -> bool:
        """Whether these words come next; they are then behind us."""
        parts = phrase.split()
        if [one.casefold() for one in self.words[self.at : self.at + len(parts)]] != parts:
            return False
        self.at += len(parts)
        return True

    def _need(self, phrase: str) -> None:
        if not self._take(phrase):
            self._fail(f"`{phrase}`")

    def _longest(self, phrases: dict[str, str]) -> str | None:
        """What the longest of the phrases that come next stands for; None if none comes."""
        for length in range(min(8, len(self.words) - self.at), 0, -1):
            said = " ".join(self.words[self.at : self.at + length]).casefold()
            if said in phrases:
                self.at += length
                return phrases[said]
        return None

    def _choice(self, phrases: dict[str, str], offered: Sequence[str] = ()) -> str:
        """What the phrase that comes next stands for; an error that offers these, or the phrases, if none."""
        found = self._longest(phrases)
        if found is None:
            words = offered or [one for one in phrases if "_" not in one]
            self._fail(_near(self._here(), words) or _one_of(words))
        return found

    def _fail(self, expected: str, *, at: int | None = None) -> NoReturn:
        here = self.at if at is None else at
        found = repr(self.words[here]) if here < len(self.words) else "the end"
        raise InputError(where=f'"{self.sentence}": word {here + 1}', found=found, expected=expected)


def _bare(verb: str) -> str:
    return {"notifies": "notify"}.get(verb, verb.removesuffix("s"))


def _names(pacts: Sequence[Pact]) -> dict[str, str]:
    """Ids and names, in small letters, of all that a claim may speak of; the texts' own come first."""
    names = {code.casefold(): code for code in STATES} | {
        name.casefold(): code for code, name in STATES.items()
    }
    for pact in pacts:
        for state in pact.state:
            names[state.id.casefold()] = names[state.name.casefold()] = state.id
    for pact in pacts:
        for party in pact.party:
            names[party.id.casefold()] = names[party.name.casefold()] = party.id
    names[OUTSIDER.casefold()] = OUTSIDER
    return names


def _phrases(words: Iterable[str]) -> dict[str, str]:
    """Words of the pact language, with `_` or a blank between their parts."""
    found: dict[str, str] = {}
    for word in words:
        found[word.casefold()] = word
        found[word.replace("_", " ").casefold()] = word
    return found


def _one_of(words: Sequence[str]) -> str:
    return "one of " + ", ".join(dict.fromkeys(words))


def _near(word: str, words: Sequence[str]) -> str:
    """The allowed words with the nearest one named; empty where none is near."""
    near = difflib.get_close_matches(word.casefold(), [one.casefold() for one in words], n=1, cutoff=0.6)
    if not near:
        return ""
    meant = next(one for one in words if one.casefold() == near[0])
    return f"{_one_of(words)} (did you mean {meant}?)"
