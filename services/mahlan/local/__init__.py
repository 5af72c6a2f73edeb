"""A real Kafka on this machine, from packages, for trials, the demo and tests. Never part of a deployment."""
