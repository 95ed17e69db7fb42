"""What happened, according to whom, and what it obliged: incidents, the ledger of obligations, claims."""
