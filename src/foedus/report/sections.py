"""The report of one run: its sections, in the order of an after-action report, and what each says."""

from typing import Final

from foedus.drill.keeping import Kept
from foedus.model import SECOND_NS, Form
from foedus.report.blocks import Block, Bullets, Paragraph, Report, Section, clean, grid
from foedus.report.findings import is_judged
from foedus.report.pictures import capitals, latency, timeline
from foedus.report.ratings import LETTERS, false_warnings, missed
from foedus.report.script import script_rows
from foedus.report.tables import DecisionRow, MinutesRow, Numbers

NEVER: Final = "-"

FORMS: Final = {form.value: form.name.lower() for form in Form}


def report_of(kept: Kept, numbers: Numbers) -> Report:
    """The whole report. numbers: of the same run."""
    run = kept.run
    return Report(
        mode=kept.mode,
        title=clean(kept.drill.title),
        under=clean(f"{run.drill} under {run.pact}, seed {run.seed}"),
        result=clean(_result(kept, numbers)),
        sections=(
            _played(kept),
            _minutes(numbers),
            _time_lines(kept),
            _latency(kept, numbers),
            _decisions(kept, numbers),
            _findings(numbers, judged=is_judged(kept)),
            _warnings(numbers),
            _script(kept),
            _objectives(numbers),
            _items(numbers),
            _not_said(kept),
        ),
    )


def since_start(kept: Kept, time_ns: int) -> str:
    """Time of the drill as +h:mm:ss; a dash for what never was."""
    if time_ns == 0:
        return NEVER
    seconds = round((time_ns - kept.run.truth.start_ns) / SECOND_NS)
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _number(value: float | None) -> str:
    return NEVER if value is None else f"{value:.1f}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


# ---------------------------------------------------------------- the result, in one paragraph


def _result(kept: Kept, numbers: Numbers) -> str:
    met = len(numbers.minutes)
    warned = met - missed(kept.run)
    sentences = [
        f"Events reached capitals in {_count(met, 'case', 'cases')}; {warned} had a warning on screen before."
    ]
    there = [row for row in numbers.minutes if row.shown_min is not None and row.shown_min >= 0.0]
    if there:
        least = min(there, key=lambda row: row.shown_min or 0.0)
        sentences.append(f"The least warning was {_number(least.shown_min)} minutes: {_place(least)}.")
    without = [row for row in numbers.minutes if row not in there]
    if without:
        sentences.append(f"None in time: {', '.join(_place(row) for row in without)}.")
    costs = [(one, loss) for loss in kept.losses for one in loss.costs if one.gained_min is not None]
    if costs:
        cost, loss = max(costs, key=lambda pair: pair[0].gained_min or 0.0)
        sentences.append(
            f"What cost most was {cost.term}: {_number(cost.gained_min)} minutes of {loss.member} in event"
            f" {loss.event}."
        )
    false = false_warnings(kept.run)
    sentences.append(f"{_count(false, 'false warning was', 'false warnings were')} shown.")
    letters = "".join(one.letter or "-" for one in numbers.objectives)
    if letters:
        sentences.append("Objectives: " + ", ".join(_letters(letters)) + ".")
    return " ".join(sentences)


def _place(row: MinutesRow) -> str:
    return f"{row.member} in event {row.event}"


def _letters(letters: str) -> list[str]:
    words = {"-": "not rated"}
    return [f"{letters.count(one)} {words.get(one, one)}" for one in "PSMU-" if one in letters]


# ---------------------------------------------------------------- sections


def _played(kept: Kept) -> Section:
    run = kept.run
    rows = [
        ("drill", f"{run.drill}: {kept.drill.title}"),
        ("digest of the drill", run.drill_digest),
        ("pact", f"{run.pact}, version {run.pact_version}"),
        ("digest of the text that the nodes ran", run.pact_digest),
        (
            "in force",
            "assumed by the drill" if kept.drill.assume_in_force else "as the text and its facts say",
        ),
        ("seed", str(run.seed)),
        ("length", f"{kept.drill.lasts_s / 60:g} minutes, a tick every {kept.drill.tick_s:g} s"),
        ("members", ", ".join(f"{one.id} ({one.name})" for one in kept.drill.member)),
        ("outside the pact", ", ".join(run.outside) or "none"),
        ("messages between nodes", f"{len(run.sent):,}"),
    ]
    acts = [(f"{one.at_s:g} s", one.act, one.inject or NEVER, one.person or NEVER) for one in run.acts]
    blocks: list[Block] = [
        Paragraph(
            "EXERCISE. Nothing in this report happened. The same drill, pact, seed and acts give it again."
        ),
        grid("What was played", ("what", "value"), rows),
        grid("Digests of all that each node did", ("member", "digest"), list(run.effects)),
        grid("Acts of the umpire", ("at", "act", "inject", "person"), acts)
        if acts
        else Paragraph("The umpire did nothing."),
    ]
    return Section(id="played", title="What was played", blocks=tuple(blocks))


def _minutes(numbers: Numbers) -> Section:
    rows = [
        (
            row.event,
            row.member,
            _number(row.known_min),
            _number(row.shown_min),
            _number(row.acknowledged_min),
            row.known_from or NEVER,
            f"{row.shown_by} {row.shown_clause}".strip() or NEVER,
            _number(row.lost_min),
        )
        for row in numbers.minutes
    ]
    head = ("event", "capital", "known", "shown", "acknowledged", "known from", "warned by", "lost")
    return Section(
        id="minutes",
        title="Minutes of warning per capital",
        blocks=(
            grid("Minutes before arrival", head, rows, numbers=(2, 3, 4, 7)),
            Paragraph(
                "Known: the capital's own picture, own sensors and what the pact let others give,"
                " sufficed, or a"
                " warning was on its disk. Shown: the first warning on its screen. Acknowledged: by a person."
                " Below zero: after arrival. A dash: never, or not worked out. Lost: what an ideal"
                " pact, in which"
                " everybody tells everybody everything, gives more."
            ),
        ),
    )


def _time_lines(kept: Kept) -> Section:
    blocks = tuple(timeline(kept, member) for member in capitals(kept))
    none = (Paragraph("Nothing arrived at any capital, and nobody was warned."),)
    return Section(id="time-lines", title="Time lines", blocks=blocks or none)


def _latency(kept: Kept, numbers: Numbers) -> Section:
    received = [row for row in numbers.warnings if row.direction == "received"]
    rows = [
        (
            f"{row.party} to {row.member}",
            row.warning,
            row.clause,
            since_start(kept, row.raised_ns),
            _number(row.stored_s),
            _number(row.shown_s),
            _number(row.acknowledged_s),
        )
        for row in received
    ]
    head = ("from, to", "warning", "clause", "raised", "stored", "shown", "acknowledged")
    links = [
        (
            f"{one.sender} to {one.recipient}",
            one.kind,
            f"{one.messages:,}",
            f"{one.arrived:,}",
            f"{one.tries:,}",
            _seconds(one.delay_s_median),
            _seconds(one.delay_s_max),
        )
        for one in numbers.links
    ]
    heads = ("from, to", "kind", "messages", "arrived", "tries", "median", "longest")
    figure = (latency(received),) if received else (Paragraph("No member was warned by another."),)
    return Section(
        id="latency",
        title="The way of each warning",
        blocks=(
            *figure,
            *(
                (
                    grid(
                        "Seconds after it was raised, by the clocks of the drill",
                        head,
                        rows,
                        numbers=(4, 5, 6),
                    ),
                )
                if rows
                else ()
            ),
            grid(
                "Messages on the links; seconds from posting to arrival",
                heads,
                links,
                numbers=(2, 3, 4, 5, 6),
            ),
        ),
    )


def _seconds(value: float | None) -> str:
    return NEVER if value is None else f"{value:.2f}"


def _decisions(kept: Kept, numbers: Numbers) -> Section:
    rows = [
        (
            f"{one.sender} to {one.recipient}",
            one.kind,
            _decision(one),
            one.clause or "none speaks",
            FORMS.get(one.form, str(one.form)) if one.form else NEVER,
            f"{one.rows:,}" if one.rows else NEVER,
            f"{one.messages:,}",
        )
        for one in numbers.decisions
    ]
    head = ("from, to", "kind", "decision", "clause", "form", "rows", "messages")
    facts = [
        (
            since_start(kept, one.at_ns),
            one.what,
            one.of,
            one.by or NEVER,
            one.says or NEVER,
            one.as_to or NEVER,
            one.because,
        )
        for one in numbers.facts
    ]
    heads = ("at", "fact", "of", "by", "says", "as to", "because of")
    told = (
        grid("Facts told to the nodes: casus declared, parties gone, orders revoked", heads, facts)
        if facts
        else Paragraph("No fact was told to the nodes: no casus was declared and nobody left.")
    )
    return Section(
        id="decisions",
        title="Decisions of the pact, by clause",
        blocks=(
            grid("From the release logs of all members", head, rows, numbers=(5, 6)),
            Paragraph("A row is one track at one tick. Where no clause speaks, it is withheld."),
            told,
        ),
    )


def _decision(one: DecisionRow) -> str:
    if one.refused:
        asked = f" under {one.asked}" if one.asked else ""
        return f"refused by the guard{asked}: {one.refused}"
    return "released" if one.form else "withheld"


def _findings(numbers: Numbers, *, judged: bool) -> Section:
    rows = [
        (str(one.number), one.kind, one.party, one.clause or NEVER, one.found) for one in numbers.findings
    ]
    head = ("no.", "kind", "party", "clause", "found")
    return Section(
        id="findings",
        title="Breaches and findings",
        blocks=(
            grid("Found in the records of the run", head, rows)
            if rows
            else Paragraph("Nothing was found in the records of the run."),
            Paragraph(
                "The judge, an independent reading of the text, has read every message: its findings say so."
                if judged
                else "Read off the records by arithmetic. The judge has not read this run, since it was kept"
                " without the bytes of its messages (`foedus drill run --out DIR --bodies`)."
            ),
        ),
    )


def _warnings(numbers: Numbers) -> Section:
    late = [
        (row.event, row.member, row.zone, _number(row.shown_min), _number(row.known_min))
        for row in numbers.minutes
        if row.shown_min is None or row.shown_min < 0.0
    ]
    false = [
        (row.member, row.party or "itself", row.zone, row.track_class, row.clause or "own", row.state.lower())
        for row in numbers.warnings
        if row.false and row.direction != "sent"
    ]
    return Section(
        id="missed-and-false",
        title="Missed and false warnings",
        blocks=(
            grid(
                "Not warned before arrival",
                ("event", "capital", "zone", "shown", "known"),
                late,
                numbers=(3, 4),
            )
            if late
            else Paragraph("No capital was without a warning when something arrived."),
            grid(
                "Warnings about nothing in the script",
                ("at", "from", "into", "class", "clause", "state at the end"),
                false,
            )
            if false
            else Paragraph("No warning was false."),
        ),
    )


def _script(kept: Kept) -> Section:
    rows = [
        (
            one.number,
            since_start(kept, one.at_ns) if one.at_ns else one.why,
            one.to,
            one.event,
            one.expected or NEVER,
            one.happened,
        )
        for one in script_rows(kept)
    ]
    head = ("no.", "played at", "to", "event", "expected", "what the records show after it")
    return Section(
        id="script",
        title="The script as played",
        blocks=(
            grid("Master scenario events list", head, rows)
            if rows
            else Paragraph("The drill had no script."),
            Paragraph(
                "What the records show: warnings, acknowledgements and facts of those to whom the"
                " inject went, in the"
                " five minutes after it. Whether that is what was expected is for people to say."
            ),
        ),
    )


def _objectives(numbers: Numbers) -> Section:
    rows = [
        (
            one.objective,
            one.says,
            f"{one.letter} {one.words}".strip(),
            one.measure,
            f"{_number(one.found)} {one.unit}" if one.found is not None else NEVER,
            f"P {one.p:g}, S {one.s:g}, M {one.m:g}",
        )
        for one in numbers.objectives
    ]
    head = ("id", "objective", "rating", "measure", "found", "worst value for")
    letters = "; ".join(f"{letter}: {words}" for letter, words in LETTERS.items() if letter)
    return Section(
        id="objectives",
        title="Objectives",
        blocks=(
            grid("Rated by their measures", head, rows)
            if rows
            else Paragraph("The drill names no objective."),
            Paragraph(
                f"Letters of HSEEP (2020). {letters}. Capitals with several events are rated by the worst."
            ),
        ),
    )


def _items(numbers: Numbers) -> Section:
    items: dict[tuple[str, str], list[int]] = {}
    for one in numbers.findings:
        items.setdefault((one.party, one.item), []).append(one.number)
    rows = [
        (str(number), party, item, ", ".join(map(str, behind)), "", "")
        for number, ((party, item), behind) in enumerate(sorted(items.items()), 1)
    ]
    head = ("no.", "owner", "item", "findings", "begins", "done by")
    return Section(
        id="items",
        title="Improvement items",
        blocks=(
            grid("Suggested by the findings; dates are for the owners to fill in", head, rows)
            if rows
            else Paragraph("Nothing was found from which an item would follow."),
        ),
    )


def _not_said(kept: Kept) -> Section:
    sentences = (
        "Sensors are synthetic and stand on invented positions; they are nobody's.",
        "Events are stylised, and people's delays are drawn; no source gives such numbers.",
        "This is one run with one seed: another seed gives other minutes. Spreads need many runs.",
        "Minutes compare texts under equal conditions.",
        "They say nothing about what any real sensor, person or state would see or do.",
        "Forgery is no part of a drill: messages carried no seals.",
        "A rating is arithmetic on one measure; the evaluators' own judgement is not in it.",
    )
    note = (Paragraph(f"The drill's own note: {clean(kept.drill.note)}"),) if kept.drill.note else ()
    return Section(id="not-said", title="What these figures do not say", blocks=(Bullets(sentences), *note))
