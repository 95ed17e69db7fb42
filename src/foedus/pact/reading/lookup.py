"""What the words of a pact may refer to, and the complaint when they refer to nothing."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, NoReturn, get_args

from foedus.document import Place, name_found, name_id, suggest
from foedus.pact.clauses import ATTACKED, ROLE_WORDS, Clause, Pact, Party, Selector
from foedus.pact.tables.rules import party_bits
from foedus.pact.variants import exclude_each_other
from foedus.pact.words import ATTACKER_WORDS, BODIES, UNKNOWN, Region

Fail = Callable[[Place, str, str], NoReturn]

PLACE_WORDS: Final = (*get_args(Region), "anywhere", UNKNOWN)
DECIDERS: Final = ("each", "council", UNKNOWN)
RESERVED: Final = (*ROLE_WORDS, ATTACKED, *ATTACKER_WORDS, *BODIES, *PLACE_WORDS, *DECIDERS)
"""Words of selectors; none may be the id of a party or state."""

DAY_S: Final = 86_400
SPAN_MAX: Final = {"s": 366 * DAY_S, "d": 36_525, "y": 200}
"""The longest duration that is read, by the unit at the end of the field's name."""
_UNITS: Final = {"s": "seconds", "d": "days", "y": "years"}
_KEY: Final = re.compile(r"\[([A-Za-z][A-Za-z0-9_-]{0,23})\]")


class Lookup:
    """The ids of one pact, and checks of small parts of it; `fail` raises the error for a place."""

    def __init__(self, pact: Pact, fail: Fail) -> None:
        self.pact = pact
        self.fail = fail
        self.party_ids = [party.id for party in pact.party]
        self.state_ids = [state.id for state in pact.state]
        self.zone_ids = [zone.id for zone in pact.zone]
        self.milestone_ids = [milestone.id for milestone in pact.milestone]
        self.actors = dict.fromkeys([*self.party_ids, *self.state_ids], True)
        self.bits = {word: party_bits(pact, word) for word in (*self.party_ids, *ROLE_WORDS)}
        self.clauses: dict[str, list[int]] = {}
        for i, clause in enumerate(pact.clause):
            self.clauses.setdefault(clause.id, []).append(i)
        self._source_keys = dict.fromkeys((source.key for source in pact.source), True)

    def party(self, id_: str) -> Party:
        """The party of that id, which is known."""
        return self.pact.party[self.party_ids.index(id_)]

    # ------------------------------------------------------------ words

    def known(self, place: Place, word: str, known: Iterable[str], what: str = "") -> None:
        """Nothing; an error unless the word is one of the known ones."""
        if word not in known:
            self.fail(place, name_id(word), what + suggest(word, known))

    def once(self, place: Place, words: Iterable[str]) -> None:
        """Nothing; an error for the first word that has come before."""
        seen: dict[str, bool] = {}
        for j, word in enumerate(words):
            if word in seen:
                self.fail((*place, j), f"{word} again", "each at most once")
            seen[word] = True

    def unique(self, table: str, ids: Sequence[str], key: str = "id") -> None:
        """Nothing; an error for the first id of a table that an earlier row has."""
        first: dict[str, int] = {}
        for i, id_ in enumerate(ids):
            if id_ in first:
                found = f"{id_}, which {table} {first[id_] + 1} has already"
                self.fail((table, i, key), found, "an id of its own")
            first[id_] = i

    def list_of(self, place: Place, words: Sequence[str], known: Iterable[str], what: str = "") -> None:
        """Nothing; an error unless every word is known and stands once."""
        for j, word in enumerate(words):
            self.known((*place, j), word, known, what)
            if j > len(RESERVED) + len(self.actors):
                break  # more words than there are: one of them stands twice
        self.once(place, words)

    def citation(self, place: Place, cite: str) -> None:
        """Nothing; an error for a `[KEY]` that is no source, in a file that lists its sources."""
        for key in _KEY.findall(cite) if self._source_keys else ():
            self.known(place, key, self._source_keys, "the key of a [[source]]: ")

    # ------------------------------------------------------------ who, where, when

    def selector(self, place: Place, selector: Selector, extra: Sequence[str] = ()) -> int:
        """The parties of a selector as bits; an error for a word unknown, twice, or of no party.

        extra: words that may stand besides.
        """
        words = (selector,) if isinstance(selector, str) else selector
        if not words:
            self.fail(place, "nobody", "at least one party or role")
        bits = 0
        seen: dict[str, bool] = {}
        for j, word in enumerate(words):
            here = place if isinstance(selector, str) else (*place, j)
            self.known(here, word, (*self.bits, *extra))
            if word in seen:
                self.fail((*place, j), f"{word} again", "each at most once")
            seen[word] = True
            if word not in extra and not self.bits[word]:
                self.fail(here, name_found(word), "a role that some party has")
            bits |= self.bits.get(word, 0)
        return bits

    def creditor(self, place: Place, selector: Selector, casus: str | None, extra: Sequence[str] = ()) -> int:
        """As `selector`, where `attacked` may stand if the clause names a casus; it means any party."""
        bits = self.selector(place, selector, (ATTACKED, *extra))
        if ATTACKED not in ((selector,) if isinstance(selector, str) else selector):
            return bits
        if casus is None:
            self.fail(place, name_found(ATTACKED), "a party, or a casus that finds somebody attacked")
        return self.bits["any"]

    def attackers(self, place: Place, words: Sequence[str]) -> None:
        """Nothing; an error unless all are parties, states, roles or words for attackers."""
        self.list_of(place, words, dict.fromkeys([*self.actors, *ROLE_WORDS, *ATTACKER_WORDS], True))

    def loci(self, place: Place, words: Sequence[str]) -> None:
        """Nothing; an error unless all are regions, parties or states."""
        self.list_of(place, words, dict.fromkeys([*self.actors, *PLACE_WORDS], True))

    def pair(self, place: Place, pair: tuple[str, str]) -> tuple[str, str]:
        """The pair, sorted; an error unless it is of two different parties."""
        for k in (0, 1):
            self.known((*place, k), pair[k], self.party_ids)
        if pair[0] == pair[1]:
            self.fail(place, f"{pair[0]} twice", "two different parties")
        return min(pair), max(pair)

    def period(self, place: Place, since: datetime | None, until: datetime | None) -> None:
        """Nothing; an error unless it begins before it ends."""
        if since is not None and until is not None and since >= until:
            self.fail((*place, "until"), until.isoformat(), "an end after since")

    def span(self, place: Place, value: float | str | None, *, zero: bool = False) -> None:
        """Nothing; an error unless it is a duration in the unit of its field, a word for one, or unknown."""
        unit = str(place[-1]).rpartition("_")[2]
        words = [*self.pact.words, UNKNOWN] if unit == "s" else [UNKNOWN]
        least = "at least 0" if zero else "above 0"
        number = f"{_UNITS[unit]}, {least} and at most {SPAN_MAX[unit]}"
        if isinstance(value, str):
            if value not in words:
                expected = f"{number}, or {suggest(value, words)}"
                if unit == "s":
                    expected += "; a vague word has its seconds in [words]"
                self.fail(place, name_id(value), expected)
        elif value is not None and not (0 <= value <= SPAN_MAX[unit] and (zero or value > 0)):
            self.fail(place, f"{value:.15g}", number)

    # ------------------------------------------------------------ clauses

    def reference(
        self, place: Place, name: str, clause: Clause, kinds: tuple[type, ...], what: str
    ) -> list[int]:
        """Where the clauses of that id and of these kinds stand that can stand together with this one."""
        found = [i for i in self.clauses.get(name, ()) if not kinds or isinstance(self.pact.clause[i], kinds)]
        if not found:
            known = dict.fromkeys(one.id for one in self.pact.clause if not kinds or isinstance(one, kinds))
            self.fail(place, name_id(name), f"the id of {what}: {suggest(name, known)}")
        together = [i for i in found if not exclude_each_other(self.pact.clause[i], clause)]
        if not together:
            self.fail(place, f"{name}, which stands in no variant with {clause.id}", f"the id of {what}")
        return together
