"""The ways for a nudge to reach a platform."""
