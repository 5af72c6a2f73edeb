"""The demonstration: invented comments, the services as real processes, and a ledger of what became of each comment."""
