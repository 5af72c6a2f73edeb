"""Pure rules and readings: no I/O, no clock, no randomness, no logging."""
