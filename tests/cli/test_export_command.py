"""`foedus export`: pictures out of a journal, in every format, with mode and label."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

import alpine
from foedus.cli.main import cli
from foedus.journal import Header, Store

SECONDS = 40
TICKS = SECONDS // 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Journals of CH and FR from 40 s of the alpine network."""
    _, _, texts = alpine.documents()
    played = alpine.run(alpine.chunks(SECONDS), SECONDS)
    where = tmp_path_factory.mktemp("run")
    for member in ("CH", "FR"):
        store = Store.create(
            where / f"{member}.journal", Header(member=member, version="tests", **texts._asdict())
        )
        for record in played.records[member]:
            store.append(record, [])
        store.close()
    return where


def export(folder: Path, *options: str, format_: str = "geojson") -> tuple[bytes, dict[str, object]]:
    file = folder / f"out.{format_}"
    command = ["export", str(folder), "--member", "CH", "--format", format_, "-o", str(file), "--json"]
    result = CliRunner().invoke(cli, [*command, *options])
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return file.read_bytes(), json.loads(result.output)


def test_every_tick_is_one_line_of_geojson_that_says_mode_and_label(folder: Path) -> None:
    data, said = export(folder)
    lines = [json.loads(row) for row in data.splitlines()]
    assert len(lines) == said["pictures"] == TICKS
    assert {one["mode"] for one in lines} == {"RECORDING"}
    assert sum(len(one["features"]) for one in lines) == said["tracks"]
    labels = [tuple(one["properties"]["releasable_to"]) for one in lines[-1]["features"]]
    assert all(one[0] == "CH" for one in labels)
    assert any(len(one) > 1 for one in labels)


def test_at_a_time_and_for_a_party_there_is_one_picture_of_what_it_may_have(folder: Path) -> None:
    everything = json.loads(export(folder, "--at", "2018-08-01T11:30:33Z")[0])
    assert everything["time"] == "2018-08-01T11:30:30.000Z"
    released = json.loads(export(folder, "--at", "2018-08-01T11:30:33Z", "--party", "FR")[0])
    expected = [one for one in everything["features"] if "FR" in one["properties"]["releasable_to"]]
    assert released["features"] == expected
    assert 0 < len(expected) < len(everything["features"])


def test_the_other_formats_hold_the_same_tracks(folder: Path) -> None:
    tracks = export(folder)[1]["tracks"]
    cot, _ = export(folder, "--at", "2018-08-01T12:00:00Z", format_="cot")
    events = [ElementTree.fromstring(row) for row in cot.splitlines()]
    assert all(one.find("detail/remarks").text.startswith("TEST TEST TEST") for one in events)  # type: ignore[union-attr]
    table = pa.ipc.open_stream(export(folder, format_="arrow")[0]).read_all()
    assert table.num_rows == tracks
    export(folder, format_="parquet")
    assert pq.read_table(folder / "out.parquet").num_rows == tracks
    framed, _ = export(folder, "--at", "2018-08-01T12:00:00Z", format_="sapient")
    count = 0
    while framed:
        length = int.from_bytes(framed[:4], "little")
        count += SapientMessage.FromString(framed[4 : 4 + length]).HasField("detection_report")
        framed = framed[4 + length :]
    assert count == len(events) > 10


def test_decode_reads_back_the_asterix_and_takes_none_of_it_for_live_traffic(folder: Path) -> None:
    _, said = export(folder, "--sac", "25", "--sic", "7", format_="asterix")
    result = CliRunner().invoke(cli, ["decode", str(folder / "out.asterix"), "--json"])
    assert result.exit_code == 0, result.output
    accepted = json.loads(result.output)["accepted"]
    ended = accepted["062 system track, test, simulated or fixed target"] - said["tracks"]
    assert accepted["065 end of batch"] == TICKS
    assert 0 <= ended < 20  # tracks that ended are sent once more, as their last


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--member", "IT"], 1, "found journals of CH, FR"),
        (["--party", "XX"], 1, "expected one of CH, FR"),
        (["--at", "2017-01-01"], 1, "no picture"),
        (["--at", "noon"], 2, "no time"),
        (["--format", "fax"], 2, "fax"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, options: list[str], code: int, words: str) -> None:
    command = ["export", str(folder), "--member", "CH", "--format", "cot", "-o", str(folder / "x")]
    result = CliRunner().invoke(cli, [*command, *options])
    assert result.exit_code == code
    assert words in result.output + str(result.exception)
