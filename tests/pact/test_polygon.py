"""Polygons of a pact: which cross themselves, which have area in common."""

from random import Random

import pytest

from foedus.pact.polygon import area_deg2, crosses_itself, overlap, vertices

SQUARE = vertices([(0, 0), (0, 2), (2, 2), (2, 0)])


@pytest.mark.parametrize(
    ("name", "polygon", "crosses"),
    [
        ("square", [(0, 0), (0, 2), (2, 2), (2, 0)], False),
        ("other way round", [(2, 0), (2, 2), (0, 2), (0, 0)], False),
        ("notched", [(0, 0), (0, 2), (2, 2), (1, 1)], False),
        ("bow tie", [(0, 0), (0, 2), (2, 0), (2, 2)], True),
        ("side without length", [(0, 0), (0, 2), (0, 2), (2, 0)], True),
        ("vertex twice", [(0, 0), (0, 2), (1, 1), (2, 2), (2, 0), (1, 1)], True),
        ("vertex on a side", [(0, 0), (0, 4), (2, 4), (0, 2), (2, 0)], True),
        ("spike folded back", [(0, 0), (0, 3), (0, 1), (2, 1)], True),
    ],
)
def test_a_polygon_that_touches_itself_is_found(
    name: str, polygon: list[tuple[float, float]], crosses: bool
) -> None:
    assert crosses_itself(vertices(polygon)) is crosses, name


@pytest.mark.parametrize(
    ("name", "other", "common"),
    [
        ("itself", [(0, 0), (0, 2), (2, 2), (2, 0)], True),
        ("corner inside", [(1, 1), (1, 3), (3, 3), (3, 1)], True),
        ("inside", [(0.5, 0.5), (0.5, 1), (1, 1)], True),
        ("round it", [(-1, -1), (-1, 3), (3, 3), (3, -1)], True),
        ("a cross", [(0.5, -1), (0.5, 3), (1, 3), (1, -1)], True),
        ("side by side", [(0, 2), (0, 4), (2, 4), (2, 2)], False),
        ("side by side, other vertices", [(-1, 2), (-1, 4), (3, 4), (3, 2)], False),
        ("corner to corner", [(2, 2), (2, 4), (4, 4), (4, 2)], False),
        ("apart", [(5, 5), (5, 6), (6, 6)], False),
        ("apart, boxes overlap", [(1.9, 3), (3, 1.9), (3, 3)], False),
    ],
)
def test_a_common_border_is_no_overlap(name: str, other: list[tuple[float, float]], common: bool) -> None:
    assert overlap(SQUARE, vertices(other)) is common, name
    assert overlap(vertices(other), SQUARE) is common, name


def test_the_area_is_that_of_the_rectangle() -> None:
    assert area_deg2(vertices([(1, 1), (1, 4), (3, 4), (3, 1)])) == 6


def test_boxes_overlap_as_their_intervals_say() -> None:
    random = Random(7)
    met = 0
    for _ in range(500):
        a, b = ([random.randint(0, 9) for _ in range(2)] for _ in range(2))
        da, db = ([random.randint(1, 5) for _ in range(2)] for _ in range(2))
        wanted = all(a[i] < b[i] + db[i] and b[i] < a[i] + da[i] for i in range(2))
        met += wanted
        assert overlap(box(a, da), box(b, db)) is wanted, (a, da, b, db)
    assert 50 < met < 450


def box(corner: list[int], size: list[int]) -> object:
    (south, west), (height, width) = corner, size
    return vertices(
        [(south, west), (south, west + width), (south + height, west + width), (south + height, west)]
    )
