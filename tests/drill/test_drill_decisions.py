"""What a run keeps of its release logs: rows and messages by clause, refusals with their reason."""

from foedus.audit import Leaf, encode_leaf
from foedus.drill.decisions import Decisions
from foedus.journal import Record
from foedus.wire import Verdicts


def leaf(number, *verdicts, refused="", **changes):
    return Leaf(
        number=number, time_ns=number, recipient="SUD", sequence=number, kind="picture", subject="",
        message=b"", pact="", refused=refused, verdicts=tuple(Verdicts(*one) for one in verdicts), **changes,
    )  # fmt: skip


def decided(*leaves):
    decisions = Decisions()
    rows = tuple((one.number, encode_leaf(one), bytes(32)) for one in leaves)
    decisions.count("NOR", Record(b"", b"", rows, b"", ()))
    return [
        (one.sender, one.recipient, one.clause, one.form, one.rows, one.messages, one.refused)
        for one in decisions.decided()
    ]


def test_rows_are_summed_by_clause_and_form_and_no_rows_are_no_decision():
    first = leaf(1, ("S1", 4, 3), ("", 0, 2))
    second = leaf(2, ("S1", 4, 5), ("S1", 2, 1), ("H1", 0, 0))
    assert decided(first, second) == [
        ("NOR", "SUD", "", 0, 2, 1, ""), ("NOR", "SUD", "S1", 2, 1, 1, ""), ("NOR", "SUD", "S1", 4, 8, 2, ""),
    ]  # fmt: skip


def test_a_refused_message_is_counted_under_the_clause_against_it():
    refusal = leaf(1, refused="finer than the tearline", asked="W1", against="R1")
    assert decided(refusal) == [("NOR", "SUD", "R1", 0, 0, 1, "finer than the tearline")]
