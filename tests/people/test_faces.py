"""Faces for labelling: groups, lists, labelling, deleting."""

from typing import Any

import httpx
import pytest

from tests.builders import Builder, Photo
from tests.instance import Account, Instance
from tests.photos.rows import read_all

NOBODY = "Unknown - Other"


@pytest.fixture
def photos(builder: Builder, user: Account) -> list[Photo]:
    return [
        builder.add_photo(user, taken_local=f"2023-07-0{day}T10:00:00", metadata={}, with_files=False)
        for day in (1, 2, 3)
    ]


def ids(client: httpx.Client, **query: Any) -> list[int]:
    return [each["id"] for each in client.get("/api/faces/", params=query).json()["results"]]


def groups(client: httpx.Client, **query: Any) -> list[tuple[str, str, int]]:
    answer = client.get("/api/faces/incomplete/", params=query).json()
    return [(each["name"], each["kind"], each["face_count"]) for each in answer]


def test_groups_and_faces_tell_labels_from_suggestions(
    client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    ann = builder.add_person(user, "Ann")
    group = builder.add_person(user, "Unknown 1", kind="CLUSTER")
    labelled = [builder.add_face(each, person_id=ann) for each in photos[:2]]
    likely = builder.add_face(photos[2], cluster_person_id=group, cluster_probability=0.9)
    unlikely = builder.add_face(photos[1], cluster_person_id=group, cluster_probability=0.4)
    classified = builder.add_face(photos[0], classification_person_id=ann, classification_probability=0.7)
    builder.add_face(photos[0], person_id=ann, is_deleted=True)
    builder.add_face(builder.add_photo(user, is_hidden=True, with_files=False), person_id=ann)

    assert groups(client) == [("Ann", "USER", 2), (NOBODY, NOBODY, 1)]
    assert groups(client, inferred="TRUE") == [("Unknown 1", "CLUSTER", 2), (NOBODY, NOBODY, 1)]
    assert groups(client, inferred="true", min_confidence="0.5") == [
        ("Unknown 1", "CLUSTER", 1),
        (NOBODY, NOBODY, 2),
    ]
    by_class = groups(client, inferred="true", analysis_method="classification")
    assert by_class == [("Ann", "USER", 1), (NOBODY, NOBODY, 2)]

    assert ids(client, person=ann, inferred="False") == labelled[::-1]
    assert ids(client, person=group) == [likely, unlikely]
    assert ids(client, person=group, order_by="date") == [unlikely, likely]
    assert ids(client, person=group, min_confidence=0.5) == [likely]
    assert ids(client, person=ann, analysis_method="classification", inferred="true") == [classified]
    for query in ({}, {"person": ""}, {"person": 0, "inferred": "false"}):
        assert ids(client, **query) == [classified]
    assert ids(client, min_confidence=0.5) == [unlikely, classified]


def test_a_face_says_where_it_is(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, photos: list[Photo]
) -> None:
    ann = builder.add_person(user, "Ann")
    face_id = builder.add_face(photos[0], person_id=ann)
    page = client.get(f"/api/faces?person={ann}&inferred=false&page_size=1").json()
    url = page["results"][0]["face_url"]
    assert page == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": face_id,
                "image": f"{instance.base_url}{url}",
                "face_url": url,
                "photo": photos[0].uuid,
                "photo_image_hash": photos[0].image_hash,
                "timestamp": "2023-07-01T10:00:00Z",
                "person_label_probability": 1.0,
            }
        ],
    }
    assert url.startswith("/media/faces/")
    assert client.head("/api/faces/").status_code == client.head("/api/faces/incomplete").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("person", "Ann"),
        ("person", "-1"),
        ("order_by", "size"),
        ("analysis_method", "guessing"),
        ("min_confidence", "much"),
        ("min_confidence", "nan"),
        ("min_confidence", "1e999"),
    ],
)
def test_a_value_that_says_nothing_is_refused(client: httpx.Client, name: str, value: str) -> None:
    paths = ["/api/faces/"]
    if name not in ("person", "order_by"):
        paths.append("/api/faces/incomplete/")
    for path in paths:
        refused = client.get(path, params={name: value})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, name)


def test_strangers_and_anonymous_see_no_faces(
    instance: Instance, anonymous: httpx.Client, builder: Builder, user: Account, stranger: Account,
    photos: list[Photo],
) -> None:  # fmt: skip
    ann = builder.add_person(user, "Ann")
    builder.add_face(photos[0], person_id=ann)
    with instance.client(stranger.bearer) as other:
        assert (ids(other, person=ann, inferred="false"), ids(other), groups(other)) == ([], [], [])
    for path in ("/api/faces/", "/api/faces/incomplete/", "/api/persons/", "/api/socialgraph"):
        assert anonymous.get(path).status_code == 401


def test_faces_are_labelled_and_everything_follows(
    client: httpx.Client, builder: Builder, photos: list[Photo]
) -> None:
    faces = [builder.add_face(each) for each in photos]
    done = client.post("/api/labelfaces", json={"face_ids": faces, "person_name": " Ann "}).json()
    assert (done["status"], done["updated"], done["not_updated"]) == (True, done["results"], [])
    first = done["results"][0]
    assert first == {
        "id": faces[0],
        "image": first["face_url"],
        "face_url": first["face_url"],
        "photo": photos[0].uuid,
        "timestamp": "2023-07-01T10:00:00Z",
        "person": first["person"],
        "person_label_probability": 1.0,
        "person_name": "Ann",
    }
    shown = client.get(f"/api/persons/{first['person']}/").json()
    assert (shown["name"], shown["face_count"], shown["face_url"]) == ("Ann", 3, first["face_url"])
    client.post("/api/labelfaces/", json={"face_ids": faces[:2], "person_name": "Wilhelmina"})
    names = {row["name"]: row for row in client.get("/api/persons/").json()["results"]}
    assert [(name, row["face_count"]) for name, row in names.items()] == [("Ann", 1), ("Wilhelmina", 2)]
    assert names["Ann"]["face_photo_url"] == photos[2].image_hash
    assert client.get("/api/photos/?search=wilhelmina").json()["count"] == 2
    undone = client.post("/api/labelfaces", json={"face_ids": faces[:1], "person_name": NOBODY}).json()
    result = undone["results"][0]
    assert (result["person"], result["person_name"], result["person_label_probability"]) == (None, NOBODY, 0)
    assert client.get("/api/photos/?search=wilhelmina").json()["count"] == 1
    assert ids(client) == faces[:1]


def test_labelling_says_what_is_wrong(client: httpx.Client, builder: Builder, user: Account) -> None:
    builder.add_person(user, "Unknown 1", kind="CLUSTER")
    for name in ("", " ", "Unknown 1", "x" * 129):
        refused = client.post("/api/labelfaces", json={"face_ids": [], "person_name": name})
        assert (refused.status_code, refused.json()["status"]) == (400, False)
        assert refused.json()["message"]
    for faces in (None, "1", [True], [1.5], ["x"], [-1]):
        for path, more in (("/api/labelfaces", {"person_name": "Ann"}), ("/api/deletefaces", {})):
            refused = client.post(path, json={"face_ids": faces, **more})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "face_ids")
    assert client.post("/api/labelfaces", json={"person_name": "Ann"}).status_code == 400
    empty = client.post("/api/labelfaces", json={"face_ids": [], "person_name": "Ann"})
    assert (empty.status_code, client.get("/api/persons/").json()["count"]) == (200, 0)


def test_faces_of_others_are_passed_over_in_silence(
    instance: Instance, client: httpx.Client, builder: Builder, stranger: Account
) -> None:
    public = builder.add_photo(stranger, is_public=True, metadata={}, with_files=False)
    face_id = builder.add_face(public, person_id=builder.add_person(stranger, "Ann"))
    before = read_all(instance, f"SELECT * FROM face WHERE id = {face_id}")
    body = {"face_ids": [face_id, 987654321], "person_name": "Eve"}
    labelled = client.post("/api/labelfaces", json=body).json()
    assert labelled == {"status": True, "results": [], "updated": [], "not_updated": []}
    deleted = client.post("/api/deletefaces", json=body).json()
    assert deleted == {"status": True, "results": [], "deleted": [], "not_deleted": []}
    assert read_all(instance, f"SELECT * FROM face WHERE id = {face_id}") == before
    assert client.get("/api/persons/").json()["count"] == 0


def test_a_deleted_face_is_gone_for_good(client: httpx.Client, builder: Builder, photos: list[Photo]) -> None:
    face_id = builder.add_face(photos[0], with_file=True)
    client.post("/api/labelfaces", json={"face_ids": [face_id], "person_name": "Gertrude"})
    url = client.get("/api/persons/").json()["results"][0]["face_url"]
    deleted = client.post("/api/deletefaces", json={"face_ids": [face_id, face_id]}).json()
    assert deleted == {"status": True, "results": [url], "deleted": [url], "not_deleted": []}
    shown = client.get("/api/persons/").json()["results"][0]
    assert (shown["face_count"], shown["face_url"], shown["face_photo_url"]) == (0, "", "")
    assert client.get("/api/photos/?search=gertrude").json()["count"] == 0
    assert client.get(f"/api/photos/{photos[0].uuid}/").json()["people"] == []
    again = client.post("/api/deletefaces", json={"face_ids": [face_id]}).json()
    assert again["deleted"] == []
