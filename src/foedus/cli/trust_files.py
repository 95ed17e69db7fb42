"""`foedus trust new`, `show` and `check`: roots and keys as files."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.document import read_text
from foedus.errors import InputError
from foedus.network import Mode, Network, parse_network

if TYPE_CHECKING:
    from foedus.trust import TrustRoot

MODES = [mode.value for mode in Mode]


def network_of(network_file: Path, mode: str) -> Network:
    """A network file whose mode is the one that the person names; InputError where they differ."""
    network = parse_network(read_text(network_file), file=str(network_file))
    if network.mode.value != mode:
        raise InputError(
            where=str(network_file),
            found=f"a network of mode {network.mode.value}",
            expected=f"{mode}, as --mode says; keys and people are of one mode only",
        )
    return network


@click.command("new")
@click.argument("network_file", metavar="NETWORK", type=click.Path(path_type=Path))
@click.option("--mode", required=True, type=click.Choice(MODES), help="The network's mode, said once more.")
@click.option("--by", required=True, metavar="WHO", help="Who makes the root, as it stands in it.")
@click.option(
    "-o", "folder", required=True, metavar="FOLDER", type=click.Path(path_type=Path), help="Where files go."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the files and the fingerprints.")
def new(network_file: Path, mode: str, by: str, folder: Path, as_json: bool) -> None:
    """Make a secret key for each member of NETWORK and the public root that holds the other halves.

    Hand each key to its member and to nobody else; give the root to all. No file is ever overwritten.

    Example: foedus trust new networks/alpine.toml --mode RECORDING --by "exercise staff" -o keys
    """
    from foedus.live.keys import make_trust, write_trust

    network = network_of(network_file, mode)
    trust = make_trust(network, by=by)
    files = write_trust(folder, trust, network)
    if as_json:
        prints = {party.id: party.fingerprint for party in trust.root.party}
        said = {"mode": mode, "files": [str(path) for path in files], "fingerprints": prints}
        click.echo(msgspec.json.encode(said))
        return
    for path in files:
        what = "public, for all members" if path.suffix == ".trust" else "SECRET, for that member alone"
        click.echo(f"{path}: {what}")
    _print(trust.root)


@click.command("show")
@click.argument("roots", metavar="ROOT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per root and line.")
def show(roots: tuple[Path, ...], as_json: bool) -> None:
    """Show what trust roots say: network, mode, who made them and when, and every fingerprint.

    Example: foedus trust show keys/alpine.EXERCISE.trust
    """
    for path in roots:
        root = _read(path)
        if as_json:
            click.echo(msgspec.json.encode(root))
        else:
            _print(root)


@click.command("check")
@click.argument("roots", metavar="ROOT ROOT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: the roots, and that no key is shared."
)
def check(roots: tuple[Path, ...], as_json: bool) -> None:
    """Refuse trust roots that share a key, by which one network or mode could speak in another.

    Example: foedus trust check keys/alpine.LIVE.trust keys/alpine.EXERCISE.trust
    """
    from foedus.live.keys import refuse_shared

    if len(roots) < 2:
        raise click.UsageError("expected two roots or more to compare")
    read = [(str(path), _read(path)) for path in roots]
    for (file, one), (other_file, other) in itertools.combinations(read, 2):
        refuse_shared(one, other, files=(file, other_file))
    if as_json:
        click.echo(msgspec.json.encode({"roots": [str(path) for path in roots], "shared": []}))
    else:
        click.echo(f"{len(roots)} roots, no key in two of them")


def _read(path: Path) -> "TrustRoot":
    from foedus.trust import parse_root

    return parse_root(read_text(path), file=str(path))


def _print(root: "TrustRoot") -> None:
    click.echo(f"{root.network}, {root.mode.value}: made {root.made.isoformat()} by {root.by}")
    width = max(len(party.id) for party in root.party)
    for party in root.party:
        click.echo(f"  {party.id:<{width}}  {party.fingerprint}")
