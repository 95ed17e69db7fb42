"""Claims about `foedus trust`, `foedus people` and `foedus run --trust`: as typed, in a wrong mode too."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import alpine
from foedus.cli.main import cli
from keys import SECRET

NETWORK = str(alpine.NETWORK_FILE)
WINDOW = ["--from", "2018-08-01T11:30:00Z", "--to", "2018-08-01T11:30:30Z"]
FAST = ["--speed", "max", "--exit", "--no-console", "--json"]


def foedus(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, list(arguments), input=stdin)


def new(network: str, mode: str, folder: Path) -> Result:
    return foedus("trust", "new", network, "--mode", mode, "--by", "tests", "-o", str(folder), "--json")


def add(network: str, folder: Path, *, member: str = "CH", person: str = "watch-1", mode: str = "RECORDING",
        secret: str = SECRET) -> Result:  # fmt: skip
    arguments = ("--mode", mode, "--role", "duty officer", "-o", str(folder), "--secret-stdin", "--json")
    return foedus("people", "add", network, member, person, *arguments, stdin=secret + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root and keys for the recorded network."""
    folder = tmp_path_factory.mktemp("trust") / "keys"
    assert new(NETWORK, "RECORDING", folder).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same network, LIVE: nothing recorded, simulated or scripted in it."""
    text = alpine.NETWORK_FILE.read_text(encoding="utf-8").replace('mode = "RECORDING"', 'mode = "LIVE"')
    text = text.replace("../pacts", str(alpine.ROOT / "pacts"))
    text = re.sub(r"\[recording\][^\[]*", "", text)
    path = tmp_path_factory.mktemp("live") / "live.toml"
    path.write_text(text[: text.index("[[target]]")], encoding="utf-8")
    return str(path)


def test_new_writes_a_public_root_and_secret_keys_that_only_their_owner_reads(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    members = ("CH", "DE", "FR", "HUB", "IT")
    assert names == sorted([*(f"{one}.RECORDING.key" for one in members), "alpine.RECORDING.trust"])
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == (0o644 if path.suffix == ".trust" else 0o600)
    root = (folder / "alpine.RECORDING.trust").read_text(encoding="utf-8")
    for member in members:
        secret = re.search(r'secret = "(\w+)"', (folder / f"{member}.RECORDING.key").read_text("utf-8"))
        assert secret is not None
        assert secret[1] not in root


def test_new_never_overwrites_a_key(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = new(NETWORK, "RECORDING", folder)
    assert result.exit_code == 1
    assert "keys are never overwritten" in str(result.exception)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("mode", ["LIVE", "EXERCISE"])
def test_keys_and_people_of_another_mode_than_the_networks_are_not_made(tmp_path: Path, mode: str) -> None:
    for result in (new(NETWORK, mode, tmp_path / "x"), add(NETWORK, tmp_path / "x", mode=mode)):
        assert f"found a network of mode RECORDING; expected {mode}" in str(result.exception)
    assert not (tmp_path / "x").exists()


def test_show_prints_the_fingerprints_that_new_printed(folder: Path, tmp_path: Path) -> None:
    made = json.loads(new(NETWORK, "RECORDING", tmp_path / "other").stdout)
    shown = foedus("trust", "show", str(tmp_path / "other" / "alpine.RECORDING.trust")).stdout
    assert "alpine, RECORDING: made 20" in shown
    assert all(f"{party:<3}  {mark}" in shown for party, mark in made["fingerprints"].items())
    said = json.loads(foedus("trust", "show", "--json", str(folder / "alpine.RECORDING.trust")).stdout)
    assert said["mode"] == "RECORDING"


def test_check_refuses_two_roots_that_share_a_key(folder: Path, tmp_path: Path) -> None:
    root = folder / "alpine.RECORDING.trust"
    copy = tmp_path / "alpine.LIVE.trust"
    copy.write_text(root.read_text("utf-8").replace('"RECORDING"', '"LIVE"'), encoding="utf-8")
    result = foedus("trust", "check", str(copy), str(root))
    assert result.exit_code == 1
    assert f"found a key that also stands in {root} (CH's here is CH's there" in str(result.exception)
    assert new(NETWORK, "RECORDING", tmp_path / "other").exit_code == 0
    good = foedus("trust", "check", str(root), str(tmp_path / "other" / root.name))
    assert good.stdout == "2 roots, no key in two of them\n"
    assert foedus("trust", "check", str(root)).exit_code == 2


def test_a_run_with_keys_of_its_own_replays_and_its_journals_name_the_root(
    folder: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    result = foedus("run", NETWORK, *FAST, *WINDOW, "--folder", str(run), "--trust", str(folder))
    assert result.exit_code == 0, result.output + str(result.exception)
    assert all(member["dropped"] == {} for member in json.loads(result.stdout))
    assert foedus("replay", str(run)).exit_code == 0
    assert foedus("audit", "verify", str(run)).exit_code == 0
    assert foedus("cap", "show", str(run)).exit_code == 0


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    new(NETWORK, "RECORDING", tmp_path / "k")
    (tmp_path / "k" / "FR.RECORDING.key").chmod(0o640)
    result = foedus("run", NETWORK, *FAST, *WINDOW, "--trust", str(tmp_path / "k"))
    assert "others may read this secret key; type `chmod 600" in str(result.exception)


@pytest.mark.parametrize(
    ("have", "words"),
    [
        ((), "needs a trust root: make one with `foedus trust new NETWORK_FILE --mode LIVE"),
        (("recording",), "found alpine.RECORDING.trust, but no alpine.LIVE.trust"),
        (("live",), "the console of CH runs LIVE and needs people who sign in"),
        (("live", "people"), "this version has no feeds that come live: it plays recordings, and never to"),
    ],
)  # fmt: skip
def test_a_live_run_says_what_it_lacks_one_thing_after_the_other(
    live: str, folder: Path, tmp_path: Path, have: tuple[str, ...], words: str
) -> None:
    keys = folder if have == ("recording",) else tmp_path / "keys"
    if "live" in have:
        assert new(live, "LIVE", keys).exit_code == 0
    if "people" in have:
        for member in ("CH", "FR", "DE", "IT", "HUB"):
            assert add(live, keys, member=member, mode="LIVE").exit_code == 0
    result = foedus("run", live, *FAST, *(["--trust", str(keys)] if have else []))
    assert result.exit_code == 1
    assert words in str(result.exception)


def test_people_are_added_one_by_one_and_shown_without_verifiers(tmp_path: Path) -> None:
    assert add(NETWORK, tmp_path).exit_code == 0
    assert json.loads(add(NETWORK, tmp_path, person="watch-2").stdout)["people"] == ["watch-1", "watch-2"]
    path = tmp_path / "CH.RECORDING.people"
    assert path.stat().st_mode & 0o777 == 0o600
    assert SECRET not in path.read_text("utf-8")
    shown = foedus("people", "show", str(path)).stdout
    assert shown.splitlines()[1:] == ["  watch-1: duty officer", "  watch-2: duty officer"]
    assert "verifier" not in foedus("people", "show", "--json", str(path)).stdout


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"person": "watch-1"}, "an id of its own"),
        ({"person": 'x"\nrole = "'}, "person[2].id"),
        ({"person": "watch-2", "secret": "short"}, "found 5 characters; expected 12 to 256"),
        ({"person": "watch-2", "member": "CHE"}, "did you mean"),
    ],
)
def test_a_person_who_cannot_be_listed_is_refused_and_the_file_stays(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    add(NETWORK, tmp_path)
    before = (tmp_path / "CH.RECORDING.people").read_bytes()
    result = add(NETWORK, tmp_path, **changes)
    assert result.exit_code == 1
    assert words in str(result.exception)
    assert (tmp_path / "CH.RECORDING.people").read_bytes() == before
