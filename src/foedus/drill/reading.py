"""A drill file in, a checked `Drill` out: what a schema cannot say, with the line of each mistake."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from foedus.document import Place, error_at, name_found, parse_document, read_text, suggest
from foedus.drill.script import WORDS, Effect, parse_condition, parse_csv, parse_effect
from foedus.drill.text import Drill, Event, Inject, Objective, Target
from foedus.errors import InputError
from foedus.limits import SENSORS_MAX
from foedus.model import SensorKind
from foedus.network import sensor_fault

MEASURES: Final = ("known_min", "shown_min", "acknowledged_min", "missed", "false_warnings")
"""What an objective may measure; the first three of a member, in minutes before arrival."""

AT_LEAST: Final = ("known_min", "shown_min", "acknowledged_min")
"""Measures of which more is better."""


def parse_drill(text: str, *, file: str, script: Sequence[Inject] = ()) -> Drill:
    """The drill in a TOML text, checked in itself; DocumentError with line and path for the first mistake.

    script: rows of the CSV file that it names; they take the place of its `msel`.
    """
    drill = parse_document(text, Drill, file=file)
    _Checker(text, file, drill).check(script)
    return msgspec.structs.replace(drill, msel="", inject=tuple(script)) if script else drill


def read_drill(path: Path) -> Drill:
    """The drill in a file, with the script that it names beside it."""
    text = read_text(path)
    named = parse_document(text, Drill, file=str(path)).msel
    if not named:
        return parse_drill(text, file=str(path))
    if Path(named).is_absolute() or ".." in Path(named).parts:
        expected = "a CSV file beside this one"
        raise error_at(text, ("msel",), file=str(path), found=name_found(named), expected=expected)
    beside = path.parent / named
    return parse_drill(text, file=str(path), script=parse_csv(read_text(beside), file=str(beside)))


class _Checker:
    """The checks of one drill file."""

    def __init__(self, text: str, file: str, drill: Drill) -> None:
        self._text = text
        self._file = file
        self._drill = drill
        self._members = [one.id for one in drill.member]
        self._sensors = [one.sensor.id for one in drill.site]
        self._targets = [one.id for one in drill.target]
        self._events = [one.id for one in drill.event]

    def check(self, script: Sequence[Inject]) -> None:
        drill = self._drill
        for table, ids in (
            ("member", self._members),
            ("target", self._targets),
            ("event", self._events),
            ("zone", [one.id for one in drill.zone]),
            ("objective", [one.id for one in drill.objective]),
        ):
            self.unique(table, ids)
        self.sites()
        for index, zone in enumerate(drill.zone):
            if zone.owner is None:
                self.fail(("zone", index), "no owner", "the member whose zone it is")
            self.known(("zone", index, "owner"), zone.owner or "", self._members)
        for index, target in enumerate(drill.target):
            self.target(index, target)
        for index, event in enumerate(drill.event):
            self.event(index, event)
        self.tables()
        for index, objective in enumerate(drill.objective):
            self.objective(index, objective)
        if script and drill.inject:
            self.fail(("inject",), "a script here and in msel", "one of both")
        self.script(script or drill.inject, beside=bool(script))

    def fail(self, place: Place, found: str, expected: str) -> None:
        raise error_at(self._text, place, file=self._file, found=found, expected=expected)

    def unique(self, table: str, ids: list[str]) -> None:
        for index, name in enumerate(ids):
            if name in ids[:index]:
                self.fail((table, index, "id"), f"{name!r} a second time", "an id of its own")

    def known(self, place: Place, name: str, names: Sequence[str]) -> None:
        if name not in names:
            self.fail(place, repr(name), suggest(name, names))

    def sites(self) -> None:
        count: dict[str, int] = {}
        for index, site in enumerate(self._drill.site):
            self.known(("site", index, "member"), site.member, self._members)
            place: Place = ("site", index, "sensor")
            if site.sensor.id in self._sensors[:index]:
                self.fail((*place, "id"), f"{site.sensor.id!r} a second time", "an id of its own")
            fault = sensor_fault(site.sensor)
            if fault is not None:
                self.fail((*place, fault[0]), fault[1], fault[2])
            if site.sensor.kind is SensorKind.RADAR and site.sensor.range_max_m > 472_000:
                found = f"{site.sensor.range_max_m:g}"
                self.fail((*place, "range_max_m"), found, "at most 472000, what category 048 can say")
            count[site.member] = count.get(site.member, 0) + 1
            if count[site.member] > SENSORS_MAX:
                self.fail(place, f"sensor {count[site.member]}", f"at most {SENSORS_MAX} at one member")

    def target(self, index: int, target: Target) -> None:
        place: Place = ("target", index)
        if bool(target.waypoint) == (target.arc is not None):
            found = "waypoints and an arc" if target.arc else "neither waypoints nor an arc"
            self.fail(place, found, "one of both")
        if len(target.waypoint) == 1:
            self.fail((*place, "waypoint"), "1 waypoint", "two or more")
        for row, (one, two) in enumerate(itertools.pairwise(target.waypoint), 1):
            if two.after_s <= one.after_s:
                there: Place = (*place, "waypoint", row, "after_s")
                self.fail(there, f"{two.after_s:g}", f"more than {one.after_s:g}, the one before")
        if target.event:
            self.known((*place, "event"), target.event, self._events)
        for sensor in target.only:
            self.known((*place, "only"), sensor, self._sensors)
        self.seconds((*place, "at_s"), target.at_s)
        if target.address:
            try:
                good = 0 < int(target.address, 16) < 1 << 24
            except ValueError:
                good = False
            if not good:
                self.fail((*place, "address"), repr(target.address), "six hexadecimal digits, as 4B1234")

    def event(self, index: int, event: Event) -> None:
        place: Place = ("event", index)
        for row, cue in enumerate(event.cue):
            self.known((*place, "cue", row, "party"), cue.party, self._members)
        self.seconds((*place, "attributed_after_s"), event.attributed_after_s)
        self.seconds((*place, "over_after_s"), event.over_after_s)

    def seconds(self, place: Place, value: float | None) -> None:
        if value is not None and not 0.0 <= value <= self._drill.lasts_s:
            self.fail(place, f"{value:g}", f"0 to {self._drill.lasts_s:g}, when the drill ends")

    def tables(self) -> None:
        drill = self._drill
        for index, link in enumerate(drill.links.between):
            place: Place = ("links", "between", index)
            self.known((*place, "a"), link.a, self._members)
            self.known((*place, "b"), link.b, self._members)
            if link.a == link.b:
                self.fail((*place, "b"), repr(link.b), "another member than a")
        for index, cell in enumerate(drill.people.at):
            self.known(("people", "at", index, "member"), cell.member, self._members)
        traffic = drill.traffic
        if traffic.flights and (
            traffic.south_deg >= traffic.north_deg or traffic.west_deg >= traffic.east_deg
        ):
            self.fail(("traffic",), "a box without inside", "south below north and west below east")
        if traffic.height_m_min > traffic.height_m_max:
            self.fail(("traffic", "height_m_min"), f"{traffic.height_m_min:g}", "at most height_m_max")
        if drill.tick_s * 5 != round(drill.tick_s * 5):
            self.fail(("tick_s",), f"{drill.tick_s:g}", "a multiple of 0.2, the grid of the drill")

    def objective(self, index: int, objective: Objective) -> None:
        place: Place = ("objective", index)
        name, _, who = objective.measure.partition(" ")
        self.known((*place, "measure"), name, MEASURES)
        if name in AT_LEAST:
            self.known((*place, "measure"), who, self._members)
        elif who:
            self.fail((*place, "measure"), repr(objective.measure), f"{name} alone")
        falling = name in AT_LEAST
        marks = (objective.p, objective.s, objective.m)
        if list(marks) != sorted(marks, reverse=falling):
            found = f"p, s, m of {', '.join(f'{mark:g}' for mark in marks)}"
            self.fail((*place, "p"), found, "falling marks" if falling else "rising marks")

    # ------------------------------------------------------------ the script

    def script(self, injects: Sequence[Inject], *, beside: bool) -> None:
        numbers = [one.number for one in injects]
        for index, one in enumerate(injects):
            place: Place = ("msel",) if beside else ("inject", index)
            row = f"row {one.number}: " if beside else ""
            try:
                self.inject(place, one, numbers, index)
            except InputError as error:
                if error.where not in ("inject", "condition"):
                    raise
                there: Place = place if beside else (*place, error.where)
                self.fail(there, row + error.found, error.expected)

    def inject(self, place: Place, one: Inject, numbers: list[str], index: int) -> None:
        if not one.number or one.number in numbers[:index]:
            found = f"{one.number!r} a second time" if one.number else "no number"
            self.fail((*place, "number"), found, "a number of its own")
        called = [other for other in numbers if other == one.contingency]
        if one.contingency and (not called or one.contingency == one.number):
            self.fail((*place, "contingency"), repr(one.contingency), "the number of another inject")
        if one.contingency and not one.condition:
            self.fail((*place, "contingency"), "no condition", "a condition that may fail")
        self.seconds((*place, "time_s"), one.time_s)
        for who in one.to.split(","):
            self.known((*place, "to"), who.strip(), ("all", *self._members))
        if one.objective:
            self.known((*place, "objective"), one.objective, [each.id for each in self._drill.objective])
        for term in parse_condition(one.condition):
            if term.what != "declared":
                self.word("condition", term.who, self._members)
        self.effect(parse_effect(one.inject))

    def word(self, where: str, word: str, words: Sequence[str]) -> None:
        if word not in words:
            raise InputError(where=where, found=name_found(word), expected=suggest(word, words))

    def effect(self, effect: Effect) -> None:
        known = {
            "target": self._targets,
            "sensor": self._sensors,
            "member": self._members,
            "event": self._events,
            "what": ("met", "approved", "exit", "suspended", "resumed", "casus", "joined", "left"),
        }
        for kind, argument in zip(WORDS[effect.verb].arguments, effect.arguments, strict=True):
            if kind == "members":
                for member in argument.split(","):
                    self.word("inject", member, self._members)
            elif kind in known:
                self.word("inject", argument, known[kind])
