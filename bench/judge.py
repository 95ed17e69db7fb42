"""Every planted bug, the first seed at which the judge catches it, and its word on the correct program.

Run: python -m bench.judge [--seeds 500] [--correct 200] [--first 1]. The correct drill is that of the tests.
"""

import argparse
import time

from tests.judge.planted import PACT, PLANTS, correct, first_seed

from foedus.judge.finding import accusations
from foedus.judge.judge import judge


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="seeds at most for each planted bug")
    parser.add_argument("--correct", type=int, default=200, help="seeds of the correct program")
    parser.add_argument("--first", type=int, default=1, help="first seed")
    args = parser.parse_args()
    caught = 0
    for plant in PLANTS:
        seed = first_seed(plant, range(args.first, args.first + args.seeds))
        caught += seed is not None
        print(f"{plant.name:48} {'not caught' if seed is None else f'seed {seed}'}", flush=True)
    if args.seeds:
        print(f"{caught} of {len(PLANTS)} planted bugs caught within {args.seeds} seeds")
    began_s, accused = time.process_time(), []
    for seed in range(args.first, args.first + args.correct):
        found = accusations(judge(PACT, correct(seed)))
        accused += [(seed, one) for one in found]
    for seed, one in accused:
        print(seed, one)
    spent_s = time.process_time() - began_s
    print(f"correct program: {len(accused)} findings on {args.correct} seeds, {spent_s:.0f} s of CPU")


if __name__ == "__main__":
    main()
