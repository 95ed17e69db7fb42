"""`foedus cap`: every warning of a run becomes a valid message, and what is written may be read back."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

import alpine
from cap_keys import certificate_pem, key_of, pem_of
from foedus.cli.main import cli
from foedus.journal import Header, Store
from foedus.pact.reading.text import parse_pact
from foedus.pact.reading.write import to_toml
from foedus.wire import decode_batch
from three_members import SHARE, WARN, Trio, pact_of

XSD = Path(__file__).parents[1] / "xsd" / "CAP-v1.2.xsd"
SECONDS = 150
AT = "2018-08-01T11:32:30Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Journals of IT and CH: real traffic under a small pact, two and a half minutes."""
    _, _, texts = alpine.documents()
    text = to_toml(pact_of(SHARE, WARN.replace('"attacked"', '["CH", "IT"]')))
    trio = Trio(parse_pact(text, file="trio.toml"))
    played = alpine.run(
        [one for one in alpine.chunks(SECONDS) if one.member in trio.stations],
        SECONDS,
        stations=trio.stations,
    )
    where = tmp_path_factory.mktemp("run")
    for member in ("IT", "CH"):
        header = Header(
            member=member, version="tests", network_file=texts.network_file,
            network_text=texts.network_text.replace('["it"]', '["it", "ar", "he"]'),
            pact_file="trio.toml", pact_text=text,
        )  # fmt: skip
        store = Store.create(where / f"{member}.journal", header)
        for record in played.records[member]:
            store.append(record, [])
        store.close()
    return where


@pytest.fixture(scope="module")
def shown(folder: Path) -> list[dict[str, str]]:
    result = CliRunner().invoke(cli, ["cap", "show", str(folder), "--out", str(folder / "out"), "--json"])
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return [json.loads(row) for row in result.output.splitlines()]


def test_F31_every_warning_of_a_run_becomes_valid_messages_and_none_is_real(
    folder: Path, shown: list[dict[str, str]]
) -> None:
    schema = etree.XMLSchema(etree.parse(str(XSD)))
    files = sorted((folder / "out").rglob("*.cap.xml"))
    assert len(files) == len(shown) > 40
    for file in files:
        schema.assertValid(etree.parse(str(file)))
    assert {row["status"] for row in shown} == {"Test"}
    assert {row["direction"] for row in shown} == {"own", "sent", "received"}
    assert {"Alert", "Update", "Cancel"} == {row["message_type"] for row in shown}


def test_each_warning_that_stood_is_told_and_each_change_once(
    folder: Path, shown: list[dict[str, str]]
) -> None:
    identifiers = [row["identifier"] for row in shown]
    assert len(set(identifiers)) == len(identifiers)
    firsts = [row for row in shown if row["message_type"] == "Alert"]
    assert len(firsts) == len({row["identifier"].rpartition(".")[0] for row in shown})
    sent = [row for row in shown if row["member"] == "IT" and row["direction"] == "sent"]
    store = Store.open(folder / "CH.journal")
    bodies = {
        item.body
        for entry in store.entries()
        for item in decode_batch(entry.batch, where="test").inputs
        if getattr(item, "sender", "") == "IT" and b"warn" in item.body
    }
    store.close()
    assert len(sent) == len(bodies)


def test_each_circle_of_readers_has_its_own_folder_and_feed(
    folder: Path, shown: list[dict[str, str]]
) -> None:
    out = folder / "out"
    feeds = sorted(str(path.parent.relative_to(out)) for path in out.rglob("feed.atom"))
    assert feeds == ["CH", "CH/to-IT", "IT", "IT/to-CH"]
    for feed in out.rglob("feed.atom"):
        root = etree.parse(str(feed)).getroot()
        links = [link.get("href") for link in root.iter("{http://www.w3.org/2005/Atom}link")]
        assert all((feed.parent / link).is_file() for link in links)
    for row in shown:
        assert ("/to-" in row["file"]) == (row["direction"] == "sent")
    ours = next(row for row in shown if row["member"] == "IT")
    assert ours["headline"].startswith("PROVA PROVA PROVA - ")


def test_what_was_written_may_be_read_in_its_mode_and_in_no_other(folder: Path) -> None:
    files = [str(path) for path in (folder / "out" / "IT" / "to-CH").glob("*.xml")]
    right = CliRunner().invoke(cli, ["cap", "read", *files, "--mode", "RECORDING", "--at", AT, "--json"])
    rows = [json.loads(row) for row in right.output.splitlines()]
    assert {fault.rpartition(" ended ")[1] for row in rows for fault in row["faults"]} <= {" ended "}
    assert any(row["faults"] == [] for row in rows)
    wrong = CliRunner().invoke(cli, ["cap", "read", *files, "--at", AT, "--json"])
    assert wrong.exit_code == 1
    said = "it is a message of mode RECORDING; this system runs LIVE"
    assert all(said in json.loads(row)["faults"] for row in wrong.output.splitlines())


def test_a_spoilt_file_is_told_with_its_name_and_its_fault(folder: Path, tmp_path: Path) -> None:
    file = next((folder / "out" / "CH").glob("*.1.cap.xml"))
    spoilt = tmp_path / "spoilt.cap.xml"
    spoilt.write_text(file.read_text("utf-8").replace("<headline>TEST TEST TEST - ", "<headline>"), "utf-8")
    result = CliRunner().invoke(cli, ["cap", "read", str(spoilt), "--mode", "RECORDING", "--at", AT])
    assert result.exit_code == 1
    assert "its headline in language de does not begin with the words of RECORDING" in result.output
    empty = tmp_path / "empty.xml"
    empty.write_bytes(b"")
    result = CliRunner().invoke(cli, ["cap", "read", str(empty)])
    assert result.exit_code == 1
    assert "found no XML" in result.output


def test_signed_messages_hold_with_the_certificate_and_unsigned_ones_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_bytes(pem_of(key_of("P-256")))
    (tmp_path / "cert.pem").write_bytes(certificate_pem("P-256"))
    pair = ["--sign", str(tmp_path / "key.pem"), "--certificate", str(tmp_path / "cert.pem")]
    out = tmp_path / "out"
    made = CliRunner().invoke(cli, ["cap", "show", str(folder / "IT.journal"), "--out", str(out), *pair])
    assert made.exit_code == 0, made.output
    common = [
        "--mode",
        "RECORDING",
        "--at",
        "2026-11-30T10:00:00Z",
        "--certificate",
        str(tmp_path / "cert.pem"),
    ]
    file = next((out / "IT").glob("*.1.cap.xml"))
    result = CliRunner().invoke(cli, ["cap", "read", str(file), *common, "--json"])
    assert json.loads(result.output)["signature"] == "holds"
    plain = folder / "out" / "IT" / file.name
    result = CliRunner().invoke(cli, ["cap", "read", str(plain), *common, "--json"])
    assert json.loads(result.output)["signature"] == "does not hold"


def test_a_key_without_certificate_or_folder_is_a_call_gone_wrong(folder: Path) -> None:
    for arguments in (["--sign", "k.pem"], ["--sign", "k.pem", "--certificate", "c.pem"]):
        assert CliRunner().invoke(cli, ["cap", "show", str(folder), *arguments]).exit_code == 2
