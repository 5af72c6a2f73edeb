"""The service that decides about scored comments and hands nudges to the platform's channels."""

from typing import Final

#: Its name in metrics, logs, dead letters and consumer groups.
SERVICE: Final = "dispatcher"
