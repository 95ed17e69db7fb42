"""What a person declares of a track at a member's console, from words to the node's input."""

from typing import Final

import msgspec

from foedus.document import suggest
from foedus.limits import SAYS_CHARACTERS_MAX
from foedus.model import Identity
from foedus.watch.identity import DECLARABLE, NOTHING, fault_of
from foedus.wire import Declared

DECLARATION_EXPECTED: Final = 'expected {"person": "...", "identity": "...", "class": "..."}'

IDENTITIES: Final = tuple(one.name.lower() for one in Identity)
CLASSES: Final = tuple(one.name.lower() for one in DECLARABLE)


class Declare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declaration as a person makes it; what is left out is not said. `pending` alone takes all back."""

    identity: str = ""
    track_class: str = msgspec.field(name="class", default="")
    says: str = ""
    person: str = ""


def declared_of(asked: Declare, number: int, person: str) -> Declared | str:
    """The input for the node, number being that of the picture; or what is wrong with the words."""
    if asked.identity and asked.identity not in IDENTITIES:
        return f"identity {asked.identity!r}: expected {suggest(asked.identity, IDENTITIES)}"
    if asked.track_class and asked.track_class not in CLASSES:
        return f"class {asked.track_class!r}: expected {suggest(asked.track_class, CLASSES)}"
    if not asked.says.isprintable():
        return f"says: expected up to {SAYS_CHARACTERS_MAX} printable characters"
    item = Declared(
        track=number,
        identity=IDENTITIES.index(asked.identity) if asked.identity else NOTHING,
        track_class=int(DECLARABLE[CLASSES.index(asked.track_class)]) if asked.track_class else NOTHING,
        person=person,
        says=asked.says,
    )
    return fault_of(item) or item
