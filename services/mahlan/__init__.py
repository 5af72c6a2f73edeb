"""mahlan: event-driven comment moderation that nudges instead of blocking."""

__version__ = "0.1.0"
