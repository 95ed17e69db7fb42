"""What the reader says of each broken pact of the whole language, beside those of test_text.py."""

# file: (line, path, words in the message)
MORE_MISTAKES = {
    "a_thousand_years": (90, "clause[1].duration_y", ["1000", "years, above 0 and at most 200"]),
    "adversary_of_a_non_party": (
        53,
        "adversary[1].of",
        ["'FOE'", "a party: one of EAST, WEST, NODE, BIG (did you mean NODE?)"],
    ),
    "adversary_twice": (
        61,
        "adversary[2].state",
        ["FOE again, on a day on which EAST lists it already", "periods that do not overlap"],
    ),
    "adversary_unknown": (
        54,
        "adversary[1].state",
        [
            "'FO'",
            "a state or party: one of EAST, WEST, NODE, BIG, FOE (did you mean FOE?",
            "(did you mean FOE?)",
        ],
    ),
    "approval_by_a_role": (114, "clause[3].by", ["'guarantor'", "one party: one of EAST, WEST, NODE, BIG"]),
    "attacked_as_debtor": (
        114,
        "clause[3].by",
        ["'attacked'", "one of EAST, WEST, NODE, BIG, member, hub, observer, guarantor, ally, "],
    ),
    "attacked_by_no_casus": (
        115,
        "clause[3].to",
        ["'attacked'", "a party, or a casus that finds somebody attacked"],
    ),
    "attacker_unknown": (
        103,
        "clause[2].by[2]",
        [
            "'FOES'",
            "one of EAST, WEST, NODE, BIG, FOE, member, hub, observer, guarantor, a",
            "(did you mean FOE?)",
        ],
    ),
    "bracket_of_one_choice": (
        73,
        "bracket[2].choices",
        ["an array of 1", "an array of at least 2 at most 16 items, each text that matches ^[A-Za"],
    ),
    "bracket_twice": (71, "bracket[2].id", ["G, which bracket 1 has already", "an id of its own"]),
    "casus_is_no_casus": (114, "clause[3].casus", ["'IN'", "the id of a casus clause: one of RAID"]),
    "casus_stands_less_often": (
        115,
        "clause[3].casus",
        ["RAID, which does not stand in the variant [G:weak N:named]", "a casus that stands too"],
    ),
    "caveat_stands_more_often": (
        127,
        "clause[4].on",
        [
            "ONLY, of whose clauses none stands in the variant [G:strong N:none]",
            "the same option on this clause, or another clause",
        ],
    ),
    "choice_twice": (73, "bracket[2].choices[2]", ["named again", "each at most once"]),
    "clause_twice_in_a_variant": (
        121,
        "clause[4].id",
        ["HELP, which clause 3 has already", "an id of its own, or options that exclude each other"],
    ),
    "contradiction_in_a_variant": (
        122,
        "clause[4]",
        [
            "GIVE2 (coarse) against GIVE (track) for unidentified tracks from EAST ",
            "one form, or one of the two clauses narrower than the other in what it",
        ],
    ),
    "contradiction_of_two_casus": (
        121,
        "clause[4]",
        [
            "TWO (track) against ONE (coarse) for unidentified tracks from EAST to ",
            "one form, or one of the two clauses narrower than the other in what it",
        ],
    ),
    "contradiction_on_one_day": (
        121,
        "clause[4]",
        [
            "LATE (track) against EARLY (coarse) for unidentified tracks from EAST ",
            "one form, or one of the two clauses narrower than the other in what it",
        ],
    ),
    "cooperation_without_type": (
        108,
        "clause[3]",
        ["no key 'type'", "type = one of access, capacity, command_cell, equipment, exercise, lia"],
    ),
    "copy_drops_nothing_known": (
        15,
        "based_on.drop[2]",
        [
            "'HALP'",
            "one of immediately, forthwith, T, FOE, SHORE, G, N, VISIT, IN, RAID, D",
            "(did you mean HELP?)",
        ],
    ),
    "copy_in_a_circle": (
        14,
        "based_on.file",
        [
            "copy_in_a_circle.toml -> copy_in_a_circle_back.toml -> copy_in_a_circl",
            "a chain of copies with a beginning",
        ],
    ),
    "copy_in_a_circle_back": (
        14,
        "based_on.file",
        [
            "copy_in_a_circle_back.toml -> copy_in_a_circle.toml -> copy_in_a_circl",
            "a chain of copies with a beginning",
        ],
    ),
    "copy_lacks_a_party": (
        91,
        "clause[1].exit.by",
        [
            "'BIG'",
            "one of EAST, WEST, NODE, LARGE, member, hub, observer, guarantor, ally",
            "copy_lacks_a_party.toml copies it",
        ],
    ),
    "copy_lacks_a_zone": (
        175,
        "clause[8].to",
        [
            "parties that own no zone",
            "a party that owns a zone to be warned of",
            "copy_lacks_a_zone.toml copies it",
        ],
    ),
    "copy_notes_no_digest": (
        15,
        "based_on.seen.HELP",
        ["'yesterday'", "the first 16 hexadecimal digits of the digest of a clause"],
    ),
    "copy_of_a_broken_text": (
        114,
        "clause[3].casus",
        ["'RAIDS'", "the id of a casus clause: one of RAID (did you mean RAID?)"],
    ),
    "copy_of_an_absolute_path": (
        14,
        "based_on.file",
        ["'/none.toml'", "a path from the folder of this file"],
    ),
    "copy_of_no_file": (14, "based_on.file", ["'none.toml', no file", "a readable file"]),
    "copy_renames_nobody": (
        15,
        "based_on.rename.ESAT",
        ["'ESAT'", "one of EAST, WEST, NODE, BIG, FOE (did you mean WEST?)"],
    ),
    "copy_renames_to_nobody": (
        15,
        "based_on.rename.EAST",
        ["'OST'", "one of EAST, WEST, NODE, BIG (did you mean WEST?)"],
    ),
    "copy_with_a_mistake_of_its_own": (
        44,
        "clause[1].under[1]",
        [
            "'CALLS'",
            "the id of a clause of this pact, or pact:ID, or pact:*: one of IN, RAI",
            "(did you mean CALL?)",
        ],
    ),
    "determined_by_nobody": (
        105,
        "clause[2].determined_by",
        [
            "'all'",
            "one of EAST, WEST, NODE, BIG, member, hub, observer, guarantor, ally, ",
            "(did you mean ally?)",
        ],
    ),
    "empty_area": (63, "zone[1].polygon", ["a polygon without area", "vertices that enclose an area"]),
    "event_unknown": (
        100,
        "clause[2].event[1]",
        [
            "'armed_atack'",
            "one of aggression, air_attack, armed_attack, attack, imminent, launch,",
            "(did you mean armed_attack?)",
        ],
    ),
    "look_alike_id": (
        32,
        "party[2].id",
        [
            "'W\u0415ST' with U+0415 CYRILLIC CAPITAL LETTER IE",
            "text that matches ^[A-Za-z][A-Za-z0-9_-]{0,23}$",
        ],
    ),
    "look_alike_in_a_selector": (
        115,
        "clause[3].from",
        [
            "'\u0415AST' with U+0415 CYRILLIC CAPITAL LETTER IE",
            "one of EAST, WEST, NODE, BIG, member, hub, observer, guarantor, ally, ",
            "(did you mean EAST?)",
        ],
    ),
    "milestone_by_nobody": (
        79,
        "milestone[1].by[2]",
        [
            "'FOES'",
            "a party or state: one of EAST, WEST, NODE, BIG, FOE (did you mean FOE?",
            "(did you mean FOE?)",
        ],
    ),
    "milestone_twice": (83, "milestone[2].id", ["VISIT, which milestone 1 has already", "an id of its own"]),
    "no_term_in_a_variant": (
        82,
        "clause",
        ["0 clauses of kind term in the variant [G:weak N:named]", "exactly one"],
    ),
    "no_ties_twice": (8, "no_ties[2]", ["WEST and EAST again", "each pair at most once"]),
    "no_ties_with_itself": (8, "no_ties[1]", ["EAST twice", "two different parties"]),
    "notice_to_no_body": (
        115,
        "clause[3].to[1]",
        [
            "'un'",
            "one of EAST, WEST, NODE, BIG, member, hub, observer, guarantor, ally, ",
            "(did you mean unsc?)",
        ],
    ),
    "notwithstanding_a_share": (
        134,
        "clause[4].notwithstanding[1]",
        ["'GIVE'", "the id of a withhold clause: nothing here"],
    ),
    "option_both_ways": (
        114,
        "clause[3].option[2]",
        ["G:weak beside G:strong", "one choice of each bracket, for all must be made"],
    ),
    "option_of_an_unknown_bracket": (114, "clause[3].option[1]", ["'H'", "a bracket: one of G, N"]),
    "option_of_an_unknown_choice": (
        114,
        "clause[3].option[1]",
        ["'string'", "a choice of G: one of strong, weak (did you mean strong?)"],
    ),
    "option_without_choice": (114, "clause[3].option[1]", ["'G'", "BRACKET:choice"]),
    "own_area_without_zone": (
        119,
        "clause[3].need_to_know",
        ["takers that own no zone", "a taker that owns a zone, for only what lies in its own zones would be"],
    ),
    "place_unknown": (
        104,
        "clause[2].loci[1]",
        [
            "'europa'",
            "one of EAST, WEST, NODE, BIG, FOE, north_america, north_atlantic, euro",
            "(did you mean europe?)",
        ],
    ),
    "precedence_against_narrowness": (
        142,
        "clause[6]",
        [
            "LESS over WIDE over LEAST over LESS in the variant [G:strong N:named]",
            "precedence that does not run in a circle with what is narrower, or wit",
        ],
    ),
    "precedence_against_notwithstanding": (
        177,
        "clause[8]",
        [
            "CALL over KEEP over CALL in the variant [G:strong N:named]",
            "precedence that does not run in a circle",
        ],
    ),
    "precedence_in_a_circle": (
        165,
        "clause[8]",
        [
            "KEEP over NEAR over IN over KEEP in the variant [G:strong N:named]",
            "precedence that does not run in a circle",
        ],
    ),
    "precedence_over_itself": (
        126,
        "clause[4].under[2]",
        ["KEEP, which is in over too", "another clause than those in over"],
    ),
    "precedence_over_nothing": (
        125,
        "clause[4].over[1]",
        [
            "'KEPT'",
            "the id of a clause of this pact, or pact:ID, or pact:*: one of IN, RAI",
            "(did you mean KEEP?)",
        ],
    ),
    "purpose_of_a_withhold": (
        125,
        "clause[4].on[1]",
        ["'KEEP'", "the id of a share or warn clause: nothing here"],
    ),
    "reference_into_another_variant": (
        127,
        "clause[4].on[1]",
        ["GIVE, which stands in no variant with PAUSE", "the id of a clause"],
    ),
    "remedy_on_itself": (114, "clause[3].on[1]", ["AMENDS itself", "another clause"]),
    "remedy_to_nobody_attacked": (
        129,
        "clause[4].to",
        ["'attacked'", "a party, or a casus that finds somebody attacked"],
    ),
    "reservation_by_a_non_party": (
        139,
        "clause[5].by",
        ["'FOE'", "one party: one of EAST, WEST, NODE, BIG (did you mean NODE?)"],
    ),
    "reservation_on_nothing": (
        140,
        "clause[5].on[1]",
        ["'HELPS'", "the id of a clause: one of IN, RAID, HELP, DOUBT (did you mean HELP?)"],
    ),
    "roster_backwards": (36, "party[2].until", ["2031-01-01T00:00:00+00:00", "an end after since"]),
    "selector_of_nobody": (114, "clause[3].by", ["nobody", "at least one party or role"]),
    "sharing_without_data": (
        108,
        "clause[3]",
        ["no key 'data'", "data = one of tracks, plots, picture, intelligence, warning_data, laun"],
    ),
    "source_twice": (25, "source[2].key", ["T, which source 1 has already", "an id of its own"]),
    "state_is_a_party": (48, "state[1].id", ["WEST, which is a party", "an id that no party has"]),
    "state_named_as_word": (
        48,
        "state[1].id",
        ["'external'", "an id that is not a word for a role or a place"],
    ),
    "state_twice": (53, "state[2].id", ["FOE, which state 1 has already", "an id of its own"]),
    "step_done_but_not_asked": (
        116,
        "clause[3].done[1].step",
        ["'deposit'", "a step of steps: one of signature, senate_advice_and_consent"],
    ),
    "step_unknown": (
        115,
        "clause[3].steps[2]",
        [
            "'senate'",
            "one of acceptance, accession, deposit, legislature_approval, legislatu",
            "(did you mean signature?)",
        ],
    ),
    "suspend_one_of_a_pair": (
        141,
        "clause[5].as_to[1][2]",
        ["'FOE'", "one of EAST, WEST, NODE, BIG (did you mean NODE?)"],
    ),
    "suspend_without_condition": (
        133,
        "clause[5]",
        ["no since, precedent or subsequent", "what begins or ends the suspension"],
    ),
    "term_since": (
        91,
        "clause[1].since",
        ["2021-07-01T00:00:00+00:00", "in_force, for the beginning of the pact"],
    ),
    "unit_of_minutes": (
        119,
        "clause[3].within_min",
        [
            "unknown key 'within_min'",
            "one of kind, id, text, cite, basis, binding, since, until, option, by,",
            "(did you mean within_s?)",
        ],
    ),
    "unknown_casus": (
        114,
        "clause[3].casus",
        ["'RAIDS'", "the id of a casus clause: one of RAID (did you mean RAID?)"],
    ),
    "unknown_milestone": (
        140,
        "clause[5].precedent",
        ["'VISITS'", "a milestone: one of VISIT (did you mean VISIT?)"],
    ),
    "unknown_source": (
        112,
        "clause[3].cite",
        ["'TT'", "the key of a [[source]]: one of T (did you mean T?)"],
    ),
    "untyped_cooperation": (
        115,
        "clause[3].type",
        ["'broad'", "one of access, capacity, command_cell, equipment, exercise, liaison, p"],
    ),
    "vague_word_for_days": (
        116,
        "clause[3].every_d",
        ["'immediately'", "days, above 0 and at most 36525, or one of unknown"],
    ),
    "vague_word_of_no_time": (17, "words.immediately", ["0", "seconds, above 0 and at most 31622400"]),
    "vague_word_without_a_value": (
        118,
        "clause[3].within_s",
        ["'promptly'", "seconds, above 0 and at most 31622400, or one of immediately, forthwit"],
    ),
    "warn_in_two_days": (
        119,
        "clause[3].within_s",
        ["172800 s", "at most 86400 seconds, for a node sends the warning"],
    ),
    "warn_notwithstanding_a_route": (
        125,
        "clause[3].notwithstanding[2]",
        ["'APART'", "the id of a caveat or withhold clause: one of KEEP, ONLY"],
    ),
    "words_for_unknown": (
        17,
        "words.unknown",
        ["'unknown'", "a word of letters, digits, _ and -, other than unknown"],
    ),
    "no_time_at_all": (118, "clause[3].within_s", ["0", "seconds, above 0 and at most 31622400"]),
}
