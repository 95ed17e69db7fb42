"""Trust roots and secret keys for tests, from a seed, so that the same run gives the same bytes."""

import hashlib
from datetime import UTC, datetime

import msgspec

from foedus.live.keys import Trust, root_name
from foedus.network import Mode, Network
from foedus.people import People, make_person
from foedus.trust import Sealer, SecretKey, make_root, root_text, secret_keys

MADE = datetime(2026, 11, 30, tzinfo=UTC)
SECRET = "correct horse battery"


def in_mode(network: Network, mode: Mode) -> Network:
    """The network as it may stand in that mode: LIVE without recording, simulated aircraft and facts."""
    scripted = {} if mode is not Mode.LIVE else {"recording": None, "target": (), "fact": ()}
    return msgspec.structs.replace(network, mode=mode, **scripted)


def secrets_of(network: Network, seed: str = "tests") -> tuple[SecretKey, ...]:
    """Another key for each seed, mode and member."""
    words = {entry.id: f"{seed}/{network.mode.value}/{entry.id}" for entry in network.member}
    return secret_keys(network, {one: hashlib.sha256(word.encode()).digest() for one, word in words.items()})


def trust_of(network: Network, secrets: tuple[SecretKey, ...] | None = None) -> Trust:
    secrets = secrets_of(network) if secrets is None else secrets
    root = make_root(network, secrets, made=MADE, by="tests")
    return Trust(root, root_name(network), root_text(root), {one.member: one for one in secrets})


def sealers_of(trust: Trust) -> dict[str, Sealer]:
    return {member: Sealer(secret) for member, secret in trust.secrets.items()}


def people_of(network: Network, member: str, *names: str) -> People:
    """People who all have the same secret, by a scrypt that costs nothing."""
    return People(
        foedus_people=1,
        network=network.network,
        mode=network.mode,
        member=member,
        person=tuple(make_person(name, "duty officer", SECRET, bytes(16), n=16, r=1, p=1) for name in names),
    )
