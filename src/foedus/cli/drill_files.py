"""What the commands on drills share: where a pact stands that is asked for by its name."""

from pathlib import Path

from foedus.document import suggest
from foedus.errors import InputError
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import is_open


def pact_named(name: str, drill_file: Path) -> Pact:
    """The pact of a file, or of a name such as rsc or us-sa-2025+warn, beside the drill or in the library.

    InputError where there is none, or where the text still leaves a choice.
    """
    pact = read_pact(_file_of(name, drill_file))
    if is_open(pact):
        found = f"open brackets {', '.join(bracket.id for bracket in pact.bracket)}"
        expected = "one text without them; `foedus pact expand` writes its variants"
        raise InputError(where=f"pact {name}", found=found, expected=expected)
    return pact


def _file_of(name: str, drill_file: Path) -> Path:
    if name.endswith(".toml"):
        return Path(name)
    folders = (
        drill_file.parent / "pacts",
        drill_file.parent.parent / "pacts" / "library",
        drill_file.parent.parent / "pacts",
        Path("pacts") / "library",
    )
    file = name.replace("+", "-") + ".toml"
    for folder in folders:
        if (folder / file).is_file():
            return folder / file
    known = sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.toml")})
    raise InputError(where="--pact", found=repr(name), expected="a file, or " + suggest(name, known))
