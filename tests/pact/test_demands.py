"""What a pact demands, remembered by kind of situation: as if each were judged alone."""

from pathlib import Path

import pytest

from drafts import AT, CLAUSES_2023, clause, draft_2023, draft_2025
from foedus.pact.comparing.align import as_promised
from foedus.pact.comparing.demands import Demands, subjects
from foedus.pact.comparing.differences import Field
from foedus.pact.comparing.strength import Deadline
from foedus.pact.reading.text import read_pact
from foedus.pact.words import Truth

LIBRARY = Path(__file__).parents[2] / "pacts" / "library"

PROVOKED = CLAUSES_2023["C1"] + 'exclude = ["self_provoked"]\nclasses = ["cruise"]\n'
RESERVED = clause(
    "R1", "reservation", by="US", on=["A1"], form="understanding", effect="exclude",
    where='{ provoked = "yes", object = ["forces"], attacker = ["IR"] }',
)  # fmt: skip


@pytest.mark.parametrize(
    "pacts",
    [
        (draft_2023(), draft_2025()),
        (draft_2023(C1=PROVOKED), draft_2023(R1=RESERVED)),
        (read_pact(LIBRARY / "rsc.toml"), read_pact(LIBRARY / "us-sa-2023.toml")),
    ],
    ids=["drafts", "provoked, class and reservation", "library"],
)
def test_remembered_by_kind_or_judged_alone_the_demands_are_the_same(pacts):
    texts = tuple(as_promised(pact) for pact in pacts)
    field = Field(texts, at=AT)
    asked = field.asked._replace(classes=field.asked.classes[:2], places=field.asked.places[:2])
    for text in texts:
        remembered = Demands(text, asked)
        for cell in field.cells:
            remembered(cell.situation)
        for cell in field.cells[:: max(1, len(field.cells) // 60)]:
            assert remembered(cell.situation) == Demands(text, asked)(cell.situation)


def demands(pact, **found):
    text = as_promised(pact)
    field = Field((text,), at=AT)
    of = Demands(text, subjects((text,)))
    return [
        (cell.situation, one)
        for cell in field.cells
        for one in of(cell.situation)
        if all(getattr(one, name) == value for name, value in found.items())
    ]


def test_a_vague_word_counts_with_the_value_that_the_file_gives_it():
    limits = {one.deadline for _, one in demands(draft_2025(), kind="warn")}
    assert limits == {Deadline("immediately", 120.0)}


def test_nobody_named_is_a_fact_and_an_unknown_term_a_gap_of_the_text():
    found = demands(draft_2023(), kind="regard", most=Truth.UNDETERMINED)
    assert {situation.attacker for situation, _ in found} == {"unattributed"}
    assert {(one.least, one.unknown) for _, one in found} == {(Truth.UNDETERMINED, ())}
    hidden = CLAUSES_2023["C1"].replace('["external"]', '["unknown"]')
    found = demands(draft_2023(C1=hidden), kind="regard", least=Truth.NO)
    assert {one.unknown for _, one in found} == {("C1.by",)}


def test_data_are_given_by_class_as_the_share_says():
    matters = {one.matter for _, one in demands(draft_2023(), kind="data")}
    assert matters == {f"intelligence of class {name}" for name in ("ballistic", "cruise", "uas")}


def test_a_share_of_unknown_form_is_a_demand_whose_form_is_unknown():
    hidden = CLAUSES_2023["S1"].replace('form = "region"', 'form = "unknown"')
    found = demands(draft_2023(S1=hidden), kind="data", says="unknown")
    assert found
    assert {one.unknown for _, one in found} == {("S1.form",)}


def test_each_act_that_a_party_refrains_from_is_a_demand_of_its_own():
    two = clause("B1", "forbear", by="SA", acts=["aggression", "third_state_bases"])
    matters = {one.matter for _, one in demands(draft_2023(B1=two), kind="forbear")}
    assert matters == {"aggression toward any", "third_state_bases toward any"}
