"""The build hook with a stand-in for npm: when it builds, and what it says when it cannot."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_SPEC = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
hatch_build = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hatch_build)

# Python plays node: `node <script> <arguments>` runs one of these, and leaves a trace of what was asked.
STEP = "import sys; print(sys.argv[0], *sys.argv[1:3], file=open('asked', 'a'))"
BUILD = STEP + "; print('built', file=open('../web/console.html', 'w'))"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Console sources and an output folder, with stand-ins for npm, tsc and vite."""
    sources, output = tmp_path / "console", tmp_path / "web"
    output.mkdir()
    for path, text in {
        "src/console.tsx": "1",
        "package.json": "{}",
        "node_modules/typescript/bin/tsc": STEP,
        "node_modules/vite/bin/vite.js": BUILD,
    }.items():
        (sources / path).parent.mkdir(parents=True, exist_ok=True)
        (sources / path).write_text(text)
    npm = tmp_path / "npm.py"
    npm.write_text(STEP)
    monkeypatch.setattr(hatch_build, "find_node", lambda: (sys.executable, str(npm)))
    return sources, output, npm


def test_packages_types_and_build_come_in_that_order_and_without_package_scripts(project):
    sources, output, _ = project
    assert hatch_build.build_console(sources, output) is True
    asked = (sources / "asked").read_text().splitlines()
    assert [line.split()[0].rpartition("/")[2] for line in asked] == ["npm.py", "tsc", "vite.js"]
    assert asked[0].endswith("ci --ignore-scripts")


def test_nothing_is_built_again_until_a_source_changes(project):
    sources, output, _ = project
    hatch_build.build_console(sources, output)
    (sources / "asked").unlink()
    (output / hatch_build.STAMP).write_text(hatch_build.digest_of(sources))
    (sources / "node_modules" / "more").write_text("packages are no sources")
    assert hatch_build.build_console(sources, output) is False
    (sources / "src" / "console.tsx").write_text("2")
    assert hatch_build.build_console(sources, output) is True


def test_a_source_that_moves_is_a_change(project):
    sources, _, _ = project
    before = hatch_build.digest_of(sources)
    (sources / "src" / "console.tsx").rename(sources / "src" / "main.tsx")
    assert hatch_build.digest_of(sources) != before


def test_a_build_that_broke_is_not_taken_for_a_finished_one(project):
    sources, output, _ = project
    hatch_build.build_console(sources, output)
    (sources / "src" / "console.tsx").write_text("2")
    (sources / "node_modules/vite/bin/vite.js").write_text("import sys; sys.exit('no such import')")
    for _ in range(2):
        with pytest.raises(SystemExit, match=r"(?s)no such import.*build of the console failed"):
            hatch_build.build_console(sources, output)


@pytest.mark.parametrize("code", ["ENOTFOUND", "ECONNREFUSED", "SELF_SIGNED_CERT_IN_CHAIN", "E503"])
def test_a_registry_out_of_reach_is_one_sentence(project, code):
    sources, output, npm = project
    npm.write_text(f"import sys; sys.exit('npm error code {code}')")
    with pytest.raises(SystemExit) as stopped:
        hatch_build.build_console(sources, output)
    said = str(stopped.value)
    assert "npm registry" in said
    assert code in said
    assert "\n" not in said


def test_a_wheel_from_sources_without_the_console_keeps_what_was_built(tmp_path):
    output = tmp_path / "web"
    output.mkdir()
    with pytest.raises(SystemExit, match="expected one of them"):
        hatch_build.build_console(tmp_path / "console", output)
    (output / "console.html").write_text("built elsewhere")
    assert hatch_build.build_console(tmp_path / "console", output) is False


def test_the_lock_file_names_no_registry():
    text = (ROOT / "console" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert "registry." not in text
    assert text.count('"integrity"') > 20
