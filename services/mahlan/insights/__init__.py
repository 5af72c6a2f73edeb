"""The insights service: counts the challenge and joins nudges with what became of them, in Faust tables."""

SERVICE = "insights"
