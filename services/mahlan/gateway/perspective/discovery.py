"""The discovery document: what generic Google clients build themselves from. Served by ``routes/perspective.py``.

Written out, since its dialect (``format``, ``$ref`` by bare name, methods beside resources) is Google's own. Types and
names are those of the Comment Analyzer API, v1alpha1; tests/conformance builds real clients from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mahlan import __version__

VERSION = "v1alpha1"
NAME = "commentanalyzer"

_TEXT = {"type": "string"}
_SWITCH = {"type": "boolean"}
_WHOLE = {"type": "integer", "format": "int32"}
_REAL = {"type": "number", "format": "float"}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": name}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(items)}


def _map(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _of(name)}


_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "TextEntry": {"text": _TEXT, "type": _TEXT},
    "ArticleAndParentComment": {"article": _of("TextEntry"), "parentComment": _of("TextEntry")},
    "Context": {
        "articleAndParentComment": _of("ArticleAndParentComment"),
        "entries": _list(_of("TextEntry")),
    },
    "AttributeParameters": {"scoreThreshold": _REAL, "scoreType": _TEXT},
    "Score": {"type": _TEXT, "value": _REAL},
    "SpanScore": {"begin": _WHOLE, "end": _WHOLE, "score": _of("Score")},
    "AttributeScores": {"spanScores": _list(_of("SpanScore")), "summaryScore": _of("Score")},
    "AnalyzeCommentRequest": {
        "clientToken": _TEXT,
        "comment": _of("TextEntry"),
        "communityId": _TEXT,
        "context": _of("Context"),
        "doNotStore": _SWITCH,
        "dropUnsupportedAttributes": _SWITCH,
        "languages": _list(_TEXT),
        "requestedAttributes": _map("AttributeParameters"),
        "sessionId": _TEXT,
        "spanAnnotations": _SWITCH,
    },
    "AnalyzeCommentResponse": {
        "attributeScores": _map("AttributeScores"),
        "clientToken": _TEXT,
        "detectedLanguages": _list(_TEXT),
        "languages": _list(_TEXT),
    },
    "SuggestCommentScoreRequest": {
        "attributeScores": _map("AttributeScores"),
        "clientToken": _TEXT,
        "comment": _of("TextEntry"),
        "communityId": _TEXT,
        "context": _of("Context"),
        "languages": _list(_TEXT),
        "sessionId": _TEXT,
    },
    "SuggestCommentScoreResponse": {"clientToken": _TEXT},
}
_PARAMETERS = {
    "alt": {"type": "string", "location": "query", "default": "json", "enum": ["json"]},
    "fields": {"type": "string", "location": "query"},
    "key": {"type": "string", "location": "query"},
    "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
    "quotaUser": {"type": "string", "location": "query"},
}


def describe(root: str) -> dict[str, Any]:
    """The document of an API at ``root``, an address that ends with a slash."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"{NAME}:{VERSION}",
        "name": NAME,
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "revision": __version__,
        "title": "Perspective Comment Analyzer API, spoken by mahlan",
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "basePath": "",
        "batchPath": "batch",
        "parameters": _PARAMETERS,
        "schemas": {
            name: {"id": name, "type": "object", "properties": properties} for name, properties in _SCHEMAS.items()
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeComment"),
                    "suggestscore": _method("suggestscore", "SuggestCommentScore"),
                }
            }
        },
    }


def _method(name: str, message: str) -> dict[str, Any]:
    path = f"{VERSION}/comments:{name}"
    return {
        "id": f"{NAME}.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": _of(f"{message}Request"),
        "response": _of(f"{message}Response"),
    }
