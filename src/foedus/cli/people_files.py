"""`foedus people add` and `show`: the people file of one member and mode."""

import os
import sys
from pathlib import Path

import click
import msgspec

from foedus.cli.trust_files import MODES, network_of
from foedus.document import read_text, suggest
from foedus.errors import InputError, SetupError
from foedus.people import (
    SALT_BYTES,
    SECRET_CHARACTERS_MIN,
    People,
    check_people,
    make_person,
    parse_people,
    people_text,
)


@click.command("add")
@click.argument("network_file", metavar="NETWORK", type=click.Path(path_type=Path))
@click.argument("member", metavar="MEMBER")
@click.argument("person", metavar="PERSON")
@click.option("--mode", required=True, type=click.Choice(MODES), help="The network's mode, said once more.")
@click.option("--role", required=True, help='What the person is there, such as "duty officer".')
@click.option(
    "-o",
    "folder",
    required=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where the file is.",
)
@click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the file and its people.")
def add(
    network_file: Path,
    member: str,
    person: str,
    mode: str,
    role: str,
    folder: Path,
    secret_stdin: bool,
    as_json: bool,
) -> None:
    """List PERSON among those who may sign in at MEMBER's consoles; asks for the secret.

    The file FOLDER/MEMBER.MODE.people holds a scrypt verifier of the secret, with a salt of its own; keep it
    out of every repository all the same.

    Example: foedus people add networks/alpine.toml CH watch-1 --mode RECORDING --role "duty officer" -o keys
    """
    from foedus.live.keys import people_name

    network = network_of(network_file, mode)
    members = [entry.id for entry in network.member]
    if member not in members:
        raise InputError(where=str(network_file), found=repr(member), expected=suggest(member, members))
    path = folder / people_name(network, member)
    before = People(foedus_people=1, network=network.network, mode=network.mode, member=member)
    if path.is_file():
        before = parse_people(read_text(path), file=str(path))
        check_people(before, network, member, where=str(path))
    one = make_person(person, role, _secret(secret_stdin), os.urandom(SALT_BYTES))
    text = people_text(msgspec.structs.replace(before, person=(*before.person, one)))
    after = parse_people(text, file=str(path))
    _write(path, text)
    if as_json:
        click.echo(msgspec.json.encode({"file": str(path), "people": [one.id for one in after.person]}))
    else:
        click.echo(f"{path}: {len(after.person)} may sign in at the consoles of {member}, {mode}")


@click.command("show")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file and line.")
def show(files: tuple[Path, ...], as_json: bool) -> None:
    """Show who may sign in, without what their secrets are checked by.

    Example: foedus people show keys/CH.EXERCISE.people
    """
    for path in files:
        people = parse_people(read_text(path), file=str(path))
        listed = [{"id": one.id, "role": one.role} for one in people.person]
        if as_json:
            said = {"network": people.network, "mode": people.mode, "member": people.member, "people": listed}
            click.echo(msgspec.json.encode(said))
            continue
        click.echo(f"{people.member} in {people.network}, {people.mode.value}: {len(listed)} may sign in")
        for one in people.person:
            click.echo(f"  {one.id}: {one.role}")


def _secret(from_stdin: bool) -> str:
    """The secret, asked for twice or read once; it never stands in a command line, which others can list."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked = f"Secret ({SECRET_CHARACTERS_MIN} characters or more)"
    return str(click.prompt(asked, hide_input=True, confirmation_prompt=True))


def _write(path: Path, text: str) -> None:
    """Put the file in place whole, readable by its owner only."""
    from foedus.live.keys import write_new

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(".people-new")
        fresh.unlink(missing_ok=True)
        write_new(fresh, text, mode=0o600)
        fresh.replace(path)
    except OSError as error:
        raise SetupError(f"{path}: cannot be written ({error.strerror})") from error
