"""Builds the document: what the framework derives from handlers, then one pass over every operation.

Beside `who` and `scope` a route may say: `answer=Type` when the handler sends ready bytes, `answers={201: Type}` for
more statuses (None: no body; a text: that media type; a tuple: one of several), `body=Model` (or a JSON Schema with a
title) when the handler binds the body itself, `refusals={404: Type}` for refusals in a shape of their own
(None: no body), `query=("page", ...)` for parameters that the handler reads from the query string itself.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import License
from litestar.routes import HTTPRoute
from pydantic import BaseModel

from librephotos import __version__
from librephotos.http.openapi.parts import (
    MEDIA_PATHS,
    PARAMETERS,
    REFUSALS,
    SECURITY_SCHEMES,
    Part,
)
from librephotos.http.openapi.published import published
from librephotos.http.refusals import Errors
from librephotos.kit import json

TITLE = "LibrePhotos"
DESCRIPTION = (
    "A self-hosted photo library. Sign in with `POST /api/auth/token/obtain/` and send the access token as "
    "`Authorization: Bearer <token>`, or send Basic credentials. Every path answers with and without its closing "
    "slash, HEAD works wherever GET does, and bodies may be JSON, form or multipart."
)
BODY_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
_REF = "#/components/schemas/{name}"
# A page of jobs is derived as `Page_librephotos.jobs.schemas.Job_`, one of a feed as `SyncPage_…`.
_PAGE_NAME = re.compile(r"\b(?:Page|SyncPage|Numbered)_(?:\w+\.)*(\w+)_\b")


def build_document(framework: Litestar) -> Part:
    """Return the OpenAPI 3.1 document of a framework whose state holds its `routes` and its `scopes`.

    `scopes` are names with what they mean and whether an API key can hold them.

    The framework itself is made without `openapi_config`, which costs time and routes at every start; a second one,
    which serves nothing, is made of the same handlers only when somebody asks.
    """
    described = Litestar(
        route_handlers=list(framework.state["routes"]),
        dependencies=dict(framework.dependencies),
        request_class=framework.request_class,
        openapi_config=OpenAPIConfig(
            title=TITLE,
            version=__version__,
            description=DESCRIPTION,
            license=License(name="MIT", identifier="MIT"),
            render_plugins=[],
            path="/api/unserved",
        ),
        logging_config=None,
    )
    document: Part = described.openapi_schema.to_schema()
    schemas: Part = document.setdefault("components", {}).setdefault("schemas", {})
    paths: Part = {}
    scopes: list[Part] = framework.state["scopes"]
    grantable = {scope["name"]: scope["is_grantable"] for scope in scopes}
    for path, method, handler in _operations(described):
        operation = document["paths"][path][method]
        corrected = _corrected(operation, handler, schemas)
        if grantable.get(corrected["x-scope"], False) and corrected["security"] != [{}]:
            corrected["security"].append({"key": [corrected["x-scope"]]})
        paths.setdefault(published(path), {})[method] = corrected
    for schema in schemas.values():
        _drop_impossible_defaults(schema)
    document["paths"] = dict(sorted({**paths, **MEDIA_PATHS}.items()))
    _described(Errors, schemas)
    document["components"] = {
        "schemas": schemas,
        "responses": dict(REFUSALS.values()),
        "securitySchemes": SECURITY_SCHEMES,
    }
    document["security"] = [{"bearer": []}, {"basic": []}]
    document["x-scopes"] = scopes
    _name_apart(document["paths"])
    # A copy without shared parts, which YAML would write as anchors.
    copied: Part = json.loads(_PAGE_NAME.sub(r"\1Page", json.dumps(document)))
    copied["components"]["schemas"] = dict(sorted(copied["components"]["schemas"].items()))
    _let_overlap(copied)
    _say_places(copied)
    return copied


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if handler.resolve_include_in_schema():
                    yield route.path_format or "/", method.lower(), handler


def _corrected(operation: Part, handler: HTTPRouteHandler, schemas: Part) -> Part:
    opt = handler.opt
    body = _body(operation, opt.get("body"), schemas)
    parameters = _parameters(operation, opt.get("query", ()))
    summary, _, description = (handler.fn.__doc__ or handler.handler_name).strip().partition("\n")
    corrected: Part = {
        "tags": [handler.fn.__module__.split(".")[1]],
        "summary": summary.strip(),
        "operationId": handler.handler_name,
        "security": _security(handler),
        "x-access": _access(handler),
        "x-scope": opt.get("scope", ""),
    }
    if description.strip():
        corrected["description"] = " ".join(description.split())
    if parameters:
        corrected["parameters"] = parameters
    if body:
        corrected["requestBody"] = body
    corrected["responses"] = {
        **_answers(operation, handler, schemas),
        **_refusals(handler, schemas, has_body=bool(body), has_parameters=bool(parameters)),
    }
    return corrected


def _access(handler: HTTPRouteHandler) -> str:
    """The name of the route's rule; a route without one is for signed-in callers."""
    return str(getattr(handler.opt.get("who"), "__name__", "signed_in"))


def _security(handler: HTTPRouteHandler) -> list[Part]:
    credentials = handler.opt.get("credentials")
    if credentials == "ignored":
        return [{}]
    second = "cookie" if credentials == "cookie" else "basic"
    accepted: list[Part] = [{"bearer": []}, {second: []}]
    return [{}, *accepted] if _access(handler) == "anyone" else accepted


def _body(operation: Part, model: type[BaseModel] | Part | None, schemas: Part) -> Part:
    """JSON, form and multipart alike; no body at all counts as an empty object."""
    if isinstance(model, dict):
        schemas[model["title"]] = model
        return _of_every_type({"$ref": _REF.format(name=model["title"])})
    if model is not None:
        schema = model.model_json_schema(ref_template=_REF.replace("{name}", "{model}"))
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
        return _of_every_type({"$ref": _REF.format(name=model.__name__)})
    body = operation.get("requestBody")
    return _of_every_type(next(iter(body["content"].values()))["schema"]) if body else {}


def _of_every_type(schema: Part) -> Part:
    return {"content": {kind: {"schema": schema} for kind in BODY_TYPES}}


def _parameters(operation: Part, query: tuple[str, ...]) -> list[Part]:
    """Path and query parameters are texts, parsed leniently by the handler."""
    places = {parameter["name"]: parameter["in"] for parameter in operation.get("parameters", ())}
    places = {**dict.fromkeys(query, "query"), **places}
    found = []
    for name, place in places.items():
        schema: Part = {"type": "string", "minLength": 1} if place == "path" else {"type": "string"}
        parameter: Part = {"name": name, "in": place, "required": place == "path", "schema": schema}
        if name in PARAMETERS:
            parameter["description"] = PARAMETERS[name]
        found.append(parameter)
    return found


def _answers(operation: Part, handler: HTTPRouteHandler, schemas: Part) -> Part:
    stated = dict(handler.opt.get("answers", {}))
    if "answer" in handler.opt:
        stated[handler.status_code] = handler.opt["answer"]
    answers = {
        status: {"description": "Done.", **_content_of(answer)}
        for status, answer in operation["responses"].items()
        if status.startswith("2") and int(status) not in stated
    }
    for status, kind in stated.items():
        answers[str(status)] = {"description": "Done.", **_described(kind, schemas)}
    return answers


def _content_of(answer: Part) -> Part:
    """The content of an answer; none where the handler returns nothing."""
    content = answer.get("content") or {}
    if all(part.get("schema") == {"type": "null"} for part in content.values()):
        return {}
    return {"content": content}


def _described(kind: Any, schemas: Part) -> Part:  # any type that msgspec can describe
    """Return the content of an answer of `kind`; its named schemas are added to `schemas`."""
    if kind is None:
        return {}
    if isinstance(kind, str):
        return {"content": {kind: {"schema": {"type": "string"}}}}
    kinds = list(kind) if isinstance(kind, tuple) else [kind]
    described, named = msgspec.json.schema_components(kinds, ref_template=_REF)
    for name, component in named.items():
        schemas.setdefault(name, component)
    schema = described[0] if len(described) == 1 else {"anyOf": list(described)}
    return {"content": {"application/json": {"schema": schema}}}


def _refusals(handler: HTTPRouteHandler, schemas: Part, *, has_body: bool, has_parameters: bool) -> Part:
    """The refusals that this operation can meet, in its own shapes where it has some."""
    opt = handler.opt
    is_safe = "GET" in handler.http_methods
    reads_credentials = opt.get("credentials") != "ignored"
    statuses = {405, 431, 500, 503}
    if opt.get("accept") != "any":
        statuses.add(406)
    if reads_credentials or not is_safe:
        statuses |= {401, 429}
    if reads_credentials and (not is_safe or opt.get("scope") != "public"):
        statuses.add(403)  # an API key may lack the scope
    if has_parameters or has_body:
        statuses.add(400)
    if has_parameters or (has_body and reads_credentials):
        statuses.add(404)
    if not is_safe:
        statuses.add(408)
    if has_body:
        statuses |= {413, 415}
    answers: dict[int, Part] = {
        status: {"$ref": f"#/components/responses/{REFUSALS[status][0]}"} for status in statuses
    }
    for status in opt.get("answers", {}):
        answers.pop(status, None)  # an answer with that status, such as 503 of a health check, is no refusal
    for status, kind in opt.get("refusals", {}).items():
        answers[status] = {"description": "Refused, in a shape of its own.", **_described(kind, schemas)}
    for status, reason in opt.get("sometimes_empty", {}).items():
        shared = REFUSALS[status][1]
        answers[status] = {**shared, "description": f"{shared['description']} Without a body {reason}."}
    return {str(status): answer for status, answer in sorted(answers.items())}


def _drop_impossible_defaults(schema: Part) -> None:
    """Drop the default `""` of a text that must not be blank when it is sent."""
    for field in schema.get("properties", {}).values():
        if field.get("default") == "" and field.get("minLength", 0) > 0:
            del field["default"]


def _let_overlap(part: Any) -> None:  # any JSON value
    """Turn every `oneOf` into `anyOf`: an empty page fits several kinds of page, a whole user also a short one."""
    if isinstance(part, dict):
        if "oneOf" in part:
            part["anyOf"] = part.pop("oneOf")
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            _let_overlap(child)


def _say_places(part: Any) -> None:  # any JSON value
    """Say of a list of fixed length what may stand in it: a list in `items` is of older drafts of JSON Schema."""
    if isinstance(part, dict):
        places = part.get("items", part.get("prefixItems"))
        if isinstance(places, list):
            part.pop("prefixItems", None)
            kinds = [place for index, place in enumerate(places) if place not in places[:index]]
            part |= {"items": {"anyOf": kinds}, "minItems": len(places), "maxItems": len(places)}
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            _say_places(child)


def _name_apart(paths: Part) -> None:
    """Make operation ids unique: a handler that serves several paths or methods gets a number on the later ones."""
    seen: set[str] = set()
    for methods in paths.values():
        for operation in methods.values():
            name, number = operation["operationId"], 2
            while operation["operationId"] in seen:
                operation["operationId"], number = f"{name}_{number}", number + 1
            seen.add(operation["operationId"])
