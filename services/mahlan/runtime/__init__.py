"""The edges every service shares: settings, logs, metrics, the status port, brokers."""
