"""Who may act at one member's consoles: a people file of that member for one mode, with scrypt verifiers.

The file is the member's own and goes to nobody else: it names people, and a verifier can be guessed at. It is
of one mode: who may sign in during an exercise may not by that act live. No secret stands in it.
"""

import hashlib
import hmac
import unicodedata
from typing import Annotated, Final, Literal

import msgspec

from foedus.document import error_at, parse_document
from foedus.errors import InputError
from foedus.limits import PEOPLE_MAX, SECRET_CHARACTERS_MAX
from foedus.network import Mode, Name, Network

SCRYPT_N: Final = 1 << 15
SCRYPT_R: Final = 8
SCRYPT_P: Final = 3
"""32 MiB and a quarter of a second per try: one of the parameter sets of the OWASP Password Storage Cheat
Sheet (scrypt, N = 2^15, r = 8, p = 3), chosen for its memory: a node shares its machine with a tracker."""

SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
SECRET_CHARACTERS_MIN: Final = 12
"""NIST SP 800-63B asks for 8 at least; these guard warnings, and nobody else slows a guesser down."""

PersonId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,47}$")]


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person, and what tells whether a secret is theirs."""

    id: PersonId
    role: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    n: Annotated[int, msgspec.Meta(ge=2, le=1 << 20)]
    r: Annotated[int, msgspec.Meta(ge=1, le=32)]
    p: Annotated[int, msgspec.Meta(ge=1, le=16)]
    salt: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
    verifier: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody who may sign in at one member's consoles in one mode."""

    foedus_people: Literal[1]
    network: Name
    mode: Mode
    member: Name
    person: Annotated[tuple[Person, ...], msgspec.Meta(max_length=PEOPLE_MAX)] = ()


def make_person(
    name: str,
    role: str,
    secret: str,
    salt: bytes,
    *,
    n: int = SCRYPT_N,
    r: int = SCRYPT_R,
    p: int = SCRYPT_P,
) -> Person:
    """The entry of a person with this secret; InputError for a secret that is too short or too long.

    salt: SALT_BYTES random bytes.
    """
    assert len(salt) == SALT_BYTES
    if not SECRET_CHARACTERS_MIN <= len(secret) <= SECRET_CHARACTERS_MAX:
        expected = f"{SECRET_CHARACTERS_MIN} to {SECRET_CHARACTERS_MAX}"
        raise InputError(where="secret", found=f"{len(secret)} characters", expected=expected)
    verifier = _scrypt(secret, salt, n, r, p)
    return Person(id=name, role=role, n=n, r=r, p=p, salt=salt.hex(), verifier=verifier.hex())


def is_theirs(person: Person, secret: str) -> bool:
    """Whether a secret is this person's; takes the same time whatever it is."""
    found = _scrypt(secret, bytes.fromhex(person.salt), person.n, person.r, person.p)
    return hmac.compare_digest(found, bytes.fromhex(person.verifier))


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    """scrypt (RFC 7914) of a secret in the form NFC, as RFC 8265 section 4.2.2 prepares one."""
    data = unicodedata.normalize("NFC", secret).encode()
    room = 128 * r * (n + p + 2)  # what the algorithm needs; OpenSSL asks for leave beyond 32 MiB
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=room + (1 << 20), dklen=HASH_BYTES)


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def parse_people(text: str, *, file: str) -> People:
    """The people in a TOML text, checked in themselves; DocumentError for the first mistake."""
    people = parse_document(text, People, file=file)
    for index, person in enumerate(people.person):
        if folded(person.id) in [folded(other.id) for other in people.person[:index]]:
            found, expected = f"{person.id!r} a second time", "an id of its own"
            raise error_at(text, ("person", index, "id"), file=file, found=found, expected=expected)
        if person.n & (person.n - 1):
            raise error_at(
                text, ("person", index, "n"), file=file, found=str(person.n), expected="a power of two"
            )
    return people


def check_people(people: People, network: Network, member: str, *, where: str) -> None:
    """InputError unless these people are of this member, network and mode."""
    if people.mode is not network.mode:
        raise InputError(
            where=where,
            found=f"people for {people.mode.value}",
            expected=f"people for {network.mode.value}, the mode of this network; the two never mix",
        )
    if (people.network, people.member) != (network.network, member):
        found = f"people of {people.member} in network {people.network}"
        raise InputError(where=where, found=found, expected=f"{member} in network {network.network}")


def people_text(people: People) -> str:
    """People as the TOML text that `parse_people` reads."""
    lines = [
        f"# Who may act at consoles of {people.member} in {people.network}, {people.mode.value} only.",
        "# No secret stands here, but a short one can be guessed from its verifier: keep it to yourself.",
        "foedus_people = 1",
        f'network = "{people.network}"',
        f'mode = "{people.mode.value}"',
        f'member = "{people.member}"',
    ]
    for person in people.person:
        lines += [
            "",
            "[[person]]",
            f"id = {msgspec.json.encode(person.id).decode()}",
            f"role = {msgspec.json.encode(person.role).decode()}",
            f"n = {person.n}",
            f"r = {person.r}",
            f"p = {person.p}",
            f'salt = "{person.salt}"',
            f'verifier = "{person.verifier}"',
        ]
    return "\n".join(lines) + "\n"
