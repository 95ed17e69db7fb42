"""What the umpire does at run time, and the journal of it: a run is the same again with the same acts.

shift   an inject comes so much later (by_s below 0: sooner)
skip    an inject is not played
play    an inject is played now, whatever its time and condition
pause   no inject is played until `resume`; what was still to come then comes that much later
freeze  the clock of the room stands until the umpire goes on; nothing changes for the nodes
jump    play on to that time as fast as the machine can; nothing changes for the nodes
rewind  go back to that time: the drill is played anew to there, without what was done after it
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from foedus.document import read_text
from foedus.drill.outcome import UmpireAct
from foedus.errors import InputError

ACTS: Final = ("shift", "skip", "play", "pause", "resume", "freeze", "jump", "rewind")
WITH_INJECT: Final = ("shift", "skip", "play")


def effective(acts: Sequence[UmpireAct]) -> tuple[UmpireAct, ...]:
    """The acts that count after every rewind, in order of time; a journal keeps those before it too."""
    kept: list[UmpireAct] = []
    for act in acts:
        if act.act == "rewind":
            kept = [one for one in kept if one.at_s <= act.to_s]
        else:
            kept.append(act)
    return tuple(sorted(kept, key=lambda one: one.at_s))


def check_acts(acts: Sequence[UmpireAct], injects: Sequence[str], *, where: str) -> None:
    """Nothing; InputError for the first act that no umpire of this drill could do."""
    for number, act in enumerate(acts, 1):
        place = f"{where}: act {number}"
        if act.act not in ACTS:
            raise InputError(where=place, found=repr(act.act), expected="one of " + ", ".join(ACTS))
        if act.act in WITH_INJECT and act.inject not in injects:
            raise InputError(where=place, found=f"inject {act.inject!r}", expected="the number of an inject")
        if act.at_s < 0.0 or (act.act in ("jump", "rewind") and act.to_s < 0.0):
            raise InputError(where=place, found="a time before the start", expected="seconds from the start")
        if act.act == "rewind" and act.to_s > act.at_s:
            raise InputError(where=place, found=f"a rewind to {act.to_s:g} s", expected="a time before it")


def write_acts(acts: Sequence[UmpireAct]) -> str:
    """The umpire's journal: one JSON object a line."""
    return "".join(msgspec.json.encode(act).decode() + "\n" for act in acts)


def parse_acts(text: str, *, file: str) -> tuple[UmpireAct, ...]:
    """The acts of an umpire's journal; InputError with the line of the first that is none."""
    acts = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            acts.append(msgspec.json.decode(line, type=UmpireAct))
        except msgspec.DecodeError as error:
            expected = 'an act such as {"at_s": 60, "act": "skip", "inject": "3"}'
            raise InputError(where=f"{file}:{number}", found=str(error), expected=expected) from None
    return tuple(acts)


def read_acts(path: Path) -> tuple[UmpireAct, ...]:
    """The acts of an umpire's journal in a file."""
    return parse_acts(read_text(path), file=str(path))
