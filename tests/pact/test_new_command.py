"""`foedus pact new` and `foedus pact schema`."""

import json
from pathlib import Path

from click.testing import CliRunner

from foedus.cli.main import cli
from foedus.pact.reading.inherit import changed_upstream
from foedus.pact.reading.text import read_pact, read_upstream

LIBRARY = Path(__file__).parents[2] / "pacts" / "library"


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["pact", *words])
    return result.exit_code, result.output + (str(result.exception) if result.exception else "")


def test_f04_a_pact_like_the_japanese_treaty_keeps_every_article_number_and_source(tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    code, said = run("new", str(out), "--like", str(LIBRARY / "us-japan.toml"), "--as", "JP=SA")
    assert code == 0, said
    mine, model = read_pact(out), read_pact(LIBRARY / "us-japan.toml")
    assert [(one.id, one.cite) for one in mine.clause] == [(one.id, one.cite) for one in model.clause]
    assert mine.source == model.source
    assert [(one.id, one.name) for one in mine.party] == [("SA", "Saudi Arabia"), ("US", "United States")]
    assert mine.basis.binding == "none"
    casus = next(one for one in mine.clause if one.id == "C1")
    assert "JP" not in casus.loci  # type: ignore[union-attr]
    assert "SA" in casus.loci  # type: ignore[union-attr]


def test_a_copy_notes_what_it_saw_and_a_change_upstream_is_flagged(tmp_path: Path) -> None:
    model = tmp_path / "model.toml"
    model.write_text((LIBRARY / "eo-14353.toml").read_text("utf-8"), "utf-8")
    out = tmp_path / "copy.toml"
    assert run("new", str(out), "--like", str(model), "--as", "QA=BH")[0] == 0
    copy = read_pact(out)
    upstream = read_upstream(out, copy)
    assert upstream is not None
    assert changed_upstream(copy, upstream) == ()
    text = model.read_text("utf-8")
    model.write_text(text.replace('discretion = "executive"', 'discretion = "joint_decision"'), "utf-8")
    upstream = read_upstream(out, copy)
    assert upstream is not None
    assert [said.split()[0] for said in changed_upstream(copy, upstream)] == ["A1"]


def test_new_overwrites_nothing_and_says_who_can_be_replaced(tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("mine", "utf-8")
    assert run("new", str(out), "--like", str(LIBRARY / "us-japan.toml"))[0] == 2
    assert out.read_text("utf-8") == "mine"
    code, said = run(
        "new", str(tmp_path / "x.toml"), "--like", str(LIBRARY / "us-japan.toml"), "--as", "XX=SA"
    )
    assert code == 1
    assert "one of JP, US" in said


def test_the_schema_is_json_and_closed() -> None:
    code, said = run("schema")
    assert code == 0
    schema = json.loads(said)
    assert schema["$defs"]["Pact"]["additionalProperties"] is False or schema["additionalProperties"] is False
