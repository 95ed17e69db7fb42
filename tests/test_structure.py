"""What a review would have to remember: import direction, sizes, leftovers, vocabulary, quick starts."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = sorted(
    path
    for folder in ("src", "tests", "bench", "scripts")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
WRITTEN = sorted(
    path
    for folder in (
        ".ci",
        "bench",
        "console",
        "docs",
        "drills",
        "incidents",
        "networks",
        "pacts",
        "scripts",
        "src",
        "tests",
    )
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
    and path.suffix in (".py", ".md", ".toml", ".ts", ".tsx", ".css", ".html", ".sh", ".json", "")
    and not {"node_modules", "__pycache__", "web"} & set(path.parts)
)

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_is_something_to_look_at():
    assert len(PYTHON) > 40
    assert ROOT / "src" / "foedus" / "node.py" in PYTHON
    assert ROOT / "networks" / "alpine.toml" in WRITTEN


def test_imports_point_one_way():
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_file_is_longer_than_a_reader_bears():
    long = [path for path in PYTHON if len(path.read_text("utf-8").splitlines()) > FILE_LINES_MAX]
    assert names(long) == []


def long_functions(source):
    """(name, lines) of functions beyond the limit; the lines of signature and docstring do not count."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = node.end_lineno - body[0].lineno + 1 if body else 0
            if lines > FUNCTION_LINES_MAX:
                found.append((node.name, lines))
    return found


def test_no_function_is_longer_than_a_screen():
    found = [
        (str(path.relative_to(ROOT)), *one)
        for path in PYTHON
        for one in long_functions(path.read_text("utf-8"))
    ]
    assert found == []


def test_a_long_function_would_be_found():
    body = "    x = 1\n" * (FUNCTION_LINES_MAX + 1)
    assert long_functions(f"def f():\n    'Says.'\n{body}") == [("f", FUNCTION_LINES_MAX + 1)]
    assert long_functions(f"def f():\n{body[10:]}") == []


LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX)\b")
MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+)/")


@pytest.mark.parametrize("pattern", [LEFTOVERS, MACHINE], ids=["leftovers", "paths of one machine"])
def test_nothing_is_left_lying_about(pattern):
    others = [path for path in WRITTEN if path != Path(__file__)]
    found = [path for path in others if pattern.search(path.read_text("utf-8", errors="replace"))]
    assert names(found) == []


def test_leftovers_would_be_found():
    assert LEFTOVERS.search("# TODO: later")
    assert MACHINE.search("open('/" + "work/main/x')")
    assert not MACHINE.search("https://example.org/work/x")


SKIPS = ("skip", "skipif", "xfail", "importorskip")


def quiet_skips(source):
    """Lines that skip a test, expect it to fail, or sleep."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if text in ("time.sleep", *(f"pytest.{word}" for word in SKIPS)) or text in [
                f"pytest.mark.{word}" for word in SKIPS
            ]:
                found.append((node.lineno, text))
    return found


def test_no_test_is_skipped_expected_to_fail_or_asleep():
    tests = [path for path in PYTHON if path.is_relative_to(ROOT / "tests")]
    found = [
        (str(path.relative_to(ROOT)), *one) for path in tests for one in quiet_skips(path.read_text("utf-8"))
    ]
    assert found == []
    assert quiet_skips("import pytest\n@pytest.mark.skipif(True)\ndef test(): pass") == [
        (2, "pytest.mark.skipif")
    ]


def test_test_files_have_names_of_their_own():
    stems = [path.stem for path in PYTHON if path.name.startswith("test_")]
    assert sorted(stems) == sorted(set(stems))


# ---------------------------------------------------------------- surveillance and warning, nothing else

ENGAGEMENT = re.compile(
    r"\b(weapons?|weaponry|engage(s|d|ments?)?|aim(ing)? ?points?|intercept(s|ed|ion|ions|ors?)?"
    r"|fire control|firing|shoot(s|ing|ers?)?|shot ?down|kill(s|ed|ing)?|lethal(ity)?|warheads?|munitions?"
    r"|effectors?|target (assignments?|pairings?)|neutrali[sz](e|es|ed|ation))\b",
    re.IGNORECASE,
)
"""Words of weapons control. A `target report` is the radar's word for a plot."""

DISCLAIMERS = (
    "Surveillance, warning and notification only",
    "nothing about weapons, engagement",
    "no weapons",
    "No weapons",
    "not for weapons",
)
"""A line that says what is not done may use the words."""


def words_of(identifier):
    """`aimPoint_m` as `aim point m`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", identifier).strip().lower()


def defined_names(tree):
    """Every name that a source file defines: classes, functions, arguments, fields, variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def engagement_words(source):
    """(line, word) of weapons control in the names that a source defines and in the texts that it holds."""
    tree = ast.parse(source)
    texts = list(defined_names(tree))
    texts += [
        (node.lineno, line)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for line in node.value.splitlines()
        if not any(words in line for words in DISCLAIMERS)
    ]
    return [(line, match[0]) for line, text in texts if (match := ENGAGEMENT.search(words_of(text)))]


def test_no_name_and_no_text_of_the_program_speaks_of_weapons_control():
    sources = [path for path in PYTHON if path.is_relative_to(ROOT / "src")]
    found = [
        (str(path.relative_to(ROOT)), *one)
        for path in sources
        for one in engagement_words(path.read_text("utf-8"))
    ]
    assert found == []


def test_no_screen_pact_or_network_speaks_of_weapons_control():
    texts = [
        path
        for path in WRITTEN
        if path.relative_to(ROOT).parts[0] in ("console", "drills", "incidents", "networks", "pacts")
    ]
    found = [
        (str(path.relative_to(ROOT)), number, match[0])
        for path in texts
        if path.suffix in (".ts", ".tsx", ".html", ".css", ".toml")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if not any(words in line for words in DISCLAIMERS)
        for match in [ENGAGEMENT.search(words_of(line))]
        if match
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "class WeaponAssignment: pass",
        "class A:\n    aim_point_m: float",
        "class A:\n    interceptGeometry: float",
        "def engage(track): pass",
        "def f(target_assignment): pass",
        "x = 'fire control solution'",
    ],
)
def test_a_planted_word_of_weapons_control_is_found(source):
    assert engagement_words(source)


def test_the_radars_own_words_are_allowed():
    assert engagement_words("x = '048 target report'\nclass Target: pass\ntargets = 1") == []


# ---------------------------------------------------------------- quick starts

HELP = """
import contextlib, io, sys
import click
from foedus.cli.main import cli

def helps(command, path):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        cli.main([*path, "--help"], prog_name="foedus")
    slow = sorted({"numba", "numpy", "pyarrow", "starlette"} & set(sys.modules))
    print(" ".join(path) or "foedus", *slow, sep="\\t")
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            helps(command.get_command(context, name), [*path, name])

helps(cli, [])
"""


def run_python(code):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_no_help_text_waits_for_numba():
    lines = run_python(HELP).splitlines()
    assert lines[0].split("\t")[0] == "foedus"
    assert len(lines) >= 6
    assert [line for line in lines if "numba" in line.split("\t")[1:]] == []


def test_checking_and_explaining_a_pact_does_not_wait_for_numba():
    pact = "pacts/alpine.toml"
    for call in (["pact", "check", pact], ["pact", "explain", pact]):
        code = (
            "import contextlib, io, sys\nfrom foedus.cli.main import cli\n"
            "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
            f"    cli.main({call!r})\n"
            "print('numba' in sys.modules)"
        )
        assert run_python(code).strip() == "False", call


def test_the_guard_does_not_wait_for_numba():
    assert run_python("import sys, foedus.guard\nprint('numba' in sys.modules)").strip() == "False"
