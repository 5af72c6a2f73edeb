"""The normaliser service: the only part that consumes through Faust."""
