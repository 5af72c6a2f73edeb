"""Every setting as a table: for ``mahlan settings`` and the docs."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

from mahlan.runtime.settings import Settings, setting_name


def described_settings() -> list[dict[str, Any]]:
    """Name, default, allowed values and meaning of every setting: for ``mahlan settings`` and the docs."""
    hints = get_type_hints(Settings, include_extras=True)
    return [
        {
            "name": setting_name(field.name),
            "default": field.default if field.default is not MISSING else None,
            "type": _type_name(hints[field.name]),
            "meaning": _meaning(hints[field.name]),
        }
        for field in fields(Settings)
    ]


def _meaning(hint: Any) -> str:
    return next((m.description for m in reversed(hint.__metadata__) if m.description), "")


def _type_name(hint: Any) -> str:
    inner = get_args(hint)[0]
    choices = get_args(inner)
    return " | ".join(map(str, choices)) if choices else str(inner.__name__)
