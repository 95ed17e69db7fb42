"""Who speaks for each party of a network in one mode, and the seals by which a recipient knows it.

A trust root holds one public key per party. It is made for one network and one mode; another mode has another
root with other keys, so that what an exercise sends cannot be taken for live, whatever a setting says. The
sender seals each message after its guard passed it; the recipient's node checks the seal before anything
else. Checking is pure: the root stands in the journal's header, and a replay checks every seal again. Secret
keys are given to a `Sealer`, which stands outside node and station.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from foedus.document import error_at, parse_document
from foedus.errors import InputError, SetupError
from foedus.limits import MEMBERS_MAX
from foedus.model import SECOND_NS
from foedus.network import Mode, Name, Network
from foedus.wire import Received

DOMAIN: Final = b"foedus seal 1\0"
"""Stands before everything that is sealed, so that no other signature by these keys can pass for a seal."""

SEALED_BEFORE_MAX_NS: Final = 60 * SECOND_NS
"""How long before the recipient's journal began a message may have been sealed: room for a sender's clock
that is slow. What is older was recorded from an earlier journal and is sent again by somebody."""

Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,24}$")]
Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class PartyKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The public key by which one party seals."""

    id: Name
    key: Hex32  # Ed25519 public key, RFC 8032 section 5.1.5
    fingerprint: str  # of the key, for people to compare by another way


class TrustRoot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who speaks for each party of one network in one mode."""

    foedus_trust: Literal[1]
    network: Name
    mode: Mode
    made: datetime
    by: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    party: Annotated[tuple[PartyKey, ...], msgspec.Meta(min_length=1, max_length=MEMBERS_MAX)]


class SecretKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member's secret key for one network and mode."""

    foedus_key: Literal[1]
    network: Name
    mode: Mode
    member: Name
    secret: str  # 32 bytes in hexadecimal, the seed of RFC 8032 section 5.1.5

    def __repr__(self) -> str:
        """Whose key it is, and nothing of the key."""
        return f"SecretKey({self.member} in {self.network}, {self.mode.value})"


class Seal(msgspec.Struct, frozen=True, array_like=True):
    """What a sender states of a message; the signature covers all of it and the digest of the body."""

    mode: Word
    network: Word
    sender: Word
    recipient: Word
    sequence: int
    time_ns: int  # of the step that sent it, by the sender's clock
    signature: bytes = b""  # Ed25519, 64 bytes


_seal_decoder = msgspec.msgpack.Decoder(Seal)


def fingerprint(key: str) -> str:
    """What people compare: the first 16 bytes of SHA-256 of a public key (hexadecimal), in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]
    return "-".join(digest[start : start + 4] for start in range(0, 32, 4))


def public_key(secret: SecretKey) -> str:
    """The public half of a secret key, in hexadecimal."""
    return _private(secret).public_key().public_bytes_raw().hex()


def _private(secret: SecretKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret.secret))


# ------------------------------------------------------------------------------------------ documents


def make_root(network: Network, secrets: tuple[SecretKey, ...], *, made: datetime, by: str) -> TrustRoot:
    """The public root of these secret keys, one of each member of the network."""
    keys = [(secret.member, public_key(secret)) for secret in secrets]
    return TrustRoot(
        foedus_trust=1,
        network=network.network,
        mode=network.mode,
        made=made,
        by=by,
        party=tuple(PartyKey(id=member, key=key, fingerprint=fingerprint(key)) for member, key in keys),
    )


def secret_keys(network: Network, seeds: dict[str, bytes]) -> tuple[SecretKey, ...]:
    """The secret key of each member of a network, from 32 random bytes each."""
    return tuple(
        SecretKey(
            foedus_key=1,
            network=network.network,
            mode=network.mode,
            member=entry.id,
            secret=seeds[entry.id].hex(),
        )
        for entry in network.member
    )


def root_text(root: TrustRoot) -> str:
    """A root as the TOML text that `parse_root` reads."""
    lines = [
        f"# Trust root of {root.network}, for {root.mode.value} and nothing else. It holds no secret.",
        "# Compare the fingerprints by another way (telephone, in person) before you trust it.",
        "foedus_trust = 1",
        f'network = "{root.network}"',
        f'mode = "{root.mode.value}"',
        f"made = {root.made.isoformat()}",
        f"by = {_quoted(root.by)}",
    ]
    for party in root.party:
        lines += [
            "",
            "[[party]]",
            f'id = "{party.id}"',
            f'key = "{party.key}"',
            f'fingerprint = "{party.fingerprint}"',
        ]
    return "\n".join(lines) + "\n"


def key_text(secret: SecretKey) -> str:
    """A secret key as the TOML text that `parse_key` reads."""
    return (
        f"# SECRET key of {secret.member} in network {secret.network} for {secret.mode.value}. "
        "Give it to nobody.\n"
        "foedus_key = 1\n"
        f'network = "{secret.network}"\n'
        f'mode = "{secret.mode.value}"\n'
        f'member = "{secret.member}"\n'
        f'secret = "{secret.secret}"\n'
    )


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are among TOML's."""
    return msgspec.json.encode(text).decode()


def parse_root(text: str, *, file: str) -> TrustRoot:
    """The root in a TOML text, checked in itself; DocumentError for the first mistake."""
    root = parse_document(text, TrustRoot, file=file)
    for index, party in enumerate(root.party):
        if party.id in [other.id for other in root.party[:index]]:
            found, expected = f"{party.id!r} a second time", "one key of each party"
            raise error_at(text, ("party", index, "id"), file=file, found=found, expected=expected)
        if party.key in [other.key for other in root.party[:index]]:
            found, expected = "the key of another party", "a key of its own for each party"
            raise error_at(text, ("party", index, "key"), file=file, found=found, expected=expected)
        if party.fingerprint != fingerprint(party.key):
            place = ("party", index, "fingerprint")
            expected = f"{fingerprint(party.key)}, that of its key"
            raise error_at(text, place, file=file, found=repr(party.fingerprint), expected=expected)
    return root


def parse_key(text: str, *, file: str) -> SecretKey:
    """The secret key in a TOML text; DocumentError for the first mistake, without a digit of the secret."""
    secret = parse_document(text, SecretKey, file=file)
    try:
        whole = len(bytes.fromhex(secret.secret)) == 32
    except ValueError:
        whole = False
    if not whole:
        found, expected = f"{len(secret.secret)} characters", "64 hexadecimal digits"
        raise error_at(text, ("secret",), file=file, found=found, expected=expected)
    return secret


def check_root(root: TrustRoot, network: Network, *, where: str) -> None:
    """InputError unless the root is of this network and mode, with a key of each of its members."""
    mode = network.mode.value
    if root.mode is not network.mode:
        raise InputError(
            where=where,
            found=f"a trust root for {root.mode.value}",
            expected=f"one for {mode}, the mode of this network; the two never mix",
        )
    if root.network != network.network:
        found = f"a trust root of network {root.network}"
        raise InputError(where=where, found=found, expected=f"one of network {network.network}")
    trusted = sorted(party.id for party in root.party)
    members = sorted(entry.id for entry in network.member)
    if trusted != members:
        expected = f"one of each member: {', '.join(members)}"
        raise InputError(where=where, found=f"keys of {', '.join(trusted)}", expected=expected)


def check_key(secret: SecretKey, root: TrustRoot, member: str, *, where: str) -> None:
    """InputError unless the secret key is this member's in this root."""
    if secret.mode is not root.mode:
        raise InputError(
            where=where,
            found=f"a key for {secret.mode.value}",
            expected=f"one for {root.mode.value}; the two never mix",
        )
    if (secret.network, secret.member) != (root.network, member):
        found = f"the key of {secret.member} in network {secret.network}"
        raise InputError(where=where, found=found, expected=f"that of {member} in network {root.network}")
    if public_key(secret) not in [party.key for party in root.party if party.id == member]:
        expected = f"the key that the trust root names for {member}"
        raise InputError(where=where, found="another key", expected=expected)


def shared_keys(one: TrustRoot, other: TrustRoot) -> tuple[tuple[str, str], ...]:
    """(party of the one, party of the other) for every key that stands in both."""
    return tuple((mine.id, their.id) for mine in one.party for their in other.party if mine.key == their.key)


# ------------------------------------------------------------------------------------------ seals


class Sealer:
    """Seals what one member sends. It holds the secret key, so it stands outside node and station."""

    def __init__(self, secret: SecretKey) -> None:
        self.member = secret.member
        self.mode = secret.mode
        self.key = public_key(secret)
        self._network = secret.network
        self._private = _private(secret)

    def seal(self, recipient: str, sequence: int, body: bytes, *, time_ns: int) -> bytes:
        """The seal of one message; the same message gives the same bytes (RFC 8032 section 8.2)."""
        seal = Seal(self.mode.value, self._network, self.member, recipient, sequence, time_ns)
        signature = self._private.sign(statement(seal, body))
        return msgspec.msgpack.encode(msgspec.structs.replace(seal, signature=signature))


def statement(seal: Seal, body: bytes) -> bytes:
    """The bytes that a seal signs: a domain of their own, then everything that it states, canonically."""
    digest = hashlib.sha256(body).digest()
    said = (seal.mode, seal.network, seal.sender, seal.recipient, seal.sequence, seal.time_ns, digest)
    return DOMAIN + msgspec.msgpack.encode(said)


class SealCheck:
    """What one member's node takes as sealed.

    Without a root, messages are taken unsealed: that is for plays in one process in which nothing crosses a
    wire. LIVE has no such play: SetupError. Such a node takes nothing that is sealed, either.
    """

    def __init__(self, network: Network, member: str, root: TrustRoot | None) -> None:
        self._mode = network.mode
        self._network = network.network
        self._me = member
        self._keys: dict[str, Ed25519PublicKey] = {}
        if root is None and network.mode is Mode.LIVE:
            raise SetupError(no_root_words(network))
        if root is not None:
            check_root(root, network, where="trust root")
            for party in root.party:
                self._keys[party.id] = Ed25519PublicKey.from_public_bytes(bytes.fromhex(party.key))

    def fault(self, item: Received, *, began_ns: int) -> str:
        """Why a message is refused; empty where its seal holds.

        began_ns: time of the first entry of this node's journal.
        """
        if not self._keys:
            return "sealed, but this node has no trust root to check it by" if item.seal else ""
        if not item.seal:
            return f"no seal; this node runs {self._mode.value} and takes sealed messages only"
        try:
            seal = _seal_decoder.decode(item.seal)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return "a seal that cannot be read"
        return self._mismatch(seal, item, began_ns) or self._forgery(seal, item)

    def _mismatch(self, seal: Seal, item: Received, began_ns: int) -> str:
        """What the seal states that is not so here."""
        mode, network = self._mode.value, self._network
        old = seal.time_ns < began_ns - SEALED_BEFORE_MAX_NS
        checks = (
            (seal.mode != mode, f"sealed for {seal.mode}, this node runs {mode}"),
            (seal.network != network, f"sealed for network {seal.network}, this is {network}"),
            (seal.sender != item.sender, f"sealed by {seal.sender}, but sent as if by {item.sender}"),
            (seal.recipient != self._me, f"sealed for {seal.recipient}, not for {self._me}"),
            (seal.sequence != item.sequence, "sealed under another sequence number"),
            (old, "sealed before this journal began: an old message, sent again"),
        )
        return next((words for wrong, words in checks if wrong), "")

    def _forgery(self, seal: Seal, item: Received) -> str:
        """What is wrong with the signature."""
        if self._fits(seal, item):
            return ""
        for mode in Mode:
            if mode is not self._mode and self._fits(msgspec.structs.replace(seal, mode=mode.value), item):
                return f"sealed for {mode.value} and relabelled, this node runs {self._mode.value}"
        return (
            f"the seal does not fit: it is altered, or not made with {item.sender}'s {self._mode.value} key"
        )

    def _fits(self, seal: Seal, item: Received) -> bool:
        key = self._keys.get(item.sender)
        if key is None:
            return False
        try:
            key.verify(seal.signature, statement(seal, item.body))
        except InvalidSignature:
            return False
        return True


def no_root_words(network: Network) -> str:
    """How to get the trust root that a network needs."""
    mode = network.mode.value
    return (
        f"network {network.network} runs {mode} and needs a trust root: make one with "
        f'`foedus trust new NETWORK_FILE --mode {mode} --by "..." -o FOLDER` and give it with --trust FOLDER'
    )
