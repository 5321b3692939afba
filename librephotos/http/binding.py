"""Input is bound here and nowhere else: JSON, form and multipart bodies to Pydantic models, all field errors together.

The published texts are those of the reference's serializers (`spec` of the API, section on errors).
"""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import State
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from librephotos.errors import BadInput, UnsupportedMediaType

M = TypeVar("M", bound=BaseModel)

_KIND_NAMES = {str: "str", list: "list", int: "int", float: "float", bool: "bool"}
_FORM_FIELD_LIMIT = 2_000


class UploadedFile:
    """A file part of a multipart body, in memory; the request's size limit bounds it."""

    __slots__ = ("content", "content_type", "name")

    def __init__(self, name: str, content_type: str, content: bytes) -> None:
        self.name = name
        self.content_type = content_type
        self.content = content


class ApiRequest(Request[Any, Any, State]):
    """Binds `data: SomeInput` whatever the content type; an empty body counts as an empty object."""

    async def body(self) -> bytes:
        # Without a body the framework would not ask for `data` at all.
        return await super().body() or b"{}"

    async def json(self) -> Any:
        model = self.route_handler.parsed_fn_signature.parameters["data"].annotation
        return bind(model, await read_fields(self))


async def read_fields(request: ApiRequest) -> Any:  # any JSON value
    """Return the body's fields. Raises BadInput for a body that cannot be parsed, UnsupportedMediaType otherwise."""
    body = await Request.body(request)
    header = request.headers.get("content-type", "")
    kind = header.split(";", 1)[0].strip().lower()
    if kind == "application/json":
        return parse_json(body) if body else {}
    if kind == "application/x-www-form-urlencoded":
        return parse_form(body)
    if kind == "multipart/form-data":
        return parse_multipart(header, body)
    if not body and not kind:
        return {}
    raise UnsupportedMediaType(f'Unsupported media type "{header}" in request.')


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _refuse_constant(text)
    return number


def _unclosed_int(text: str) -> int:
    # Python refuses to convert more than 4300 digits by default; say so in our own words.
    if len(text) > 400:
        raise ValueError("Number is too long")
    return int(text)


def parse_json(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_unclosed_int)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadInput.of("detail", f"JSON parse error - {reason}") from None


def parse_form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELD_LIMIT, errors="strict"
        )
    except ValueError:
        raise BadInput.of("detail", "Form parse error - the body is not URL-encoded UTF-8.") from None
    return dict(pairs)


def parse_multipart(header: str, body: bytes) -> dict[str, Any]:
    """Return text fields as `str` and files as `UploadedFile`; the last of repeated fields wins."""
    _, options = parse_options_header(header)
    boundary = options.get("boundary", "")
    fields: dict[str, Any] = {}
    segment: MultipartSegment | None = None
    content = bytearray()
    try:
        with PushMultipartParser(
            boundary, content_length=len(body), max_segment_count=_FORM_FIELD_LIMIT
        ) as parser:
            for result in parser.parse(body):
                if isinstance(result, MultipartSegment):
                    segment, content = result, bytearray()
                elif result is not None:
                    content += result
                elif segment is not None:
                    fields[segment.name] = _field(segment, bytes(content))
    except (MultipartError, ValueError) as error:
        raise BadInput.of("detail", f"Multipart form parse error - {error}") from None
    return fields


def _field(segment: MultipartSegment, content: bytes) -> str | UploadedFile:
    if segment.filename is None:
        return content.decode()
    return UploadedFile(segment.filename, segment.content_type or "", content)


def bind(model: type[M], fields: object) -> M:
    """Return `fields` as `model`. Raises BadInput with one entry a field, in the order of the model's fields."""
    if fields is None:
        raise BadInput.of("non_field_errors", "No data provided")
    if not isinstance(fields, Mapping):
        kind = _KIND_NAMES.get(type(fields), type(fields).__name__)
        raise BadInput.of("non_field_errors", f"Invalid data. Expected a dictionary, but got {kind}.")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise BadInput(entries=_entries(model, error)) from None


def _entries(model: type[BaseModel], error: ValidationError) -> list[tuple[str, str]]:
    texts: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False):
        field = str(detail["loc"][0]) if detail["loc"] else "non_field_errors"
        text = message_of(detail)
        if text not in texts.setdefault(field, []):
            texts[field].append(text)
    order = {info.alias or name: index for index, (name, info) in enumerate(model.model_fields.items())}
    ordered = sorted(texts.items(), key=lambda item: order.get(item[0], len(order)))
    return [(field, " ".join(parts)) for field, parts in ordered]


_TEXTS = {
    "missing": "This field is required.",
    "string_type": "Not a valid string.",
    "string_unicode": "Not a valid string.",
    "int_type": "A valid integer is required.",
    "int_parsing": "A valid integer is required.",
    "int_from_float": "A valid integer is required.",
    "int_parsing_size": "A valid integer is required.",
    "float_type": "A valid number is required.",
    "float_parsing": "A valid number is required.",
    "finite_number": "A valid number is required.",
    "bool_type": "Must be a valid boolean.",
    "bool_parsing": "Must be a valid boolean.",
    "list_type": "Expected a list of items.",
    "dict_type": "Expected a dictionary of items.",
    "model_type": "Expected a dictionary of items.",
}


def message_of(detail: ErrorDetails) -> str:
    """Return the published text for one error of Pydantic."""
    kind = detail["type"]
    context = detail.get("ctx") or {}
    if kind != "missing" and detail["input"] is None:
        return "This field may not be null."
    if kind == "string_too_short":
        minimum = context["min_length"]
        return (
            "This field may not be blank."
            if minimum == 1
            else f"Ensure this field has at least {minimum} characters."
        )
    if kind == "string_too_long":
        return f"Ensure this field has no more than {context['max_length']} characters."
    if kind == "greater_than_equal":
        return f"Ensure this value is greater than or equal to {context['ge']}."
    if kind == "less_than_equal":
        return f"Ensure this value is less than or equal to {context['le']}."
    if kind in ("literal_error", "enum"):
        return f'"{detail["input"]}" is not a valid choice.'
    if kind.startswith(("date", "time")):
        return (
            "Datetime has wrong format. Use one of these formats instead: "
            "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
        )
    return _TEXTS.get(kind, detail["msg"])
