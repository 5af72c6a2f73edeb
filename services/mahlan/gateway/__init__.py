"""The HTTP door: checks before posting, comments, outcomes, a stream of nudges, erasure. ``mahlan run gateway``."""

from typing import Final

#: Its name in metrics and logs.
SERVICE: Final = "gateway"
#: The ``ce_source`` of what it writes.
SOURCE: Final = "mahlan/gateway"
