"""Every error that a user of foedus can meet, in one tree.

    FoedusError                 something a user can act on; the command line prints it and exits with 1
    ├── InputError              bad input from outside: where it stood, what was found, what was expected
    │   ├── DocumentError       a pact, network or other text file: file, line, path inside the document
    │   ├── FeedError           a recording or feed that cannot be read at all
    │   └── WireError           a message from another node that does not decode
    ├── LimitError              a limit of limits.py was reached where nothing may be dropped
    ├── JournalError            a journal or release log that is damaged or does not replay to the same digest
    └── SetupError              the machine lacks something: a port, a package, a file

Single records that are refused inside a readable feed raise nothing: they are counted by reason
(feeds.Refused). Broken assumptions inside are assertions.
"""


class FoedusError(Exception):
    """Root of the tree; its text is one clear sentence for a person."""


class InputError(FoedusError):
    """Bad input from outside.

    where: file and position, or name of the feed. found: the offending value. expected: in words.
    """

    def __init__(self, *, where: str, found: str, expected: str) -> None:
        self.where = where
        self.found = found
        self.expected = expected
        super().__init__(f"{where}: found {found}; expected {expected}")


class DocumentError(InputError):
    """A text document (pact, network) that says something it may not say.

    file: name as the user gave it. line: 1-based, 0 where the whole file is meant.
    path: place inside the document, such as `clause[3].form`, empty for the whole file.
    """

    def __init__(self, *, file: str, line: int, path: str, found: str, expected: str) -> None:
        self.file = file
        self.line = line
        self.path = path
        place = file + (f":{line}" if line else "") + (f": {path}" if path else "")
        super().__init__(where=place, found=found, expected=expected)


class FeedError(InputError):
    """A recording or feed that cannot be read at all."""


class WireError(InputError):
    """A message from another node that does not decode to what the wire allows."""


class LimitError(FoedusError):
    """A limit of limits.py was reached where nothing may be dropped."""

    def __init__(self, *, name: str, limit: int, asked: int) -> None:
        self.name = name
        self.limit = limit
        self.asked = asked
        super().__init__(f"limit {name} is {limit}, but {asked} were needed")


class JournalError(FoedusError):
    """A journal or release log that is damaged or does not replay to the recorded digest."""


class SetupError(FoedusError):
    """The machine lacks something foedus needs; the text says what to do."""
