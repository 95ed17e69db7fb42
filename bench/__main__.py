"""`make bench`, or `python -m bench decode track release formats start network drill` for some of them."""

import importlib
import sys
from datetime import UTC, datetime

from bench.report import lines, machine

PARTS = ("decode", "track", "release", "formats", "start", "network", "drill")


def main() -> None:
    """Run the parts named, or all, and print one table each."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; medians of five unless the note says otherwise",
        flush=True,
    )
    for name in sys.argv[1:] or PARTS:
        if name not in PARTS:
            sys.exit(f"found {name!r}; expected some of {', '.join(PARTS)}")
        print(f"\n### {name}\n", flush=True)
        print("\n".join(lines(importlib.import_module(f"bench.{name}").run())), flush=True)


main()
