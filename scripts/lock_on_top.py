"""Leave in the second lock file only what the first does not pin: `lock_on_top.py run.lock report.lock`."""

import re
import sys
from pathlib import Path

PACKAGE = re.compile(r"^(?=[a-z0-9])", re.MULTILINE)


def packages(text):
    """The blocks of a lock file, one a package, by name."""
    return {block.split("==")[0]: block for block in PACKAGE.split(text) if "==" in block}


if __name__ == "__main__":
    below, on_top = map(Path, sys.argv[1:])
    pinned = packages(below.read_text())
    rest = [block for name, block in packages(on_top.read_text()).items() if name not in pinned]
    on_top.write_text("".join(rest))
