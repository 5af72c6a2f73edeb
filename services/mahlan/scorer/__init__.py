"""The scorer service: normalised comments to scores and verdicts."""
