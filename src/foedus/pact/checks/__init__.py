"""Static checks of pacts, alone and together: what a drafter should know before anyone signs.

run.py lists them; one module for each family. Exact over the finite product of universe.py, by enumeration.
"""

from foedus.pact.checks.finding import Finding
from foedus.pact.checks.reciprocity import Balance, reciprocity
from foedus.pact.checks.run import CHECKS, check_all, check_channels, check_pact, examine

__all__ = [
    "CHECKS",
    "Balance",
    "Finding",
    "check_all",
    "check_channels",
    "check_pact",
    "examine",
    "reciprocity",
]
