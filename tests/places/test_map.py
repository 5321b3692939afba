"""The points of the map."""

import httpx

from tests.builders import Builder
from tests.instance import Account, Instance
from tests.places.arranging import LISBON, PORTO, locate


def test_each_place_is_a_point_with_its_name(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, stranger: Account
) -> None:
    assert client.get("/api/locclust/").json() == []
    for latitude, town in ((38.71, LISBON), (41.15, PORTO)):
        builder.add_photo(user, gps_lat=latitude, gps_lon=-9.0, with_files=False)
        locate(instance, user, town)
    builder.add_photo(stranger, gps_lat=1.0, gps_lon=1.0, with_files=False)
    for path in ("/api/locclust", "/api/locclust/"):
        assert client.get(path).json() == [
            [38.7, -9.1, "Estremadura"],
            [38.7, -9.1, "Lisboa"],
            [41.1, -8.6, "Norte"],
            [41.1, -8.6, "Porto"],
            [38.7, -9.1, "Portugal"],
        ]
    assert client.head("/api/locclust/").status_code == 200
    with instance.client(stranger.bearer) as other:
        assert other.get("/api/locclust/").json() == []
    with instance.client() as nobody:
        assert nobody.get("/api/locclust/").status_code == 401


def test_what_is_hidden_is_not_on_the_map(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    builder.add_photo(user, gps_lat=38.71, gps_lon=-9.14, is_hidden=True, with_files=False)
    locate(instance, user, LISBON)
    assert client.get("/api/locclust/").json() == []
