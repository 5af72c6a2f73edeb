"""``python -m mahlan``: the same as the installed command ``mahlan``."""

from __future__ import annotations

import sys

from mahlan.cli.main import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
