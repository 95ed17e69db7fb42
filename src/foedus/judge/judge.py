"""The judge: what a run shows that its pact forbids, what it owed and did not do, and what cannot be told.

findings = judge(pact, run)    # pact: the text that the nodes ran, run: foedus.drill.outcome.Run with bodies
"""

from foedus.drill.outcome import Run
from foedus.errors import InputError
from foedus.judge.duties import judge_duties
from foedus.judge.finding import Finding
from foedus.judge.hub import judge_marks, judge_onward
from foedus.judge.pictures import Judged, judge_pictures
from foedus.judge.reading import Stands
from foedus.judge.silence import judge_silence
from foedus.judge.sky import Sky
from foedus.judge.tape import read_tape
from foedus.judge.warnings import judge_acks, judge_cancels, judge_shown, judge_warnings
from foedus.limits import JUDGE_FINDINGS_MAX
from foedus.pact.clauses import Pact


def judge(pact: Pact, run: Run) -> tuple[Finding, ...]:
    """All findings, oldest first; at most JUDGE_FINDINGS_MAX, and then one that says how many are left out.

    InputError when the text is not the one that the nodes ran, or the run was played without message bodies.
    """
    where = f"run of {run.drill}, seed {run.seed}"
    if pact.digest != run.pact_digest:
        expected = f"the text with digest {run.pact_digest[:12]}, as it was played"
        raise InputError(where=where, found=f"a text with digest {pact.digest[:12]}", expected=expected)
    if any(not one.body for one in run.sent):
        raise InputError(where=where, found="messages without bodies", expected="a run with keep_bodies=True")
    return _bounded(_all(pact, run))


def _all(pact: Pact, run: Run) -> list[Finding]:
    hubs = tuple(party.id for party in pact.party if party.role == "hub")
    parties = tuple(party.id for party in pact.party)
    judged = Judged(pact, Stands(pact, run.told))
    tape, sky = read_tape(run, len(parties)), Sky(run.truth)
    return sorted(
        [
            *tape.unread,
            *judge_pictures(judged, run, tape),
            *judge_marks(judged, tape, hubs, parties),
            *judge_onward(judged, tape, hubs),
            *judge_warnings(judged, tape, hubs),
            *judge_cancels(judged, run, tape, hubs),
            *judge_acks(judged, tape, hubs),
            *judge_shown(run, tape),
            *judge_duties(judged, run, tape, sky, hubs),
            *judge_silence(judged, run, tape, sky, hubs),
        ]
    )


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    if len(findings) <= JUDGE_FINDINGS_MAX:
        return tuple(findings)
    kept = findings[: JUDGE_FINDINGS_MAX - 1]
    words = f"{len(findings) - len(kept)} findings more are not listed"
    last = Finding(at_ns=kept[-1].at_ns, kind="undetermined", rule="limit", who="", to="", says=words)
    return (*kept, last)
