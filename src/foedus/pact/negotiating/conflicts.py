"""The smallest sets of requirements that no package meets together."""

from collections.abc import Iterable, Sequence

from foedus.errors import LimitError
from foedus.limits import CONFLICT_STEPS_MAX


def smallest_conflicts(unmet: Iterable[int]) -> tuple[int, ...]:
    """All conflicting sets of the least size, as bit sets in order of value; none if some package meets all.

    unmet: for every package the bit set of the requirements that it does not meet. A set of requirements
    conflicts where every package leaves one of them unmet: where it hits all of these bit sets. LimitError
    where the search takes more than CONFLICT_STEPS_MAX steps.
    """
    kept = _least(unmet)
    if not kept or kept[0] == 0:
        return ()
    search = _Search(kept)
    size = 1
    while not search.found:
        search.hit(0, 0, size)
        size += 1
    return tuple(sorted(search.found))


def _least(masks: Iterable[int]) -> list[int]:
    """The masks that hold no other one, the smallest first: what hits these hits all."""
    kept: list[int] = []
    for mask in sorted(dict.fromkeys(masks), key=lambda one: (one.bit_count(), one)):
        if not any(small & mask == small for small in kept):
            kept.append(mask)
    return kept


class _Search:
    """Depth-first, always at the smallest set not hit yet; a requirement tried before is not tried again."""

    def __init__(self, masks: Sequence[int]) -> None:
        self.found: list[int] = []
        self._masks = masks
        self._steps = 0

    def hit(self, chosen: int, barred: int, left: int) -> None:
        """Collects every hitting set of the masks with `chosen`, without `barred`, with `left` more."""
        self._steps += 1
        if self._steps > CONFLICT_STEPS_MAX:
            raise LimitError(name="CONFLICT_STEPS_MAX", limit=CONFLICT_STEPS_MAX, asked=self._steps)
        mask = next((one for one in self._masks if not one & chosen), None)
        if mask is None:
            self.found.append(chosen)
            return
        if not left:
            return
        open_bits = mask & ~barred
        while open_bits:
            bit = open_bits & -open_bits
            open_bits ^= bit
            self.hit(chosen | bit, barred, left - 1)
            barred |= bit
