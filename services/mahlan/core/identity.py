"""From an author's id to the key that replaces it everywhere. Called by the normaliser and the gateway."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache


@lru_cache(maxsize=65_536)
def author_key(author_id: str, salt: str) -> str:
    """HMAC-SHA256 of the id under the deployment's salt, first 128 bits as 32 hex digits.

    The same id and salt give the same key, so order and caps hold; without the salt the id cannot be found by
    trying ids.
    """
    return hmac.new(salt.encode(), author_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
