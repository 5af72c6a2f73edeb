"""The contract: every event that crosses a topic, written once."""
