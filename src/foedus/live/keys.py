"""Trust roots, secret keys and people as files: made, written once, read back, and keys for one run only."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from foedus.document import read_text
from foedus.errors import InputError, SetupError
from foedus.network import Mode, Network
from foedus.people import People, check_people, parse_people
from foedus.trust import (
    SecretKey,
    TrustRoot,
    check_key,
    check_root,
    key_text,
    make_root,
    no_root_words,
    parse_key,
    parse_root,
    root_text,
    secret_keys,
    shared_keys,
)

SECRET_BYTES: Final = 32
OTHERS: Final = 0o077
"""Permissions by which somebody else than the owner could read a secret key."""


class Trust(NamedTuple):
    """By whose keys a network's messages are sealed, and the secret ones of the members that run here."""

    root: TrustRoot
    file: str
    text: str
    secrets: Mapping[str, SecretKey]


def root_name(network: Network) -> str:
    """The name of a network's root file: it carries the mode."""
    return f"{network.network}.{network.mode.value}.trust"


def key_name(network: Network, member: str) -> str:
    """The name of a member's key file: it carries the mode."""
    return f"{member}.{network.mode.value}.key"


def people_name(network: Network, member: str) -> str:
    """The name of a member's people file: it carries the mode."""
    return f"{member}.{network.mode.value}.people"


def make_trust(network: Network, *, by: str) -> Trust:
    """New keys for every member, by the operating system's random source."""
    seeds = {entry.id: os.urandom(SECRET_BYTES) for entry in network.member}
    secrets = secret_keys(network, seeds)
    root = make_root(network, secrets, made=datetime.now(UTC).replace(microsecond=0), by=by)
    return Trust(root, root_name(network), root_text(root), {secret.member: secret for secret in secrets})


def fresh_trust(network: Network) -> Trust:
    """Keys for one run, which are nowhere written; SetupError in LIVE, where keys are made beforehand."""
    if network.mode is Mode.LIVE:
        raise SetupError(no_root_words(network))
    return make_trust(network, by="foedus, for one run")


def write_trust(folder: Path, trust: Trust, network: Network) -> list[Path]:
    """Write a root and its secret keys; SetupError if any of the files is there or none can be written."""
    texts = {folder / key_name(network, member): key_text(one) for member, one in trust.secrets.items()}
    texts[folder / root_name(network)] = trust.text
    there = [str(path) for path in texts if path.exists()]
    if there:
        found = f"{', '.join(there)}: found a file; expected a new name, because keys are never overwritten"
        raise SetupError(found)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in texts.items():
            write_new(path, text, mode=0o644 if path.suffix == ".trust" else 0o600)
    except OSError as error:
        raise SetupError(f"{folder}: keys cannot be written ({error.strerror})") from error
    return list(texts)


def write_new(path: Path, text: str, *, mode: int) -> None:
    """Write a file that is not there yet, with these permissions from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)


def load_trust(folder: Path, network: Network) -> Trust:
    """The root and keys of a network in a folder; SetupError if one is missing, InputError if one is wrong.

    A key that also stands in another root of that folder is refused.
    """
    path = folder / root_name(network)
    if not path.is_file():
        raise SetupError(_no_file(folder, network))
    text = read_text(path)
    root = parse_root(text, file=str(path))
    check_root(root, network, where=str(path))
    for other in sorted(folder.glob("*.trust")):
        if other != path:
            refuse_shared(root, parse_root(read_text(other), file=str(other)), files=(str(path), str(other)))
    secrets = {entry.id: _load_key(folder, network, root, entry.id) for entry in network.member}
    return Trust(root, str(path), text, secrets)


def _no_file(folder: Path, network: Network) -> str:
    """What to say where the root is missing: also which other modes the folder does hold."""
    there = sorted(path.name for path in folder.glob("*.trust"))
    holds = f"found {', '.join(there)}, but" if there else "found"
    return f"{folder}: {holds} no {root_name(network)}; {no_root_words(network)}"


def refuse_shared(one: TrustRoot, other: TrustRoot, *, files: tuple[str, str]) -> None:
    """InputError where two roots share a key: one network and mode could speak in the other."""
    shared = shared_keys(one, other)
    if shared:
        names = ", ".join(f"{mine}'s here is {their}'s there" for mine, their in shared)
        found = f"a key that also stands in {files[1]} ({names})"
        raise InputError(where=files[0], found=found, expected="no key in two roots")


def _load_key(folder: Path, network: Network, root: TrustRoot, member: str) -> SecretKey:
    path = folder / key_name(network, member)
    if not path.is_file():
        raise SetupError(f"{path}: found no file; expected the secret key of {member}, which runs here")
    if path.stat().st_mode & OTHERS:
        raise SetupError(f"{path}: others may read this secret key; type `chmod 600 {path}`")
    secret = parse_key(read_text(path), file=str(path))
    check_key(secret, root, member, where=str(path))
    return secret


def load_people(folder: Path | None, network: Network) -> dict[str, People]:
    """Who may sign in at each member's consoles; empty for a member without a people file.

    SetupError in LIVE where a member has none: nobody acts there without signing in.
    """
    found: dict[str, People] = {}
    for entry in network.member:
        path = (folder or Path()) / people_name(network, entry.id)
        if folder is not None and path.is_file():
            people = parse_people(read_text(path), file=str(path))
            check_people(people, network, entry.id, where=str(path))
            found[entry.id] = people
        elif network.mode is Mode.LIVE:
            raise SetupError(no_people_words(entry.id))
    return found


def no_people_words(member: str) -> str:
    """How to list the people that a LIVE console needs."""
    return (
        f"the console of {member} runs LIVE and needs people who sign in: list them with "
        f'`foedus people add NETWORK_FILE {member} PERSON --mode LIVE --role "..." -o FOLDER` '
        "and give FOLDER with --trust"
    )
