"""What a text says in a situation: who owes and gets what, in three values, over all that texts can tell."""
