"""Tables, guard and naive reading agree on random pacts with facts; `python -m bench.agree` asks 100,000."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
from bench.agree import differing, pairs_of

from foedus.model import TrackClass
from foedus.pact import force
from foedus.pact.tables import compile as compile_module
from foedus.pact.tables import rules
from foedus.pact.tables.kernels import CLASSES

SEEDS = 400


def test_the_kernels_know_every_class() -> None:
    assert len(TrackClass) == CLASSES


@pytest.mark.parametrize("part", range(4))
def test_form_clause_and_delay_are_those_of_the_text(part: int) -> None:
    seeds = range(900_000 + part * SEEDS, 900_000 + (part + 1) * SEEDS)
    pairs = [pair for seed in seeds for pair in pairs_of(seed)]
    assert list(differing(iter(pairs)))[:3] == []
    given = [pair for pair in pairs if pair.tables.form > 0]
    assert len(given) > len(pairs) / 10
    assert sum(pair.guard is not None for pair in pairs) > len(pairs) / 10
    assert any(pair.tables.delay_s > 0 for pair in given)


def _without(field: str, value: object) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A reading that loses one field of every rule."""
    return lambda rules_of: lambda *about: tuple(rule._replace(**{field: value}) for rule in rules_of(*about))


PLANTED = {
    "precedence": (compile_module, "outranks", lambda _: rules.narrower),
    "narrowness": (compile_module, "outranks", lambda _: lambda a, b: bool(a.over >> b.clause & 1)),
    "casus in narrowness": (compile_module, "rules_of", _without("casus", "")),
    "delay": (compile_module, "rules_of", _without("delay_ns", 0)),
    "kind of data": (compile_module, "rules_of", _without("data", 0)),
    "suspension": (compile_module, "rules_of", _without("barred", ())),
    "area": (compile_module, "rules_of", _without("zones", rules.ANYWHERE)),
    "who may declare": (force, "may_determine", lambda _: lambda *about: True),
    "whom a declaration means": (force, "_is_meant", lambda _: lambda *about: force.Truth.YES),
    "dates": (force, "dated", lambda _: lambda clause, time_ns: force.CLEAR),
    "roster": (force, "_exit", lambda _: lambda *about: force.CLEAR),
    "milestones": (force, "milestone_met", lambda _: lambda *about, **when: True),
    "approvals": (force, "_approved", lambda _: lambda *about: force.CLEAR),
    "required steps": (force, "_required", lambda _: lambda *about: ()),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_reading_that_forgets_something_is_found_out(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, forget = PLANTED[what]
    monkeypatch.setattr(module, name, forget(getattr(module, name)))
    pairs = chain.from_iterable(pairs_of(seed) for seed in range(800_000, 801_200))
    assert next(differing(pairs), None) is not None
