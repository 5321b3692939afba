"""The OpenAPI document of this version, and what it says of one operation."""

import json
import os
import re
from functools import lru_cache
from typing import Any

from tests import ready


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Return the document as the command line prints it, without a server."""
    printed = ready.run("openapi", environment=os.environ)
    assert printed.returncode == 0, printed.stderr
    read: dict[str, Any] = json.loads(printed.stdout)
    return read


def operation(method: str, path: str) -> dict[str, Any] | None:
    """Return an operation by its published path, whatever the parameters are called here."""
    found: dict[str, Any] | None = _operations().get((method, _shape(path)))
    return found


def answer_fields(found: dict[str, Any]) -> set[str]:
    """Return the names of all fields in the success of an operation, those of lists' entries too."""
    fields: set[str] = set()
    for status, answer in found["responses"].items():
        if str(status).startswith("2"):
            for content in answer.get("content", {}).values():
                _collect(content.get("schema", {}), fields, depth=0)
    return fields


@lru_cache(maxsize=1)
def _operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), _shape(path)): found
        for path, methods in document()["paths"].items()
        for method, found in methods.items()
        if isinstance(found, dict)
    }


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def _collect(schema: dict[str, Any], fields: set[str], depth: int) -> None:
    if depth > 4:
        return
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        schema = document()["components"]["schemas"][name]
    for kind in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(kind, []):
            _collect(each, fields, depth + 1)
    if "items" in schema:
        _collect(schema["items"], fields, depth + 1)
    for name, inner in schema.get("properties", {}).items():
        fields.add(name)
        if name in ("results", "items", "grouped_photos", "photos"):
            _collect(inner, fields, depth + 1)
