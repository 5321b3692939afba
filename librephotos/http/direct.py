"""The short way to the handlers that are asked most, beside the framework's router.

A GET route that says `direct=True` takes the request and at most one text out of its path, and gives `Ready` bytes.
For these the framework's own steps (trie, dependencies, signature, response) change nothing and cost more than the
query: they are looked up in a dict here, behind the same guard. Everything else, other methods and odd spellings of
a path included, goes to the framework, which knows the same routes.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from litestar.handlers import BaseRouteHandler

from librephotos.http.rendering import Ready

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Handler = Callable[..., Awaitable[Ready]]
# May this caller use this route? Raises when not.
Guard = Callable[[BaseRouteHandler, Any], None]


class DirectRequest:
    """What a direct handler knows of its request: the ASGI scope."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


class DirectRoutes:
    """An ASGI application in front of `framework`, which answers whatever is not direct."""

    def __init__(self, framework: App, routes: Iterable[BaseRouteHandler], guard: Guard) -> None:
        self.framework = framework
        self.guard = guard
        self._plain: dict[str, BaseRouteHandler] = {}
        self._below: dict[str, BaseRouteHandler] = {}
        self._taken: set[str] = set()
        self._functions: dict[BaseRouteHandler, Handler] = {}
        for route in routes:
            for path in route.paths:
                self._add(route, path.rstrip("/"))

    def _add(self, route: BaseRouteHandler, path: str) -> None:
        folder, _, name = path.rpartition("/")
        has_parameter = "{" in path
        if not has_parameter:
            # The router prefers a fixed name to a parameter, and never comes back from it.
            self._taken.add(path)
        if not route.opt.get("direct"):
            return
        self._functions[route] = route.fn
        if not has_parameter:
            self._plain[path] = route
        elif "{" not in folder and name.endswith(":str}"):
            self._below[folder] = route
        else:
            raise ValueError(f"{path} cannot be direct: only the last part of a path may be a parameter.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            path = scope["path"].rstrip("/")
            route = self._plain.get(path)
            if route is not None:
                self.guard(route, scope["viewer"])
                answer = await self._functions[route](DirectRequest(scope))
                await answer(scope, receive, send)
                return
            folder, _, name = path.rpartition("/")
            route = self._below.get(folder)
            if route is not None and path not in self._taken:
                self.guard(route, scope["viewer"])
                answer = await self._functions[route](DirectRequest(scope), name)
                await answer(scope, receive, send)
                return
        await self.framework(scope, receive, send)
