"""Random small negotiations, and what they can end in, worked out slowly and from the document alone.

Nothing of negotiate.py, packages.py or conflicts.py is used here: every package against every requirement,
every package against every other, every set of requirements by size.
"""

from itertools import combinations, product

from foedus.pact.negotiating.positions import (
    Concession,
    Demand,
    Link,
    Negotiation,
    PackageTerm,
    Position,
    Positions,
    Preference,
    RedLine,
)
from foedus.pact.reading.text import parse_pact

NO, OPEN, YES = 0, 1, 2
HEAD = """
foedus = 1
pact = "small"
version = "1"
title = "t"
date = 2024-01-01
basis = { instrument = "x", binding = "none", evidence = "stylised" }
state = [{ id = "X", name = "X" }]
party = [
  { id = "A", name = "A", role = "member" },
  { id = "B", name = "B", role = "member" },
  { id = "C", name = "C", role = "member" },
]
"""


def _clause(head, option):
    chosen = f'option = ["{option}"]\n' if option else ""
    return f'[[clause]]\ntext = "t"\ncite = "c"\nbasis = "stylised"\n{chosen}{head}\n'


def random_draft(rng):
    """(text of a draft, assists): assists are (debtor, creditor, option, truth); steps (party, option)."""
    brackets = [(f"K{i}", [f"c{j}" for j in range(rng.integers(2, 4))]) for i in range(rng.integers(1, 4))]
    options = ["", *(f"{name}:{choice}" for name, choices in brackets for choice in choices)]
    text = HEAD
    for name, choices in brackets:
        listed = ", ".join(f'"{choice}"' for choice in choices)
        text += f'[[bracket]]\nid = "{name}"\nsays = "s"\nchoices = [{listed}]\n'
    for name, by in (("CY", "any"), ("CU", "unknown")):
        text += _clause(
            f'id = "{name}"\nkind = "casus"\nevent = ["attack"]\nobject = ["any"]\nof = "any"\nby = ["{by}"]',
            "",
        )
    assists = []
    for i in range(rng.integers(1, 4)):
        debtor, creditor = rng.permutation(["A", "B", "C"])[:2]
        option, unknown = options[rng.integers(len(options))], rng.random() < 0.5
        assists.append((debtor, creditor, option, OPEN if unknown else YES))
        text += _clause(
            f'id = "D{i}"\nkind = "assist"\ncasus = "{"CU" if unknown else "CY"}"\nby = ["{debtor}"]\n'
            f'to = ["{creditor}"]\nstandard = "decide_jointly"\ndiscretion = "none"',
            option,
        )
    steps = []
    for i, party in enumerate("AB"):
        option = options[rng.integers(len(options))]
        steps.append((party, option))
        text += _clause(f'id = "V{i}"\nkind = "approval"\nby = "{party}"\nsteps = ["signature"]', option)
    text += _clause('id = "T"\nkind = "term"', "")
    return text, brackets, assists, steps


class Case:
    """A negotiation with what the slow reading needs to know of it."""

    def __init__(self, rng):
        text, self.brackets, self.assists, self.steps = random_draft(rng)
        draft = parse_pact(text, file="small.toml")
        self.terms = [(f"N{i}", "ABC"[rng.integers(3)]) for i in range(rng.integers(0, 4))]
        pool = [f"{name}:{choice}" for name, choices in self.brackets for choice in choices]
        pool += [name for name, _ in self.terms] * 2
        pool += [f"step:{party}:signature" for party in "AB"]
        pool += [f"duty:assist {a} {b} attack by X on land" for a in "ABC" for b in "ABC" if a != b]
        pool += [f"not {one}" for one in pool]

        def some(least, most):
            count = rng.integers(least, most)
            return list(dict.fromkeys(pool[i] for i in rng.integers(len(pool), size=count)))

        sides = []
        for party in "ABC"[: rng.integers(2, 4)]:
            compare = "order" if rng.random() < 0.4 else "weight"
            sides.append(
                Position(
                    party=party,
                    basis="stylised",
                    compare=compare,
                    demand=tuple(
                        Demand(
                            statement=one,
                            says=f"d{i}",
                            status="dropped" if rng.random() < 0.1 else "open",
                        )
                        for i, one in enumerate(some(0, 3))
                    ),
                    red_line=tuple(RedLine(statement=one, says=f"r{i}") for i, one in enumerate(some(0, 2))),
                    concession=tuple(
                        Concession(
                            term=name,
                            cost=int(rng.integers(0, 4)),
                            status="dropped" if rng.random() < 0.1 else "open",
                        )
                        for name, giver in self.terms
                        if giver == party and rng.random() < 0.85
                    ),
                    preference=tuple(
                        Preference(
                            statement=one, weight=None if compare == "order" else int(rng.integers(1, 5))
                        )
                        for one in some(0, 4)
                    ),
                )
            )
        links = tuple(
            Link(id=f"L{i}", says="l", given=tuple(some(1, 3)), then=tuple(some(1, 3)), by="A")
            for i in range(rng.integers(0, 3))
        )
        self.positions = Positions(
            foedus=1,
            negotiation="small",
            title="t",
            date=draft.date,
            draft="small.toml",
            note="n",
            position=tuple(sides),
            term=tuple(PackageTerm(id=name, says="s", by=giver) for name, giver in self.terms),
            link=links,
        )
        self.negotiation = Negotiation(self.positions, draft)

    # ------------------------------------------------------------ one package

    def packages(self):
        """Every package: (choices, terms)."""
        for chosen in product(*(choices for _, choices in self.brackets)):
            choices = tuple(zip([name for name, _ in self.brackets], chosen, strict=True))
            for mask in range(1 << len(self.terms)):
                yield choices, tuple(name for i, (name, _) in enumerate(self.terms) if mask >> i & 1)

    def truth(self, words, package):
        """0, 1 or 2 for a statement of a package."""
        if words.startswith("not "):
            return 2 - self.truth(words[4:], package)
        choices, terms = package
        chosen = [f"{name}:{choice}" for name, choice in choices]
        if words.startswith("duty:assist "):
            _, debtor, creditor = words.split()[:3]
            found = [
                truth
                for a, b, option, truth in self.assists
                if (a, b) == (debtor, creditor) and option in ("", *chosen)
            ]
            return max(found, default=NO)
        if words.startswith("step:"):
            party = words.split(":")[1]
            return YES if any(a == party and option in ("", *chosen) for a, option in self.steps) else NO
        return YES if words in (*chosen, *terms) else NO

    def requirements(self, package):
        """words -> 0, 1 or 2."""
        met = {}
        offers = []
        for side in self.positions.position:
            for demand in side.demand:
                if demand.status != "dropped":
                    met[f"{side.party} demands: {demand.says}"] = self.truth(demand.statement, package)
            for line in side.red_line:
                met[f"{side.party}'s red line: {line.says}"] = 2 - self.truth(line.statement, package)
            offers += [offer.term for offer in side.concession if offer.status != "dropped"]
        for link in self.positions.link:
            given = min(self.truth(one, package) for one in link.given)
            then = min(self.truth(one, package) for one in link.then)
            met[f"link of A: {link.id}, l"] = max(2 - given, then)
        for name, giver in self.terms:
            if name not in offers:
                met[f"{giver} does not offer {name}"] = NO if name in package[1] else YES
        return met

    def value(self, side, package):
        """What a side compares packages by."""
        holds = [self.truth(one.statement, package) == YES for one in side.preference]
        cost = sum(offer.cost for offer in side.concession if offer.term in package[1])
        if side.compare == "order":
            return (*(1 if one else 0 for one in holds), -cost)
        return (sum(one.weight for one, held in zip(side.preference, holds, strict=True) if held) - cost,)

    # ------------------------------------------------------------ all of them

    def acceptable(self, least=YES):
        """The packages of which every requirement is at least so true."""
        return [one for one in self.packages() if min(self.requirements(one).values(), default=YES) >= least]

    def front(self):
        """The acceptable packages that no other acceptable one betters."""
        rows = [
            (one, [self.value(side, one) for side in self.positions.position]) for one in self.acceptable()
        ]
        return [
            one
            for one, mine in rows
            if not any(
                other != mine and all(x >= y for x, y in zip(other, mine, strict=True)) for _, other in rows
            )
        ]

    def conflicts(self):
        """The smallest sets of requirements that no package certainly meets, as sets of words."""
        met = [self.requirements(one) for one in self.packages()]
        words = list(met[0])
        for size in range(len(words) + 1):
            found = [
                frozenset(some)
                for some in combinations(words, size)
                if not any(all(one[name] == YES for name in some) for one in met)
            ]
            if found:
                return set(found)
        return set()
