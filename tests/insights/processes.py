"""Real insights workers on a real Kafka, what is published for them, and a recount of it from the topics alone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.events.topics import DECIDED, INSIGHTS_STATE, OUTCOMES, TOPICS
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Outgoing, Partition, TopicSpec
from mahlan.runtime.kafka import KafkaBroker

SERVICES = Path(__file__).parents[2] / "services"
PATIENCE = 90.0
SESSION = 6.0
