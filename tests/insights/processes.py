"""Real insights workers on a real Kafka, what is published for them, and a recount of it from the topics alone."""

from __future__ import annotations

from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"
PATIENCE = 90.0
SESSION = 6.0
