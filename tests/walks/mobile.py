"""A phone's client: it follows no redirect, checks every type, and keeps a record of what it asked."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Self

import httpx

from tests.instance import Instance

Shape = Any  # a type, a tuple of alternatives, a list of one shape, or the required keys of an object


def mismatches(value: Any, shape: Shape, place: str = "answer") -> list[str]:
    """Return where a value is not of the shape; keys beyond the required ones are ignored, as clients do."""
    if isinstance(shape, tuple):
        tried = [mismatches(value, each, place) for each in shape]
        return [] if not all(tried) else [fault for faults in tried for fault in faults]
    if isinstance(shape, list):
        if type(value) is not list:
            return [f"{place}: {value!r} is no list"]
        return [
            fault
            for number, each in enumerate(value)
            for fault in mismatches(each, shape[0], f"{place}[{number}]")
        ]
    if isinstance(shape, dict):
        if type(value) is not dict:
            return [f"{place}: {value!r} is no object"]
        missing = [f"{place}: no {name}" for name in shape if name not in value]
        return missing + [
            fault
            for name, each in shape.items()
            if name in value
            for fault in mismatches(value[name], each, f"{place}.{name}")
        ]
    if shape is None:
        return [] if value is None else [f"{place}: {value!r} is not null"]
    if isinstance(shape, type):
        # A number with a fraction may be spelled without one; true is no number.
        is_right = type(value) is shape or (shape is float and type(value) is int)
        return [] if is_right else [f"{place}: {value!r} is no {shape.__name__}"]
    return [] if value == shape and type(value) is type(shape) else [f"{place}: {value!r} is not {shape!r}"]


class Phone:
    """`keeps_cookies` is how the client shows its token to media: with the cookie too, or by the header alone."""

    def __init__(self, instance: Instance, *, keeps_cookies: bool) -> None:
        self.client = instance.client(follow_redirects=False)
        self.keeps_cookies = keeps_cookies
        self.access = self.refresh_token = ""
        self.record: list[tuple[str, str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.client.close()

    def ask(self, method: str, path: str, *, status: int = 200, **more: Any) -> httpx.Response:
        """Ask once; after a 401 refresh the token and ask again, once."""
        answer = self._send(method, path, **more)
        if answer.status_code == 401 and self.refresh_token and status != 401:
            self.refresh()
            answer = self._send(method, path, **more)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:500])
        return answer

    def get(self, path: str, shape: Shape, **params: Any) -> Any:
        return self._checked("GET", path, shape, params=params)

    def post(self, path: str, shape: Shape, **body: Any) -> Any:
        return self._checked("POST", path, shape, json=body)

    def sign_in(self, username: str, password: str) -> Mapping[str, Any]:
        """Return what the token says: a flat map, which one client reads as texts."""
        tokens = self.post(
            "/api/auth/token/obtain/",
            {"access": str, "refresh": str},
            username=username,
            password=password,
        )
        self.access, self.refresh_token = tokens["access"], tokens["refresh"]
        payload = self.access.split(".")[1]
        claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert all(isinstance(value, str | int | float | bool) for value in claims.values()), claims
        return claims

    def refresh(self) -> None:
        self.access = ""
        answer = self.post("/api/auth/token/refresh/", {"access": str}, refresh=self.refresh_token)
        self.access = answer["access"]

    def _checked(self, method: str, path: str, shape: Shape, **more: Any) -> Any:
        answer = self.ask(method, path, **more)
        assert answer.headers["content-type"].startswith("application/json")
        value = answer.json()
        assert mismatches(value, shape) == [], path
        return value

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        answer = self.client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)
        self.record.append((method, path.partition("?")[0], answer.status_code))
        assert not answer.is_redirect, (path, answer.headers.get("location"))
        assert answer.status_code < 500, answer.text
        if not self.keeps_cookies:
            self.client.cookies.clear()
        return answer
