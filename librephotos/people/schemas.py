"""Persons and faces on the wire. Published names are spelled only here."""

import msgspec


class Person(msgspec.Struct):
    """`face_photo_url` is no address but the image hash of the cover photo; empty texts where there is none."""

    name: str
    face_url: str
    face_count: int
    face_photo_url: str
    video: bool
    id: int


class ChangedPerson(Person):
    """`merged_ids` are the persons that this one took in because they had the same name; they are gone."""

    merged_ids: list[int]


class PersonFace(msgspec.Struct):
    """`image` is the absolute address of `face_url`; `timestamp` is the wall-clock time of the photo."""

    id: int
    image: str | None
    face_url: str | None
    photo: str
    photo_image_hash: str
    timestamp: str | None
    person_label_probability: float


class LabelledFace(msgspec.Struct):
    """A face after it was labelled; `image` is its address without a host."""

    id: int
    image: str | None
    face_url: str | None
    photo: str
    timestamp: str | None
    person: int | None
    person_label_probability: float
    person_name: str


class Labelled(msgspec.Struct):
    status: bool
    results: list[LabelledFace]
    updated: list[LabelledFace]
    not_updated: list[LabelledFace]


class DeletedFaces(msgspec.Struct):
    """Addresses of pictures; empty texts for faces without one."""

    status: bool
    results: list[str]
    deleted: list[str]
    not_deleted: list[str]


class FaceGroup(msgspec.Struct):
    """The faces of a person, of a group that looks alike, or (`id` 0) of nobody."""

    id: int
    name: str
    kind: str
    face_count: int


class DrawnBox(msgspec.Struct):
    """In pixels of the big thumbnail."""

    top: int
    right: int
    bottom: int
    left: int


class DrawnFace(msgspec.Struct):
    face_id: int
    face_url: str
    person: int
    person_name: str
    location: DrawnBox


class Drawn(msgspec.Struct):
    status: bool
    face: DrawnFace


class PlotPlace(msgspec.Struct):
    x: float
    y: float
    size: float


class PlottedFace(msgspec.Struct):
    """`person_id` is -1 for a face of nobody."""

    person_id: int
    person_name: str
    person_label_is_inferred: bool
    color: str
    face_url: str
    value: PlotPlace


class FacePlot(msgspec.Struct):
    status: bool
    data: list[PlottedFace]


class Node(msgspec.Struct):
    """A person by name, placed within ±1000."""

    id: str
    x: float
    y: float


class Link(msgspec.Struct):
    source: str
    target: str


class SocialGraph(msgspec.Struct):
    nodes: list[Node]
    links: list[Link]
