"""The words of CAP 1.2 and when each is used, as tables.

Source of words and meanings: OASIS, Common Alerting Protocol Version 1.2, 1 July 2010, section 3.2.
"""

from typing import Final

from foedus.formats.alert import OPEN, Alert
from foedus.model import SECOND_NS

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"

STATUS_OF: Final = {"LIVE": "Actual", "EXERCISE": "Exercise", "RECORDING": "Test"}
"""Actual from LIVE and from nothing else. A recording plays what once was: nobody takes part in it, as in an
exercise, so its messages are Test, which all recipients disregard."""

STATUSES: Final = ("Actual", "Exercise", "System", "Test", "Draft")
MESSAGE_TYPES: Final = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES: Final = ("Public", "Restricted", "Private")
CATEGORIES: Final = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
    "Other",
)  # fmt: skip
RESPONSES: Final = (
    "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None",
)  # fmt: skip
URGENCIES: Final = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES: Final = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES: Final = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

CATEGORIES_USED: Final = ("Security", "Safety")
"""Security is `military, homeland and local/private security`, Safety `general emergency and public`."""

IMMEDIATE_NS: Final = 15 * 60 * SECOND_NS
"""`Responsive action should be taken immediately`: a quarter of an hour leaves time for one act."""

EXPECTED_NS: Final = 3_600 * SECOND_NS
"""`Responsive action should be taken soon (within next hour)`."""

LIKELY_PERCENT: Final = 50
"""`Likely (p > ~50%)`, `Possible but not likely (p <= ~50%)`."""

NOTICE_NS: Final = 10 * 60 * SECOND_NS
"""For how long at least a message that ends a warning holds: longer than any receiver waits between two looks
at a feed, and short enough that it is no news on the next day."""

SEVERITY_OF: Final = {
    "ballistic": "Extreme",  # `extraordinary threat to life or property`
    "cruise": "Extreme",
    "uas": "Severe",  # `significant threat to life or property`
    "aircraft": "Severe",
    "unidentified": "Severe",
    "cooperative": "Moderate",  # `possible threat`: it says who it is
}


def message_type(alert: Alert) -> str:
    """Alert, Update or Cancel. One that ran out is updated, not cancelled: nobody said that it is over."""
    if alert.warning.state == "cancelled":
        return "Cancel"
    return "Update" if alert.earlier else "Alert"


def urgency(alert: Alert) -> str:
    """By the time that is left until entry."""
    if alert.warning.state not in OPEN:
        return "Past" if alert.warning.state == "cancelled" else "Unknown"
    left_ns = alert.warning.entry_ns - alert.sent_ns
    if left_ns <= IMMEDIATE_NS:
        return "Immediate"
    return "Expected" if left_ns <= EXPECTED_NS else "Future"


def severity(alert: Alert) -> str:
    """By class; once it is over, `minimal to no known threat`."""
    if alert.warning.state not in OPEN:
        return "Minor" if alert.warning.state == "cancelled" else "Unknown"
    return SEVERITY_OF[alert.warning.track_class]


def certainty(alert: Alert) -> str:
    """By probability; Observed only when it is inside and not on one sensor's word alone."""
    warning = alert.warning
    if warning.state not in OPEN:
        return "Unlikely" if warning.state == "cancelled" else "Unknown"
    if warning.probability_percent > LIKELY_PERCENT:
        inside = warning.entry_ns <= alert.sent_ns and warning.basis != "unconfirmed"
        return "Observed" if inside else "Likely"
    return "Possible" if warning.probability_percent > 0 else "Unlikely"


def response(alert: Alert) -> str:
    """What to do: the all-clear comes with a cancel and never because a warning ran out."""
    if alert.warning.state not in OPEN:
        return "AllClear" if alert.warning.state == "cancelled" else "Monitor"
    return "Shelter" if urgency(alert) == "Immediate" else "Prepare"


def expires_ns(alert: Alert) -> int:
    """When the message is dead: with the warning; what ends a warning holds for NOTICE_NS at least."""
    if alert.warning.state in OPEN:
        return alert.warning.expires_ns
    return max(alert.warning.expires_ns, alert.sent_ns + NOTICE_NS)
