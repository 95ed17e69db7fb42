"""Every maximum of the system, in one place; reaching one is counted, reported and tested.

Relations between limits are asserted at the end of the file.
"""

from typing import Final

MEMBERS_MAX: Final = 62
"""Parties of one network: a set of members is a bit set in one int64 (bit 63 would be the sign)."""

SENSORS_MAX: Final = 62
"""Sensors of one node: a set of sensors is a bit set in one int64."""

ZONES_MAX: Final = 62
"""Named zones of one pact: the zones that hold a point are a bit set in one int64."""

ZONE_VERTICES_MAX: Final = 512
"""Vertices of one zone polygon."""

RASTER_CELLS_MAX: Final = 1 << 14
"""Cells of the raster over the zones of one pact, 16 octets each: it stays in the second cache of a core."""

RASTER_SPANS_MAX: Final = 1 << 18
"""Sides times the rows of the raster that they span; a raster that would need more has fewer rows, since a
node makes it while it compiles a pact."""

ZONE_TABLES_KEPT: Final = 8
"""Zone tables of the last pacts compiled, a quarter of a MiB each: one for each pact that a process runs."""

CLAUSES_MAX: Final = 4_096
"""Clauses of one pact: clause indices travel as int16."""

RULES_PER_PAIR_MAX: Final = 62
"""Shares, and withholds, that speak on one (giver, taker, class): a set of them is a bit set in one int64."""

TIE_CHECKS_MAX: Final = 200_000
"""Situations tried for clauses that contradict each other; a pact that needs more is refused."""

SITUATIONS_MAX: Final = 100_000
"""Kinds of situation that texts tell apart, which checks and comparisons look at; more is refused."""

CHECK_PATHS_MAX: Final = 2_000_000
"""Steps of data from party to party that the static checks of one pact try; more is refused."""

RELAYS_MAX: Final = 2
"""Parties through which the static checks follow data; more hands than that are not looked at."""

COMPOSED_MEMBERS_MAX: Final = 1_024
"""Parties of all pacts that are composed into one; no node runs that one."""

COMPOSED_ZONES_MAX: Final = 1_024
"""Zones of all pacts that are composed into one."""

REPAIRS_MAX: Final = 16
"""Situations of one finding for which a change that mends it is looked for."""

BOXES_MAX: Final = 24
"""Gaps in what a pact covers that are told one by one; the rest is counted."""

VARIANTS_MAX: Final = 4_096
"""Variants into which the brackets of one draft expand."""

VARIANTS_CHECKED_MAX: Final = 256
"""Variants of one draft that the static checks go through; a draft with more is refused."""

VARIANT_CLAUSES_MAX: Final = 131_072
"""Clauses of all variants of one draft together; a draft with more is refused."""

RULE_CELLS_MAX: Final = 4_000_000
"""(rule, giver, taker, class) that the check for contradictions lays out for all variants of one text."""

SAME_ID_MAX: Final = 64
"""Clauses of a draft that may have one id because their options exclude each other."""

BASED_ON_DEPTH_MAX: Final = 8
"""Texts in one chain of copies."""

FACTS_MAX: Final = 4_096
"""Recorded facts that a node keeps; more are refused and counted."""

PENDING_ROWS_MAX: Final = 1 << 18
"""Rows that a node keeps for one recipient until they are old enough; beyond, the oldest go, counted."""

GUARD_CELLS_MAX: Final = 65_536
"""Verdicts, per (recipient, class, zones), that a guard remembers before it starts afresh."""

TRACKS_MAX: Final = 65_536
"""Tracks that one tracker or one fused picture holds at a time."""

TRACK_CANDIDATES_MAX: Final = 16
"""Tracks that one plot is weighed against: the nearest; the rest is counted."""

PAIR_LOOKS_MAX: Final = 512
"""Tracks that one search in a grid looks at; a crowd beyond it is cut and counted, so time stays bounded."""

ASSIGNMENT_TRACKS_MAX: Final = 256
"""Tracks that the assignment of one plot may move about; beyond, the best so far stands and is counted."""

LATE_S_MAX: Final = 10
"""How far behind the tracker's clock a plot may lie, in seconds; older ones are refused and counted."""

LATE_PLOTS_MAX: Final = 1 << 19
"""Plots of the last seconds that a tracker keeps to put late ones in their place; beyond, the oldest go and
plots as old as they are refused as too old."""

ASTERIX_TRACKS_MAX: Final = 65_535
"""Tracks of one output in ASTERIX at a time: I062/040 has 16 bits, and 0 is no number; more are left out."""

PLOTS_PER_SCAN_MAX: Final = 1 << 15
"""Plots of one sensor in half a second; the rest is refused and counted."""

TENTATIVE_PER_SENSOR_MAX: Final = 1 << 14
"""Tracks not confirmed yet that began with one sensor, so that none can fill the table of all."""

PLOTS_PER_BATCH_MAX: Final = 65_536
"""Plots that a node takes in one batch."""

SWEEP_RUNS_MAX: Final = 1_000_000
"""Runs of one sweep: their chunks are one file each until the end; more is refused."""

DIS_ENTITIES_MAX: Final = 4_096
"""Objects of other simulators that one drill follows; more are refused and counted."""

INTAKE_MAX: Final = 4_096
"""Inputs waiting at the intake of one live node."""

INPUTS_PER_BATCH_MAX: Final = 1_024
"""Inputs that one batch holds; the rest waits for the next batch."""

FEED_BUFFER_BYTES_MAX: Final = 1 << 17
"""Bytes of an unfinished block that a decoder keeps between two pieces of a stream."""

BLOCK_RECORDS_MAX: Final = 4_096
"""Records of one ASTERIX block; a block of 64 KiB full of them would have records of 16 octets."""

SCORE_STATES_MAX: Final = 10_000_000
"""States of truths, and of tracks, at all evaluation times of one score; more is refused."""

SCORE_PAIRS_MAX: Final = 4_000_000
"""Truths and tracks within the cutoff of each other at one evaluation time; more is refused."""

SCORE_TARGETS_MAX: Final = 1_000_000
"""Targets of one truth file, and track numbers of one track file."""

RECORDS_PER_PASS_MAX: Final = 8_192
"""Records whose item offsets a decoder holds at a time."""

AIRCRAFT_MAX: Final = 32_768
"""Addresses whose last positions a Mode S decoder remembers; a power of two."""

MESSAGE_BYTES_MAX: Final = 1 << 23
"""One message between two nodes."""

DOCUMENT_BYTES_MAX: Final = 1 << 20
"""One pact or network file."""

DOCUMENT_KEY_PARTS_MAX: Final = 64
"""Parts of one dotted key of a document; tomllib takes quadratic time for very long ones."""

FALL_S_MAX: Final = 3_600.0
"""Seconds for which the fall of a ballistic object is followed; what takes longer has no arrival area."""

FALL_STEPS_MAX: Final = 20_000
"""Steps of one such fall."""

ROUTES_MAX: Final = 64
"""Corridors of one member in a network file."""

ROUTE_POINTS_MAX: Final = 64
"""Points of the centre line of one corridor."""

ANSWERS_MAX: Final = 16_384
"""Tracks that answer, of which a node remembers when they last did; beyond, the oldest go, counted."""

DECLARATIONS_MAX: Final = 4_096
"""Declarations that a node keeps, those that ended too; beyond, the oldest that ended go, counted. While all
of them stand, a new one is refused."""

SAYS_CHARACTERS_MAX: Final = 400
"""Grounds of a declaration, or what a person adds to a call."""

WARNINGS_MAX: Final = 4_096
"""Warnings that a node keeps open, sent and received together."""

CALLS_MAX: Final = 64
"""Calls of people for a warning that a node remembers; those that wait for a second person stay."""

ESCALATIONS_KEPT_MAX: Final = 1_024
"""Warnings that no person acknowledged, which a node keeps with what the clause says; the oldest go."""

GUARD_WARNINGS_MAX: Final = 2 * WARNINGS_MAX
"""Warnings, per recipient, that a guard remembers having passed, so that their ends may follow."""

PACKAGES_MAX: Final = 16_384
"""Packages of one negotiation: choices of all brackets times the sets of terms that go with them."""

TERMS_MAX: Final = 12
"""Terms outside the draft in one negotiation: each doubles the number of packages."""

REQUIREMENTS_MAX: Final = 256
"""Demands, red lines, links and terms of one negotiation together."""

CONFLICT_STEPS_MAX: Final = 200_000
"""Steps of the search for the smallest conflicting sets of a negotiation; one that needs more is refused."""

READINGS_MAX: Final = 512
"""Readings of a draft, variants times states of its open milestones, that what-decides compares."""

OUTBOX_MAX: Final = 1_000_000
"""Messages waiting in one member's outbox."""

REFUSALS_KEPT_MAX: Final = 1_000
"""Different (party, reason) pairs that a node counts; what comes after goes into one common count."""

LEDGER_OBLIGATIONS_MAX: Final = 65_536
"""Obligations of one ledger, those that periods and remedies open too."""

LEDGER_BYTES_MAX: Final = 1 << 28
"""One ledger file."""

DRILL_TARGETS_MAX: Final = 4_096
"""Scripted objects of one drill; more is refused."""

DRILL_FLIGHTS_MAX: Final = 16_384
"""Generated background flights of one drill; more is refused."""

DRILL_INJECTS_MAX: Final = 4_096
"""Rows of one script; more is refused."""

DRILL_CAPTURED_MAX: Final = 4_000_000
"""Messages that one run keeps; beyond, it ends with an error, since a judge needs them all."""

RUN_FILE_BYTES_MAX: Final = 1 << 31
"""One kept run of a drill."""

REPORT_RUNS_MAX: Final = 64
"""Runs of one report; a sweep of thousands has tables of its own."""

REPORT_ROWS_MAX: Final = 500
"""Rows of one table of a report for people; the rest is counted there and stands in the Parquet file."""

REPORT_TEXT_MAX: Final = 1_000
"""Characters of one text in a report; a longer one is cut, and ends with an ellipsis."""

CONSOLE_CLIENTS_MAX: Final = 64
"""Consoles connected to one member's gateway."""

CONSOLE_SEND_S_MAX: Final = 10.0
"""Seconds for which a console may take nothing before its socket is closed; it then connects anew."""

CONSOLE_BODY_BYTES_MAX: Final = 4_096
"""Anything that a console may say: one acknowledgement, one fact, one call, one secret."""

OUTPUTS_MAX: Final = 64
"""Outputs of one network file."""

OUTPUT_EVENTS_MAX: Final = 1_024
"""Warning changes that wait for one webhook; beyond, the oldest go, counted and shown."""

OUTPUT_TRIES_MAX: Final = 8
"""Deliveries tried of one webhook message: with waits of 1 s, doubled, some two minutes; then it is given up,
counted and shown."""

PERSON_CHARACTERS_MAX: Final = 64
"""Name or role of the person who acknowledges."""

ALERT_REFERENCES_MAX: Final = 1_024
"""Earlier messages that one CAP message names, the first and the newest; it says how many it leaves out."""

ALERT_BYTES_MAX: Final = 1 << 20
"""One CAP message that is read."""

FEED_ENTRIES_MAX: Final = 256
"""Warnings in one Atom feed, the newest; the feed says how many it leaves out."""
PEOPLE_MAX: Final = 256
"""People of one member who may sign in."""

SECRET_CHARACTERS_MAX: Final = 256
"""A person's secret; NIST SP 800-63B asks for 64 at least."""

SIGNED_IN_MAX: Final = 64
"""Sessions of people signed in at one member's consoles; beyond, the oldest ends."""

SIGN_IN_WAITING_MAX: Final = 8
"""Tries to sign in that wait for the one being checked; more are told to try again."""

CALLS_KEPT_MAX: Final = 64
"""Calls of a warning whose caller a gateway remembers; beyond, the oldest can no longer be seconded here."""

JUDGE_FINDINGS_MAX: Final = 10_000
"""Findings that the judge lists of one run, the oldest; it says how many it leaves out."""

assert PLOTS_PER_BATCH_MAX <= TRACKS_MAX
assert 2 * TENTATIVE_PER_SENSOR_MAX <= TRACKS_MAX
assert CLAUSES_MAX < 1 << 15
assert MEMBERS_MAX**2 * 2 * 2 * (RULES_PER_PAIR_MAX + 1) <= RULE_CELLS_MAX, (
    "one text without brackets must fit"
)
assert CLAUSES_MAX <= VARIANT_CLAUSES_MAX
assert INPUTS_PER_BATCH_MAX <= INTAKE_MAX
assert BLOCK_RECORDS_MAX <= RECORDS_PER_PASS_MAX
assert FEED_BUFFER_BYTES_MAX >= 1 << 16, "the longest ASTERIX block must fit"
assert AIRCRAFT_MAX & (AIRCRAFT_MAX - 1) == 0
assert PERSON_CHARACTERS_MAX * 6 < CONSOLE_BODY_BYTES_MAX  # each character may come as a JSON escape
assert (SECRET_CHARACTERS_MAX + PERSON_CHARACTERS_MAX) * 6 < CONSOLE_BODY_BYTES_MAX
assert 1 << TERMS_MAX <= PACKAGES_MAX
