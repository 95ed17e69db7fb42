"""Two stylised drafts of a security pact between US and SA, as short as a comparison needs them, and their
parts to be changed. After section 3b of the project's notes on pacts; texts of no government."""

from datetime import UTC, datetime

from foedus.pact.reading.text import parse_pact

AT = datetime(2026, 1, 1, tzinfo=UTC)

HEAD = """
foedus = 1
pact = "us-sa"
version = "{version}"
title = "Stylised draft"
date = {date}
[basis]
instrument = "draft"
binding = "{binding}"
evidence = "stylised"
form = "{form}"
[words]
immediately = {immediately}
[[source]]
key = "S"
says = "stylised"
[[party]]
id = "US"
name = "United States"
role = "guarantor"
regions = ["north_america"]
[[party]]
id = "SA"
name = "Saudi Arabia"
role = "ally"
regions = ["gulf"]
[[state]]
id = "IR"
name = "Iran"
regions = ["gulf"]
"""


def clause(name, kind, **fields):
    """One clause as TOML."""
    lines = [f'[[clause]]\nid = "{name}"\nkind = "{kind}"\ntext = "t"\ncite = "[S]"\nbasis = "stylised"']
    lines += [f"{key.rstrip('_')} = {spelled(value)}" for key, value in fields.items()]
    return "\n".join(lines) + "\n"


def spelled(value):
    """A value as TOML."""
    if isinstance(value, str):
        return value if value.startswith(("{", "20")) else f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(spelled(one) for one in value)}]"
    return str(value)


MISSILES = ["ballistic", "cruise", "uas"]

CLAUSES_2023 = {
    "C1": clause(
        "C1", "casus", event=["armed_attack"], object=["territory", "forces"], of=["SA", "US"],
        loci=["gulf", "north_america"], by=["external"], determined_by="each",
    ),
    "C2": clause(
        "C2", "casus", event=["threat"], object=["any"], of=["SA", "US"], by=["any"], determined_by="each",
    ),
    "G1": clause("G1", "regard", casus="C1", by=["US", "SA"], as_="dangerous_to_own_peace"),
    "A1": clause(
        "A1", "assist", casus="C1", by=["US", "SA"], standard="act_to_meet_common_danger",
        discretion="constitutional_processes",
    ),
    "N1": clause(
        "N1", "consult", casus="C2", also=["attack"], by="any", to="any", level="senior",
        within_s="immediately",
    ),
    "S1": clause(
        "S1", "share", from_="US", to="SA", data="intelligence", classes=MISSILES, casus="C1", form="region",
        delay_s=60,
    ),
    "B1": clause("B1", "forbear", by="SA", acts=["third_state_bases"]),
    "Q1": clause("Q1", "suspend", on=["G1", "A1"], precedent="TIES"),
    "V1": clause("V1", "approval", by="US", steps=["signature", "legislature_notice"]),
    "V2": clause("V2", "approval", by="SA", steps=["royal_decree"]),
    "T1": clause("T1", "term", duration_y=10, exit="{ notice_d = 365 }"),
}  # fmt: skip

CLAUSES_2025 = {
    "C1": clause(
        "C1", "casus", event=["armed_attack"], object=["territory", "sovereignty", "critical_infrastructure"],
        of=["SA"], loci=["SA"], by=["any"], determined_by=["US"],
    ),
    "G1": clause("G1", "regard", casus="C1", by=["US"], as_="threat_to_own_peace"),
    "A1": clause(
        "A1", "assist", casus="C1", by=["US"], standard="all_lawful_and_appropriate", discretion="executive",
    ),
    "S1": CLAUSES_2023["S1"],
    "W1": clause(
        "W1", "warn", casus="C1", by="US", to="SA", content="alert", horizon_s=600, probability=0.5,
        within_s="immediately", renew_s=30, expires_s=120, ack_s=60,
    ),
    "V1": clause("V1", "approval", by="US", steps=["presidential_signature"]),
    "T1": clause("T1", "term", exit='{ notice_d = 0, by = "US" }'),
}  # fmt: skip

MILESTONE = '[[milestone]]\nid = "TIES"\nsays = "ties are normalised"\nbasis = "stylised"\n'
ZONE = '[[zone]]\nid = "SA-1"\nowner = "SA"\nsource = "invented"\npolygon = [[24, 45], [26, 45], [26, 47]]\n'


def draft_2023(**changed):
    """The draft of 2023, with clauses put in the place of others; None takes one out."""
    return _draft(
        HEAD.format(
            version="2023", date="2023-09-01", binding="law", form="executive_agreement", immediately=3600
        )
        + (MILESTONE if changed.get("Q1", "") is not None else "")
        + ZONE,
        CLAUSES_2023 | changed,
    )


def draft_2025(**changed):
    """The draft of 2025, with clauses put in the place of others; None takes one out."""
    head = HEAD.format(
        version="2025", date="2025-11-01", binding="unilateral", form="executive_order", immediately=120
    )
    return _draft(head + ZONE, CLAUSES_2025 | changed)


def _draft(head, clauses):
    text = head + "".join(words for words in clauses.values() if words is not None)
    return parse_pact(text, file="draft.toml")
