"""Fields that several events have, each with its limits. Used by the other modules of the contract."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=256, description="opaque, unique on the platform")]
AuthorKey = Annotated[
    str, Meta(min_length=8, max_length=128, description="salted hash of the author id; the record key")
]
Platform = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="where the comment was written, for deployments that serve several; carried to the nudge",
    ),
]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset")]
Revision = Annotated[int, Meta(ge=0, le=1_000_000, description="grows with each edit of the same comment")]
Score = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Length = Annotated[int, Meta(ge=0, le=2**31 - 1, description="characters of the original text")]
Language = Annotated[str, Meta(min_length=2, max_length=35, description="BCP 47; 'mixed' and 'und' are used too")]
Span = Annotated[list[Annotated[int, Meta(ge=0, le=2**31 - 1)]], Meta(min_length=2, max_length=2)]
ModelName = Annotated[str, Meta(pattern=r"^[a-z0-9._-]+@[A-Za-z0-9._-]+$", description="name@version")]

CampaignId = Annotated[str, Meta(min_length=1, max_length=64)]
CampaignVersion = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$", description="hash of the campaign file")]
Reason = Annotated[str, Meta(min_length=1, max_length=64, description="code of the rule that decided")]
Slips = Annotated[
    int,
    Meta(ge=0, le=2**31 - 1, description="words read as others, where several words of a comment were mistyped"),
]
Disguises = Annotated[
    int,
    Meta(
        ge=0, le=2**31 - 1, description="places where signs, digits or look-alikes hid a word, or letters stood apart"
    ),
]
