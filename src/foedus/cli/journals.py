"""Which journals a command line means."""

from pathlib import Path

from foedus.errors import JournalError

SUFFIX = ".journal"


def journals_of(paths: tuple[Path, ...]) -> list[Path]:
    """The journals named, those in a folder by name; JournalError where a folder holds none."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise JournalError(f"{path}: found no *{SUFFIX}; expected a folder that `foedus run` wrote")
        found += inside
    return found
