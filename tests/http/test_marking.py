"""Handlers are marked as the framework wants them: it infers nothing, and therefore warns of nothing."""

import warnings
from typing import Annotated, get_type_hints

import pytest
from litestar import get
from litestar.di import Dependency
from litestar.params import BodyKwarg, PathParameter, QueryParameter

from librephotos.accounts.server import Server
from librephotos.app import Application
from librephotos.db.database import Database
from librephotos.http.binding import ApiRequest
from librephotos.http.marking import mark_parameters
from librephotos.settings import load_settings
from tests.instance import KEY


def test_the_framework_has_nothing_to_warn_of(tmp_path_factory: pytest.TempPathFactory):
    settings = load_settings(data=tmp_path_factory.mktemp("marking"), debug=True)
    server = Server(settings, Database(settings.database), KEY)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        # Not of the framework: what earlier tests of this process left to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        Application(server)
    server.close()
    assert [str(each.message) for each in found] == []


def test_each_parameter_is_marked_by_its_name():
    @get("/api/things/{thing_id:str}/")
    async def get_thing(
        request: ApiRequest,
        db: int,
        thing_id: str,
        data: dict[str, str],
        page: str | None = None,
        named: Annotated[str | None, QueryParameter(name="other")] = None,
    ) -> None: ...

    for _ in range(2):
        # Once more changes nothing: an application may be made twice.
        mark_parameters([get_thing], {"db"})
    hints = get_type_hints(get_thing.fn, include_extras=True)
    marks = {name: [type(mark) for mark in getattr(hint, "__metadata__", ())] for name, hint in hints.items()}
    assert marks == {
        "request": [],
        "db": [Dependency],
        "thing_id": [PathParameter],
        "data": [BodyKwarg],
        "page": [QueryParameter],
        "named": [QueryParameter],
        "return": [],
    }
    assert hints["named"].__metadata__[0].name == "other"
