"""What the manuals say that commands print is what they print."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("manual_outputs", ROOT / "scripts" / "manual_outputs.py")
MANUAL = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MANUAL)


@pytest.mark.parametrize("name", MANUAL.MANUALS)
def test_every_output_in_the_manual_is_what_the_command_prints(name):
    """Remade by `python scripts/manual_outputs.py`."""
    text = (ROOT / name).read_text("utf-8")
    assert MANUAL.commands(text)
    assert MANUAL.filled(text) == text


def test_a_wrong_output_would_be_found():
    text = "```console\n$ foedus pact check pacts/alpine.toml --at 2018-08-01\nnothing of the kind\n```\n"
    assert MANUAL.commands(text) == ["foedus pact check pacts/alpine.toml --at 2018-08-01"]
    filled = MANUAL.filled(text)
    assert filled != text
    assert "pacts/alpine.toml: pact alpine 1.0" in filled
    assert MANUAL.filled(filled) == filled


def test_the_picture_in_the_manual_is_what_the_command_draws(tmp_path):
    line = next(
        line.strip("`")
        for line in (ROOT / "docs" / "pact.md").read_text("utf-8").splitlines()
        if line.startswith("`foedus pact matrix")
    )
    drawn = tmp_path / "drawn.svg"
    MANUAL.output_of(line.replace("docs/img/who-gives-what.svg", str(drawn)))
    assert drawn.read_text("utf-8") == (ROOT / "docs" / "img" / "who-gives-what.svg").read_text("utf-8")
