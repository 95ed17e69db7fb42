"""The pact: what the text says (clauses, words), when it speaks (force), and the rooms that work with it.

reading       TOML to a checked pact and back: copies, references, contradictions, the schema for editors
tables        what a node runs: rules compiled for one member at one time, and the rows that they release
meaning       what a text says in a situation: duties and flows in three values, the product of situations
asking        explain, expect, cases, matrix
checks        K1 to K15, alone and together
comparing     diff, compare, the order of strength, coding for comparison with history
negotiating   drafts with brackets and positions: what all can accept, what blocks, what decides
incidents     what happened, according to whom, and what it obliged: the ledger, claims
"""
