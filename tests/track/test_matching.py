"""The sparse assignment against scipy's dense one and against enumeration."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from foedus.track.matching import NOBODY, Matching, assign_pairs, make_matching

NO_PAIR = 1e9
"""Price of what may not be in scipy's dense matrix; far above any sum of true prices here."""


def fill(matching: Matching, pairs: list[list[tuple[int, float]]], misses: list[float]) -> None:
    """The pairs (column, cost) of each row, and what it costs to leave the row alone."""
    at = 0
    matching.starts[0] = 0
    for row, row_pairs in enumerate(pairs):
        for column, cost in row_pairs:
            matching.columns[at] = column
            matching.costs[at] = cost
            at += 1
        matching.starts[row + 1] = at
    matching.misses[: len(misses)] = misses


def total(pairs: list[list[tuple[int, float]]], misses: list[float], chosen: list[int]) -> float:
    """What a choice costs; the choice must name pairs that exist, and no column twice."""
    taken = [column for column in chosen if column != NOBODY]
    assert len(taken) == len(np.unique(taken))
    cost = 0.0
    for row_pairs, miss, column in zip(pairs, misses, chosen, strict=True):
        cost += miss if column == NOBODY else min(c for k, c in row_pairs if k == column)
    return cost


def best_by_enumeration(pairs: list[list[tuple[int, float]]], misses: list[float]) -> float:
    best = math.inf
    options = [[(NOBODY, miss), *row_pairs] for row_pairs, miss in zip(pairs, misses, strict=True)]
    for choice in itertools.product(*options):
        taken = [column for column, _ in choice if column != NOBODY]
        if len(taken) == len(np.unique(taken)):
            best = min(best, sum(cost for _, cost in choice))
    return best


def best_by_scipy(pairs: list[list[tuple[int, float]]], misses: list[float], columns: int) -> float:
    """Each row's own "alone" is a column that only it may take."""
    rows = len(pairs)
    dense = np.full((rows, columns + rows), NO_PAIR)
    for row, row_pairs in enumerate(pairs):
        for column, cost in row_pairs:
            dense[row, column] = min(cost, dense[row, column])
        dense[row, columns + row] = misses[row]
    at_row, at_column = linear_sum_assignment(dense)
    return float(dense[at_row, at_column].sum())


def assert_clean(matching: Matching) -> None:
    assert not matching.owners.any()
    assert not matching.prices.any()
    assert not matching.states.any()


def solve(
    matching: Matching, pairs: list[list[tuple[int, float]]], misses: list[float], cuts: int = 0
) -> list[int]:
    fill(matching, pairs, misses)
    assert assign_pairs(matching, len(pairs)) == cuts
    assert_clean(matching)
    return [int(column) for column in matching.chosen[: len(pairs)]]


COSTS = st.integers(-9, 9).map(float) | st.floats(-50.0, 50.0, width=32)


@given(st.lists(st.tuples(st.lists(st.tuples(st.integers(0, 4), COSTS), max_size=4), COSTS), max_size=5))
def test_no_choice_costs_less_by_enumeration(rows: list[tuple[list[tuple[int, float]], float]]) -> None:
    pairs, misses = [row[0] for row in rows], [row[1] for row in rows]
    chosen = solve(make_matching(5, 5, 20), pairs, misses)
    assert total(pairs, misses, chosen) == pytest.approx(best_by_enumeration(pairs, misses), abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "columns", "share"),
    [(60, 60, 0.05), (80, 40, 0.1), (40, 80, 0.3), (50, 50, 1.0), (120, 90, 0.02)],
)
def test_it_costs_what_scipy_finds_also_when_used_again(rows: int, columns: int, share: float) -> None:
    random = np.random.default_rng(rows * columns)
    matching = make_matching(rows, columns, rows * columns)
    for case in range(20):
        linked = random.random((rows, columns)) < share
        costs = random.uniform(-20.0, 20.0, (rows, columns))
        if case % 4 == 0:
            costs = np.round(costs / 5.0)  # ties
        misses = random.uniform(-10.0, 30.0, rows).tolist()
        pairs = [[(int(k), float(costs[i, k])) for k in np.flatnonzero(linked[i])] for i in range(rows)]
        chosen = solve(matching, pairs, misses)
        best = best_by_scipy(pairs, misses, columns)
        assert total(pairs, misses, chosen) == pytest.approx(best, abs=1e-7), case


def test_a_row_gives_way_when_another_has_more_to_lose() -> None:
    matching = make_matching(2, 2, 4)
    assert solve(matching, [[(0, 1.0), (1, 3.0)], [(0, 1.0), (1, 9.0)]], [20.0, 20.0]) == [1, 0]
    assert solve(matching, [[(0, 1.0)], [(0, 1.0)]], [2.0, 20.0]) == [NOBODY, 0]
    assert solve(matching, [[(0, 5.0)], []], [4.0, 4.0]) == [NOBODY, NOBODY]


def test_the_dearest_end_of_a_long_chain_is_found() -> None:
    """Row i may take column i or i + 1; the last row wants column 0 and pushes every other along."""
    rows = 50
    pairs = [[(i, 0.0), (i + 1, 0.1)] for i in range(rows)] + [[(0, 0.0)]]
    chosen = solve(make_matching(rows + 1, rows + 1, 200), pairs, [100.0] * (rows + 1))
    assert chosen == [*range(1, rows + 1), 0]


def test_a_value_that_is_no_number_is_no_pair() -> None:
    matching = make_matching(2, 2, 4)
    pairs = [[(0, math.nan), (1, 1.0)], [(0, math.inf), (1, 0.5)]]
    assert solve(matching, pairs, [5.0, 5.0]) == [NOBODY, 1]


def test_a_path_beyond_the_limit_is_cut_and_counted_and_nobody_shares_a_column() -> None:
    rows, reach = 30, 4
    pairs = [[(i, 0.0), (i + 1, 0.1)] for i in range(rows)] + [[(0, 0.0)]]
    matching = make_matching(rows + 1, rows + 1, 200, reach_max=reach)
    chosen = solve(matching, pairs, [100.0] * (rows + 1), cuts=1)
    assert chosen[:rows] == list(range(rows))
    assert chosen[rows] == NOBODY
    # The table is as good as new afterwards.
    assert solve(matching, [[(0, 1.0), (1, 3.0)], [(0, 1.0), (1, 9.0)]], [20.0, 20.0]) == [1, 0]


def test_crowds_beyond_the_limit_still_get_valid_choices() -> None:
    random = np.random.default_rng(5)
    rows = columns = 60
    matching = make_matching(rows, columns, rows * columns, reach_max=8)
    costs = random.uniform(0.0, 10.0, (rows, columns))
    pairs = [[(k, float(costs[i, k])) for k in range(columns)] for i in range(rows)]
    fill(matching, pairs, [50.0] * rows)
    assert assign_pairs(matching, rows) > 0
    assert_clean(matching)
    cost = total(pairs, [50.0] * rows, [int(k) for k in matching.chosen])
    assert best_by_scipy(pairs, [50.0] * rows, columns) <= cost < 50.0 * rows
