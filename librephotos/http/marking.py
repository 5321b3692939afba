"""Marks what handlers take, as the framework wants it, by the one rule that the house has.

A handler says `viewer: Viewer, photo_id: str, data: SomeInput`. Which of these comes from a dependency, the path, the
query or the body follows from its name, but the framework will no longer infer that and asks for a mark on each, such
as `NamedDependency[Viewer]`. They are put on here, once, before the routes are registered, not at each handler.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Any, get_origin, get_type_hints

from litestar.constants import RESERVED_KWARGS
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody


def mark_parameters(routes: Iterable[BaseRouteHandler], dependencies: Collection[str]) -> None:
    """Mark the parameters of every handler; those that carry a mark keep it."""
    for route in routes:
        in_path = {name for path in route.paths for name in _names_in(path)}
        mark(route.fn, dependencies, in_path)


def mark(function: Callable[..., Any], dependencies: Collection[str], in_path: Collection[str] = ()) -> None:
    """Mark one function's parameters. Which types a body comes as is `binding.py`'s to say, whatever its mark."""
    hints = get_type_hints(function, include_extras=True)
    for name, hint in hints.items():
        if name == "return" or get_origin(hint) is Annotated:
            continue
        form: Any = None  # a type's marked form
        if name in dependencies:
            form = NamedDependency
        elif name in in_path:
            form = FromPath
        elif name == "data":
            form = JSONBody
        elif name not in RESERVED_KWARGS:
            form = FromQuery
        if form is not None:
            hints[name] = form[hint]
    function.__annotations__ = hints


def _names_in(path: str) -> list[str]:
    """Return the parameters of a path such as `/api/photos/{photo_id:str}/`."""
    return [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]
