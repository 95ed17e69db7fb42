"""The core reads no clock, no chance and no environment, does no I/O, and takes no order from memory."""

from pathlib import Path

import pytest

from purity import findings

SOURCE = Path(__file__).parents[1] / "src" / "foedus"

CORE = (
    "borrow", "document", "errors", "facts", "feeds", "formats", "geo", "guard", "guard_places",
    "guard_reading", "guard_warning", "intake", "judge", "knowledge", "labels", "limits", "model",
    "network", "node", "outflow", "own_watch", "pact", "partners", "people", "releases", "score",
    "standing", "track", "trust", "view", "watch", "watchkeeping", "wire",
)  # fmt: skip
SHELL = ("__init__", "__main__", "audit", "cli", "drill", "jit", "journal", "live", "report", "station")
"""What may do I/O: `jit` finds its cache, the rest is the shell round the core."""


TO_MEMORY = (
    ("arrow.py", "touches files: .write_table()"),
    ("tabular.py", "touches files: .write_csv()"),
    ("tabular.py", "touches files: .write_table()"),
)
"""Writers of Arrow that are given a buffer in memory; the command writes the bytes."""


def files(part):
    path = SOURCE / part
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def test_every_part_is_either_core_or_shell():
    parts = {path.stem for path in SOURCE.glob("*.py")} | {
        path.parent.name for path in SOURCE.glob("*/__init__.py")
    }
    assert parts <= set(CORE) | set(SHELL)
    assert set(CORE) <= parts
    assert not set(CORE) & set(SHELL)


@pytest.mark.parametrize("part", CORE)
def test_the_core_is_pure(part):
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {words}"
        for path in files(part)
        for line, words in findings(path.read_text(encoding="utf-8"))
        if (path.name, words) not in TO_MEMORY
    ]
    assert found == []


def test_chance_in_the_drill_comes_from_a_generator_passed_in():
    for path in files("drill"):
        text = path.read_text(encoding="utf-8")
        assert "import random" not in text
        assert "default_rng()" not in text
        assert "np.random.seed" not in text


PLANTED = {
    "import time": "imports time",
    "from time import time": "imports time.time",
    "import datetime as d\nx = d.datetime.now()": "reads the clock: datetime.datetime.now()",
    "from datetime import datetime\nx = datetime.utcnow()": "reads the clock: datetime.datetime.utcnow()",
    "from datetime import date as day\nx = day.today()": "reads the clock: datetime.date.today()",
    "import random": "imports random",
    "import secrets": "imports secrets",
    "from uuid import uuid4": "imports uuid.uuid4",
    "import os\nx = os.environ['A']": "imports os",
    "from os import environ": "imports os.environ",
    "import numpy as np\nx = np.random.default_rng()": "uses numpy.random",
    "from numpy import random": "imports numpy.random",
    "import numpy.random as r": "imports numpy.random",
    "import socket": "imports socket",
    "import asyncio": "imports asyncio",
    "import threading": "imports threading",
    "x = open('f')": "calls open()",
    "def parse_pact():\n    return open('f')": "calls open()",
    "from pathlib import Path\nx = Path('f').read_text()": "touches files: .read_text()",
    "print('here')": "calls print()",
    "x = hash('a')": "calls hash()",
    "x = sorted([], key=lambda y: id(y))": "calls id()",
    "for x in {1, 2}: pass": "takes the order of a set: {1, 2}",
    "x = [y for y in set('ab')]": "takes the order of a set: set('ab')",
    "x = {y: 1 for y in frozenset('ab')}": "takes the order of a set: frozenset('ab')",
    "s = {1}\nfor x in s: pass": "takes the order of a set: s",
    "def f(s: set[int]):\n    return list(s)": "takes the order of a set: s",
    "def f(s: 'frozenset[int]'):\n    return [*s]": "takes the order of a set: s",
    "s = {1} | {2}\nx = tuple(s)": "takes the order of a set: s",
    "d = {}\nfor x in d.keys() - {1}: pass": "takes the order of a set: d.keys() - {1}",
    "s = {'a'}\nx = ','.join(s)": "takes the order of a set: s",
    "s = {1}\nx = s.pop()": "takes the order of a set: s.pop()",
    "s = {1}\nfor x in s.union({2}): pass": "takes the order of a set: s.union({2})",
    "class A:\n def f(self):\n  return list(self.s)\n def __init__(self):\n  self.s: set[int] = set()":
        "takes the order of a set: self.s",
    "for i, x in enumerate({1, 2}): pass": "takes the order of a set: {1, 2}",
}  # fmt: skip


@pytest.mark.parametrize("source", PLANTED)
def test_a_planted_fault_is_found(source):
    assert [words for _, words in findings(source)].count(PLANTED[source]) >= 1


@pytest.mark.parametrize(
    "source",
    [
        "from pathlib import Path\ndef load_pact(path: Path):\n    return path.read_bytes()",
        "def read_pact(path):\n    with open(path) as file:\n        return file.read()",
        "from datetime import datetime, UTC\nx = datetime(2018, 8, 1, tzinfo=UTC)",
        "s = {1, 2}\nx = sorted(s)\ny = len(s)\nz = 1 in s\nw = {a for a in s}\nv = max(s)",
        "d = {'a': 1}\nfor k in d: pass\nfor k, v in d.items(): pass",
        "def f(s: set[int]):\n    return [x for x in sorted(s)]\n\ndef g(s: list[int]):\n    return list(s)",
        "x = 3\ny = x.numerator\nlist_ = [1]\nz = list_.pop()",
    ],
)
def test_what_is_allowed_is_not_flagged(source):
    assert findings(source) == []


def test_the_line_is_told():
    assert findings("x = 1\n\nimport time\n") == [(3, "imports time")]
