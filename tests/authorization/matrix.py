"""The rows of the authorization matrix: what each kind of caller gets from each route.

`path` names something of the victim's, made afresh where a call may consume it; `unknown` is the same address of
something that does not exist. `OWN` means that a stranger succeeds and sees or changes only what is the stranger's.
Whatever shows one photo is besides driven with photos in every situation: SITUATIONS says who gets them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from librephotos.page.routes import SCREENS, VISITED_SCREENS
from tests.authorization.world import World
from tests.builders import Photo

OWN = 200
Address = Callable[[World], str]
MISSING_UUID = "00000000-0000-4000-8000-000000000000"
MISSING_HASH = "0123456789abcdef0123456789abcdef1"
MISSING_ID = 987654321


@dataclass(frozen=True)
class Row:
    """Statuses by caller. `body` is sent as JSON. `refused_by_basic` and the cookie follow from `anonymous`."""

    path: Address
    owner: int = 200
    anonymous: int = 401
    stranger: int = OWN
    admin: int = 200
    unknown: Address | None = None
    body: Callable[[World], Any] | None = None
    # Whether user name and password count, as they do wherever nothing else is said.
    takes_basic: bool = True
    # The body of the unknown, where the body names what is asked for.
    unknown_body: Callable[[World], Any] | None = None
    # The same address of another photo.
    of: Callable[[World, Photo], str] | None = None
    # Who gets it besides its owner, whatever was done with the photo; None: who its situation says.
    admits: frozenset[str] | None = None
    # What a stranger's answer must never contain.
    secrets: Callable[[World], list[str]] = field(
        default=lambda world: [world.photo.uuid, world.photo.image_hash]
    )


def at(path: str) -> Address:
    return lambda world: path


def of_photo(pattern: str) -> Row:
    """A route that shows one photo to whom it is visible."""
    return Row(
        lambda world: pattern.format(world.photo.uuid),
        anonymous=404,
        stranger=404,
        admin=404,
        unknown=at(pattern.format(MISSING_UUID)),
        of=lambda world, photo: pattern.format(photo.uuid),
    )


def of_owner(pattern: str, admin: int = 404, **more: Any) -> Row:
    """A route that is its photo's owner's alone, and staff's where `admin` says so."""
    return Row(
        lambda world: pattern.format(world.photo.uuid),
        stranger=404,
        admin=admin,
        unknown=at(pattern.format(MISSING_UUID)),
        of=lambda world, photo: pattern.format(photo.uuid),
        admits=frozenset({"admin"} if admin == 200 else ()),
        **more,
    )


def of_file(pattern: str) -> Row:
    return Row(
        lambda world: pattern.format(world.photo.uuid, world.photo.image_hash),
        stranger=404,
        admin=404,
        unknown=at(pattern.format(MISSING_UUID, MISSING_HASH)),
        of=lambda world, photo: pattern.format(photo.uuid, photo.image_hash),
        admits=frozenset(),
    )


def of_victim(pattern: str) -> Address:
    return lambda world: pattern.format(world.victim.user_id)


def of_key(pattern: str, **more: Any) -> Row:
    return Row(
        lambda world: pattern.format(world.new_key()),
        stranger=404,
        admin=404,
        unknown=at(pattern.format(MISSING_ID)),
        **more,
    )


def of_own(pattern: str, find: Callable[[World], int], **more: Any) -> Row:
    """A route of something that nobody but the victim has."""
    return Row(
        lambda world: pattern.format(find(world)),
        stranger=404,
        admin=404,
        unknown=at(pattern.format(MISSING_ID)),
        **more,
    )


def of_uuid(pattern: str, find: Callable[[World], str], **more: Any) -> Row:
    """A route of something that nobody but the victim has, by its UUID."""
    return Row(
        lambda world: pattern.format(find(world)),
        stranger=404,
        admin=404,
        unknown=at(pattern.format(MISSING_UUID)),
        **more,
    )


def of_pair(path: str, owner: int) -> Row:
    """A route whose body names two photos of the victim's, which are nobody else's to name."""
    return plain(
        path,
        owner=owner,
        stranger=400,
        admin=400,
        body=lambda world: (world.new_stack(), {"photo_hashes": [each.uuid for each in world.pair]})[1],
    )


def of_job(pattern: str) -> Address:
    return lambda world: pattern.format(world.new_job())


def of_spare(pattern: str) -> Address:
    return lambda world: pattern.format(world.new_account())


def plain(path: str, **statuses: Any) -> Row:
    return Row(at(path), **statuses)


def admins_only(path: str, **more: Any) -> Row:
    return Row(at(path), owner=403, stranger=403, **more)


def admins_only_of_spare(pattern: str, **more: Any) -> Row:
    return Row(of_spare(pattern), owner=403, stranger=403, unknown=at(pattern.format(MISSING_ID)), **more)


def media(kind: str, name: Callable[[World, Photo], str], unknown: str, **more: Any) -> Row:
    return Row(
        lambda world: f"/media/{kind}/{name(world, world.photo)}",
        anonymous=403,
        stranger=404,
        admin=404,
        unknown=at(f"/media/{kind}/{unknown}"),
        of=lambda world, photo: f"/media/{kind}/{name(world, photo)}",
        **more,
    )


def by_hash(world: World, photo: Photo) -> str:
    return photo.image_hash


def naming(**more: Any) -> Callable[[World], Any]:
    """A body that names the victim's photo."""
    return lambda world: {"image_hashes": [world.photo.uuid, world.photo.image_hash], **more}


def sharing(world: World) -> Any:
    return {**naming(val_shared=True)(world), "target_user_id": world.target.user_id}


def named(path: str, **more: Any) -> Row:
    """A route whose body names one photo, which must be the caller's."""
    return Row(
        at(path),
        stranger=404,
        admin=404,
        body=lambda world: {"image_hash": world.photo.uuid, **more},
        unknown=at(path),
        unknown_body=lambda world: {"image_hash": MISSING_UUID, **more},
    )


def of_linked_album(world: World) -> tuple[str, str]:
    slug, photo = world.linked_album()
    return slug, photo.uuid


NAMES = {"first_name": "Renamed"}
OPEN = {"anonymous": 200, "secrets": lambda world: []}
WHOLE = {"top": 0.1, "right": 0.9, "bottom": 0.9, "left": 0.1}
EMPTY_BODY = {"body": lambda world: {}}

MATRIX: dict[tuple[str, str], Row] = {
    # The token endpoints know no callers at all: everybody is told that the body lacks its fields.
    ("POST", "/api/auth/token/obtain"): plain(
        "/api/auth/token/obtain/", owner=400, anonymous=400, stranger=400, admin=400, **EMPTY_BODY
    ),
    ("POST", "/api/auth/token/refresh"): plain(
        "/api/auth/token/refresh/", owner=400, anonymous=400, stranger=400, admin=400, **EMPTY_BODY
    ),
    ("POST", "/api/auth/token/blacklist"): plain(
        "/api/auth/token/blacklist/", owner=400, anonymous=400, stranger=400, admin=400, **EMPTY_BODY
    ),
    # API keys; an admin has no more to do with others' than anybody else
    ("GET", "/api/auth/keys"): plain("/api/auth/keys/"),
    ("POST", "/api/auth/keys"): plain("/api/auth/keys/", owner=400, stranger=400, admin=400, **EMPTY_BODY),
    ("GET", "/api/auth/keys/{key_id:str}"): of_key("/api/auth/keys/{}/"),
    ("PATCH", "/api/auth/keys/{key_id:str}"): of_key(
        "/api/auth/keys/{}/", body=lambda world: {"name": "Renamed"}
    ),
    ("DELETE", "/api/auth/keys/{key_id:str}"): of_key("/api/auth/keys/{}/", owner=204),
    ("POST", "/api/auth/keys/{key_id:str}/rotate"): of_key(
        "/api/auth/keys/{}/rotate/", owner=201, **EMPTY_BODY
    ),
    # one's own account
    ("GET", "/api/auth/account"): plain("/api/auth/account/"),
    ("GET", "/api/auth/events"): plain("/api/auth/events/"),
    ("GET", "/api/auth/sessions"): plain("/api/auth/sessions/"),
    ("DELETE", "/api/auth/sessions"): plain("/api/auth/sessions/", owner=204, stranger=204, admin=204),
    ("DELETE", "/api/auth/sessions/{session_id:str}"): Row(
        lambda world: f"/api/auth/sessions/{world.new_session()}/",
        owner=204,
        stranger=404,
        admin=404,
        unknown=at(f"/api/auth/sessions/{MISSING_ID}/"),
    ),
    ("GET", "/api/manage/events"): admins_only("/api/manage/events/"),
    ("GET", "/api/manage/user/{user_id:str}/sessions"): admins_only_of_spare("/api/manage/user/{}/sessions/"),
    ("DELETE", "/api/manage/user/{user_id:str}/sessions"): admins_only_of_spare(
        "/api/manage/user/{}/sessions/", admin=204
    ),
    ("DELETE", "/api/manage/user/{user_id:str}/sessions/{session_id:str}"): Row(
        lambda world: f"/api/manage/user/{world.victim.user_id}/sessions/{world.new_session()}/",
        owner=403,
        stranger=403,
        admin=204,
        unknown=at(f"/api/manage/user/{MISSING_ID}/sessions/{MISSING_ID}/"),
    ),
    # jobs
    ("GET", "/api/rqavailable"): plain("/api/rqavailable/"),
    ("GET", "/api/jobs"): plain("/api/jobs/"),
    ("GET", "/api/jobs/{job_id:str}"): Row(
        of_job("/api/jobs/{}/"), stranger=404, unknown=at(f"/api/jobs/{MISSING_ID}/")
    ),
    ("DELETE", "/api/jobs/{job_id:str}"): Row(
        of_job("/api/jobs/{}/"), owner=204, stranger=404, admin=204, unknown=at(f"/api/jobs/{MISSING_ID}/")
    ),
    ("POST", "/api/jobs/{job_id:str}/cancel"): Row(
        of_job("/api/jobs/{}/cancel/"), stranger=404, unknown=at(f"/api/jobs/{MISSING_ID}/cancel/")
    ),
    **{
        ("POST", f"/api/jobs/{{job_id:str}}/{action}"): Row(
            of_job(f"/api/jobs/{{}}/{action}/"),
            stranger=404,
            unknown=at(f"/api/jobs/{MISSING_ID}/{action}/"),
        )
        for action in ("pause", "resume")
    },
    # photos; an admin sees no more of them than anybody else
    ("GET", "/api/albums/date/list"): plain("/api/albums/date/list/"),
    ("GET", "/api/albums/date/{album_id:str}"): Row(
        lambda world: f"/api/albums/date/{world.photo.day_id}/",
        stranger=404,
        admin=404,
        unknown=at(f"/api/albums/date/{MISSING_ID}/"),
    ),
    ("GET", "/api/photos"): plain("/api/photos/"),
    ("GET", "/api/photos/recentlyadded"): plain("/api/photos/recentlyadded/"),
    ("GET", "/api/photos/notimestamp"): plain("/api/photos/notimestamp/"),
    ("GET", "/api/memories"): plain("/api/memories/"),
    ("GET", "/api/photos/searchlist"): plain("/api/photos/searchlist/"),
    ("GET", "/api/searchtermexamples"): plain("/api/searchtermexamples/"),
    # user albums
    ("GET", "/api/albums/user/list"): plain("/api/albums/user/list/"),
    ("GET", "/api/albums/user/shared/tome"): plain("/api/albums/user/shared/tome/"),
    ("GET", "/api/albums/user/shared/fromme"): plain("/api/albums/user/shared/fromme/"),
    ("GET", "/api/albums/user"): plain("/api/albums/user/"),
    ("POST", "/api/albums/user"): plain(
        "/api/albums/user/", owner=400, stranger=400, admin=400, **EMPTY_BODY
    ),
    ("GET", "/api/albums/user/{album_id:str}"): of_own("/api/albums/user/{}/", World.new_album),
    **{
        (method, "/api/albums/user/{album_id:str}"): of_own(
            "/api/albums/user/{}/", World.new_album, owner=400, **EMPTY_BODY
        )
        for method in ("PATCH", "PUT")
    },
    ("DELETE", "/api/albums/user/{album_id:str}"): of_own("/api/albums/user/{}/", World.new_album, owner=204),
    ("GET", "/api/albums/user/edit"): plain("/api/albums/user/edit/"),
    ("POST", "/api/albums/user/edit"): plain(
        "/api/albums/user/edit/", owner=400, stranger=400, admin=400, **EMPTY_BODY
    ),
    ("GET", "/api/albums/user/edit/{album_id:str}"): of_own("/api/albums/user/edit/{}/", World.new_album),
    ("PATCH", "/api/albums/user/edit/{album_id:str}"): of_own(
        "/api/albums/user/edit/{}/", World.new_album, **EMPTY_BODY
    ),
    ("PUT", "/api/albums/user/edit/{album_id:str}"): of_own(
        "/api/albums/user/edit/{}/", World.new_album, owner=400, **EMPTY_BODY
    ),
    ("DELETE", "/api/albums/user/edit/{album_id:str}"): of_own(
        "/api/albums/user/edit/{}/", World.new_album, owner=204
    ),
    ("POST", "/api/useralbum/share"): plain(
        "/api/useralbum/share/",
        stranger=400,
        admin=400,
        body=lambda world: {
            "album_id": world.new_album(),
            "target_user_id": world.target.user_id,
            "shared": True,
        },
    ),
    # shares and public links; whose links are worth nothing, nobody but their owner can make any
    ("GET", "/api/photos/shared/tome"): plain("/api/photos/shared/tome/"),
    ("GET", "/api/photos/shared/fromme"): plain("/api/photos/shared/fromme/"),
    ("POST", "/api/useralbum/makepublic"): Row(
        at("/api/useralbum/makepublic"),
        stranger=404,
        admin=404,
        body=lambda world: {"album_id": world.new_album(), "val_public": False},
        unknown=at("/api/useralbum/makepublic"),
        unknown_body=lambda world: {"album_id": MISSING_ID, "val_public": False},
    ),
    ("POST", "/api/photo/share"): Row(
        at("/api/photo/share"),
        stranger=404,
        admin=404,
        body=lambda world: {"photo_id": world.photo.uuid, "action": "disable"},
        unknown=at("/api/photo/share"),
        unknown_body=lambda world: {"photo_id": MISSING_UUID, "action": "disable"},
    ),
    ("GET", "/api/photo/share/list"): plain("/api/photo/share/list"),
    ("GET", "/api/public/albums/s/{slug:str}"): Row(
        lambda world: f"/api/public/albums/s/{world.linked_album()[0]}/", **OPEN
    ),
    ("GET", "/api/public/albums/s/{slug:str}/photos/{photo_id:str}"): Row(
        lambda world: "/api/public/albums/s/{}/photos/{}/".format(*of_linked_album(world)), **OPEN
    ),
    ("GET", "/api/public/photo/{slug:str}"): Row(
        lambda world: f"/api/public/photo/{world.photo_slug()}/", **OPEN
    ),
    ("GET", "/api/public/photo/{slug:str}/media/{kind:str}"): Row(
        lambda world: f"/api/public/photo/{world.photo_slug()}/media/thumbnail/", **OPEN
    ),
    # events
    ("GET", "/api/albums/auto/list"): plain("/api/albums/auto/list/"),
    ("GET", "/api/albums/auto/{album_id:str}"): of_own("/api/albums/auto/{}/", World.new_event),
    ("PATCH", "/api/albums/auto/{album_id:str}"): of_own(
        "/api/albums/auto/{}/", World.new_event, **EMPTY_BODY
    ),
    ("PUT", "/api/albums/auto/{album_id:str}"): of_own(
        "/api/albums/auto/{}/", World.new_event, owner=400, **EMPTY_BODY
    ),
    ("DELETE", "/api/albums/auto/{album_id:str}"): of_own("/api/albums/auto/{}/", World.new_event, owner=204),
    ("POST", "/api/albums/auto/delete_all"): plain("/api/albums/auto/delete_all/"),
    **{
        (method, f"/api/{name}"): plain(f"/api/{name}/")
        for name in ("autoalbumgen", "autoalbumtitlegen")
        for method in ("GET", "POST")
    },
    # folders; the unrelated has none, and an admin's is the library itself
    ("GET", "/api/folders/subfolders"): plain("/api/folders/subfolders/", stranger=403),
    # people; faces of others are passed over in silence, and a photo of others is unknown
    ("GET", "/api/persons"): plain("/api/persons/"),
    ("POST", "/api/persons"): plain("/api/persons/", owner=400, stranger=400, admin=400, **EMPTY_BODY),
    ("GET", "/api/persons/{person_id:str}"): of_own("/api/persons/{}/", World.new_person),
    ("PATCH", "/api/persons/{person_id:str}"): of_own(
        "/api/persons/{}/", World.new_person, body=lambda world: {"cover_photo": world.photo.uuid}
    ),
    ("PUT", "/api/persons/{person_id:str}"): of_own(
        "/api/persons/{}/", World.new_person, body=lambda world: {"name": "Bea", "newPersonName": "Bea"}
    ),
    ("DELETE", "/api/persons/{person_id:str}"): of_own("/api/persons/{}/", World.new_person, owner=204),
    ("GET", "/api/albums/person"): plain("/api/albums/person/"),
    ("GET", "/api/albums/person/{person_id:str}"): of_own("/api/albums/person/{}/", World.new_person),
    ("GET", "/api/socialgraph"): plain("/api/socialgraph/"),
    ("GET", "/api/faces"): plain("/api/faces/"),
    ("GET", "/api/faces/incomplete"): plain("/api/faces/incomplete/"),
    ("POST", "/api/labelfaces"): plain(
        "/api/labelfaces",
        body=lambda world: {"face_ids": [world.new_face(), MISSING_ID], "person_name": "Bea"},
    ),
    ("POST", "/api/deletefaces"): plain(
        "/api/deletefaces", body=lambda world: {"face_ids": [world.new_face(), MISSING_ID]}
    ),
    # The victim's thumbnail is none that could be read.
    ("POST", "/api/addface"): Row(
        at("/api/addface"),
        owner=400,
        stranger=404,
        admin=404,
        body=lambda world: {"photo": world.photo.uuid, "person_name": "Bea", "box": WHOLE},
        unknown=at("/api/addface"),
        unknown_body=lambda world: {"photo": MISSING_UUID, "person_name": "Bea", "box": WHOLE},
    ),
    **{
        (method, f"/api/{name}"): plain(f"/api/{name}")
        for name in ("scanfaces", "clusterfaces")
        for method in ("GET", "POST")
    },
    ("POST", "/api/trainfaces"): plain("/api/trainfaces"),
    # tags
    ("GET", "/api/tags"): plain("/api/tags/"),
    ("POST", "/api/tags"): plain("/api/tags/", owner=400, stranger=400, admin=400, **EMPTY_BODY),
    ("GET", "/api/tags/{tag_id:str}"): of_own("/api/tags/{}/", World.new_tag),
    **{
        (method, "/api/tags/{tag_id:str}"): of_own("/api/tags/{}/", World.new_tag, owner=400, **EMPTY_BODY)
        for method in ("PATCH", "PUT")
    },
    ("DELETE", "/api/tags/{tag_id:str}"): of_own("/api/tags/{}/", World.new_tag, owner=204),
    **{
        ("POST", f"/api/tags/{{tag_id:str}}/{name}"): of_own(
            f"/api/tags/{{}}/{name}/",
            World.new_tag,
            body=lambda world: {"photos": [world.photo.uuid], "tag": world.new_tag()},
        )
        for name in ("add", "remove", "merge")
    },
    # stacks and duplicates
    ("GET", "/api/stacks"): plain("/api/stacks"),
    ("GET", "/api/stacks/stats"): plain("/api/stacks/stats"),
    ("POST", "/api/stacks/detect"): plain("/api/stacks/detect", owner=202, stranger=202, admin=202),
    ("POST", "/api/stacks/manual"): of_pair("/api/stacks/manual", 201),
    ("POST", "/api/stacks/merge"): of_pair("/api/stacks/merge", 200),
    ("GET", "/api/stacks/{stack_id:str}"): of_uuid("/api/stacks/{}", World.new_stack),
    ("DELETE", "/api/stacks/{stack_id:str}"): of_uuid("/api/stacks/{}", World.new_stack),
    ("DELETE", "/api/stacks/{stack_id:str}/delete"): of_uuid("/api/stacks/{}/delete", World.new_stack),
    ("POST", "/api/stacks/{stack_id:str}/primary"): of_uuid(
        "/api/stacks/{}/primary",
        World.new_stack,
        body=lambda world: {"photo_hash": world.two_photos()[1].uuid},
    ),
    **{
        ("POST", f"/api/stacks/{{stack_id:str}}/{name}"): of_uuid(
            f"/api/stacks/{{}}/{name}",
            World.new_stack,
            body=lambda world: {"photo_hashes": [world.two_photos()[1].uuid]},
        )
        for name in ("add", "remove")
    },
    ("GET", "/api/duplicates"): plain("/api/duplicates"),
    ("GET", "/api/duplicates/stats"): plain("/api/duplicates/stats"),
    ("POST", "/api/duplicates/detect"): plain("/api/duplicates/detect", owner=202, stranger=202, admin=202),
    ("GET", "/api/duplicates/{group_id:str}"): of_uuid("/api/duplicates/{}", World.new_group),
    ("POST", "/api/duplicates/{group_id:str}/resolve"): of_uuid(
        "/api/duplicates/{}/resolve",
        World.new_group,
        body=lambda world: {"keep_photo_hash": world.pair[0].uuid},
    ),
    ("POST", "/api/duplicates/{group_id:str}/dismiss"): of_uuid(
        "/api/duplicates/{}/dismiss", World.new_group
    ),
    ("POST", "/api/duplicates/{group_id:str}/revert"): of_uuid(
        "/api/duplicates/{}/revert", lambda world: world.new_group(is_resolved=True)
    ),
    ("DELETE", "/api/duplicates/{group_id:str}/delete"): of_uuid(
        "/api/duplicates/{}/delete", World.new_group
    ),
    # albums that the server fills
    ("GET", "/api/albums/thing"): plain("/api/albums/thing/"),
    ("GET", "/api/albums/thing/list"): plain("/api/albums/thing/list/"),
    ("GET", "/api/albums/thing/{album_id:str}"): of_own("/api/albums/thing/{}/", World.new_thing),
    ("GET", "/api/locclust"): plain("/api/locclust/"),
    ("GET", "/api/geocode/search"): plain("/api/geocode/search/?q="),
    ("GET", "/api/albums/place/list"): plain("/api/albums/place/list/"),
    ("GET", "/api/albums/place/{album_id:str}"): of_own("/api/albums/place/{}/", World.place),
    ("GET", "/api/photos/{photo_id:str}"): of_photo("/api/photos/{}/"),
    ("GET", "/api/photos/{photo_id:str}/summary"): of_photo("/api/photos/{}/summary/"),
    ("GET", "/api/photos/{photo_id:str}/albums"): of_photo("/api/photos/{}/albums/"),
    # changes of one photo: only its owner may, in whatever situation it is
    ("GET", "/api/photos/edit"): plain("/api/photos/edit/"),
    ("GET", "/api/photos/edit/{photo_id:str}"): of_owner("/api/photos/edit/{}/"),
    ("PATCH", "/api/photos/edit/{photo_id:str}"): of_owner("/api/photos/edit/{}/", **EMPTY_BODY),
    ("GET", "/api/photos/{photo_id:str}/file/{file_hash:str}"): of_file("/api/photos/{}/file/{}/"),
    ("POST", "/api/photos/{photo_id:str}/main-file"): of_owner(
        "/api/photos/{}/main-file/", body=lambda world: {"file_hash": world.photo.image_hash}
    ),
    # structured metadata, which staff may read and edit of anybody's
    ("GET", "/api/photos/{photo_id:str}/metadata"): of_owner("/api/photos/{}/metadata/", 200),
    ("PATCH", "/api/photos/{photo_id:str}/metadata"): of_owner(
        "/api/photos/{}/metadata/", 200, body=lambda world: {"title": "Tram"}
    ),
    ("GET", "/api/photos/{photo_id:str}/metadata/history"): of_owner("/api/photos/{}/metadata/history/", 200),
    ("POST", "/api/photos/{photo_id:str}/metadata/revert/{edit_id:str}"): Row(
        lambda world: f"/api/photos/{world.photo.uuid}/metadata/revert/{world.new_edit()}/",
        stranger=404,
        unknown=at(f"/api/photos/{MISSING_UUID}/metadata/revert/{MISSING_UUID}/"),
    ),
    ("POST", "/api/photos/{photo_id:str}/metadata/revert-all"): of_owner(
        "/api/photos/{}/metadata/revert-all/", 200
    ),
    ("GET", "/api/photos/metadata/bulk"): Row(
        lambda world: f"/api/photos/metadata/bulk/?photo_ids={world.photo.uuid},{world.photo.image_hash}"
    ),
    ("PATCH", "/api/photos/metadata/bulk"): plain(
        "/api/photos/metadata/bulk/",
        body=lambda world: {"photo_ids": [world.photo.uuid], "updates": {"title": "Tram"}},
    ),
    ("POST", "/api/photosedit/savecaption"): named("/api/photosedit/savecaption/", caption="A tram"),
    # Not at all turned: the pictures of the others are looked at afterwards.
    ("POST", "/api/photosedit/rotate"): named("/api/photosedit/rotate/", angle=0),
    ("POST", "/api/photosedit/generateim2txt"): plain(
        "/api/photosedit/generateim2txt/",
        owner=403,
        stranger=403,
        admin=403,
        body=lambda world: {"image_hash": world.photo.uuid},
    ),
    # changes of photos, which pass over what is not the caller's, by name and by what a grid shows
    **{
        ("POST", f"/api/photosedit/{name}"): plain(f"/api/photosedit/{name}/", body=naming(**{key: value}))
        for name, key, value in (
            ("favorite", "favorite", True),
            ("hide", "hidden", False),
            ("setdeleted", "deleted", False),
            ("makepublic", "val_public", False),
            ("category", "category", "photo"),
        )
    },
    ("DELETE", "/api/photosedit/delete"): plain(
        "/api/photosedit/delete/", body=naming(), secrets=lambda world: []
    ),
    ("DELETE", "/api/photosedit/duplicate/delete"): Row(
        at("/api/photosedit/duplicate/delete/"),
        # The only file of the photo stays.
        owner=400,
        stranger=404,
        admin=404,
        body=lambda world: {"image_hash": world.photo.uuid, "path": str(world.photo.path)},
        secrets=lambda world: [],
    ),
    ("POST", "/api/photosedit/share"): plain("/api/photosedit/share/", body=sharing),
    # users
    ("GET", "/api/firsttimesetup"): plain("/api/firsttimesetup/", **OPEN),
    ("GET", "/api/user"): plain("/api/user/", anonymous=200),
    ("POST", "/api/user"): plain("/api/user/", owner=403, stranger=403, admin=400, **EMPTY_BODY),
    ("GET", "/api/user/{user_id:str}"): Row(of_victim("/api/user/{}/"), anonymous=404),
    ("PATCH", "/api/user/{user_id:str}"): Row(
        of_victim("/api/user/{}/"), stranger=403, body=lambda world: NAMES
    ),
    ("PUT", "/api/user/{user_id:str}"): Row(
        of_victim("/api/user/{}/"), stranger=403, body=lambda world: NAMES
    ),
    ("DELETE", "/api/user/{user_id:str}"): Row(of_spare("/api/user/{}/"), owner=403, stranger=403, admin=204),
    ("GET", "/api/manage/user"): admins_only("/api/manage/user/"),
    ("POST", "/api/manage/user"): admins_only("/api/manage/user/", admin=400, **EMPTY_BODY),
    ("GET", "/api/manage/user/{user_id:str}"): Row(
        of_spare("/api/manage/user/{}/"),
        owner=403,
        stranger=403,
        unknown=at(f"/api/manage/user/{MISSING_ID}/"),
    ),
    ("PATCH", "/api/manage/user/{user_id:str}"): Row(
        of_spare("/api/manage/user/{}/"),
        owner=403,
        stranger=403,
        unknown=at(f"/api/manage/user/{MISSING_ID}/"),
        body=lambda world: NAMES,
    ),
    ("DELETE", "/api/delete/user/{user_id:str}"): Row(
        of_spare("/api/delete/user/{}/"),
        owner=403,
        stranger=403,
        admin=204,
        unknown=at(f"/api/delete/user/{MISSING_ID}/"),
    ),
    # the library; the unrelated and the admin have no folder to scan
    **{
        (method, f"/api/{name}"): plain(f"/api/{name}/", stranger=400, admin=400)
        for name in ("scanphotos", "fullscanphotos", "scanuploadedphotos")
        for method in ("GET", "POST")
    },
    ("GET", "/api/photos/{photo_id:str}/processing"): Row(
        lambda world: f"/api/photos/{world.photo.uuid}/processing/",
        stranger=404,
        admin=404,
        unknown=at(f"/api/photos/{MISSING_UUID}/processing/"),
    ),
    # Each caller's own photos, of which the unrelated has none.
    ("POST", "/api/savemetadata"): plain("/api/savemetadata", **EMPTY_BODY),
    ("GET", "/api/library/files"): plain("/api/library/files/"),
    ("GET", "/api/library/problems"): plain("/api/library/problems/"),
    ("GET", "/api/library/problems/counts"): plain("/api/library/problems/counts/"),
    # Nothing failed, and nothing is away.
    ("POST", "/api/library/problems/retry"): plain(
        "/api/library/problems/retry/", owner=400, stranger=400, admin=400, **EMPTY_BODY
    ),
    ("GET", "/api/library/roots"): plain("/api/library/roots/"),
    ("POST", "/api/library/roots/accept"): plain(
        "/api/library/roots/accept/", owner=400, stranger=400, admin=400
    ),
    ("GET", "/api/deletemissingphotos"): plain("/api/deletemissingphotos/"),
    ("POST", "/api/deletemissingphotos"): plain("/api/deletemissingphotos/"),
    **{
        ("GET", f"/api/{name}"): plain(f"/api/{name}/")
        for name in (
            "timezones",
            "defaultrules",
            "predefinedrules",
            "defaultburstrules",
            "predefinedburstrules",
        )
    },
    # the site
    ("GET", "/api/sitesettings"): plain("/api/sitesettings", **OPEN),
    ("GET", "/api/site-settings"): plain("/api/site-settings", **OPEN),
    ("POST", "/api/sitesettings"): admins_only("/api/sitesettings", body=lambda world: {"skip_patterns": ""}),
    ("POST", "/api/site-settings"): admins_only(
        "/api/site-settings", body=lambda world: {"skip_patterns": ""}
    ),
    ("GET", "/api/dirtree"): admins_only("/api/dirtree/"),
    ("GET", "/api/storagestats"): plain("/api/storagestats/"),
    ("GET", "/api/imagetag"): plain("/api/imagetag/"),
    ("POST", "/api/classifymedia"): plain("/api/classifymedia/", body=lambda world: {}),
    ("POST", "/api/generateocr"): plain("/api/generateocr/", body=lambda world: {}),
    ("GET", "/api/media/diagnostics/{photo_id:str}"): Row(
        lambda world: f"/api/media/diagnostics/{world.photo.uuid}/",
        owner=403,
        stranger=403,
        unknown=at(f"/api/media/diagnostics/{MISSING_UUID}/"),
    ),
    ("GET", "/api/email-config"): admins_only("/api/email-config/"),
    ("POST", "/api/email-config"): admins_only("/api/email-config/", **EMPTY_BODY),
    ("POST", "/api/email-config/test"): admins_only("/api/email-config/test/", admin=400, **EMPTY_BODY),
    ("GET", "/api/services"): admins_only("/api/services/"),
    ("GET", "/api/services/{name:str}"): admins_only(
        "/api/services/worker/", unknown=at("/api/services/none/")
    ),
    ("POST", "/api/services/{name:str}/start"): admins_only(
        "/api/services/api/start/", unknown=at("/api/services/none/start/")
    ),
    ("POST", "/api/services/{name:str}/stop"): admins_only(
        "/api/services/api/stop/", admin=409, unknown=at("/api/services/none/stop/")
    ),
    ("GET", "/api/serverstats"): admins_only("/api/serverstats/"),
    ("GET", "/api/serverlogs"): admins_only("/api/serverlogs"),
    ("GET", "/api/serverlogs/view"): admins_only("/api/serverlogs/view"),
    **{
        ("GET", f"/api/{name}"): plain(f"/api/{name}/")
        for name in ("stats", "photomonthcounts", "wordcloud", "locationsunburst", "locationtimeline")
    },
    ("GET", "/api/help"): plain("/api/help", **OPEN),
    ("GET", "/"): plain("/", **OPEN),
    ("GET", "/assets/{name:str}"): plain("/assets/icon.svg", **OPEN),
    **{
        ("GET", screen): plain(screen.replace("{album_id:str}", "7").replace("{sought:str}", "x"), **OPEN)
        for screen in SCREENS
    },
    **{("GET", screen): plain(screen.replace("{slug:str}", "x"), **OPEN) for screen in VISITED_SCREENS},
    ("GET", "/api/timeline/layout"): plain("/api/timeline/layout/"),
    ("GET", "/docs/api-authentication"): plain("/docs/api-authentication", **OPEN),
    # uploads and archives
    ("GET", "/api/exists/{content_hash:str}"): Row(lambda world: f"/api/exists/{world.photo.image_hash}/"),
    ("POST", "/api/upload"): plain(
        "/api/upload/", owner=400, anonymous=403, stranger=400, admin=400, takes_basic=False, **EMPTY_BODY
    ),
    ("POST", "/api/upload/complete"): plain(
        "/api/upload/complete/",
        owner=400,
        anonymous=403,
        stranger=400,
        admin=400,
        takes_basic=False,
        **EMPTY_BODY,
    ),
    ("POST", "/api/photos/download"): plain(
        "/api/photos/download",
        stranger=404,
        admin=404,
        body=lambda world: {"image_hashes": [world.photo.image_hash]},
    ),
    ("GET", "/api/photos/download"): Row(
        lambda world: f"/api/photos/download?job_id={world.new_archive_job()}",
        owner=202,
        stranger=404,
        admin=404,
        unknown=at(f"/api/photos/download?job_id={MISSING_UUID}"),
    ),
    # Everybody deletes the one of that name that is theirs, which here only the victim has.
    ("DELETE", "/api/delete/zip/{archive:str}"): Row(
        lambda world: f"/api/delete/zip/{world.new_archive()}",
        unknown=at(f"/api/delete/zip/{MISSING_UUID}"),
    ),
    # copies: each has feeds of its own
    **{
        ("GET", f"/api/sync/{feed}"): plain(f"/api/sync/{feed}/")
        for feed in (
            *("photos", "persons", "sharing", "counts"),
            *("albums/user", "albums/auto", "albums/thing", "albums/place", "albums/tag"),
        )
    },
    ("GET", "/api/healthz"): plain("/api/healthz", **OPEN),
    ("GET", "/api/healthz/postgresql"): plain("/api/healthz/postgresql", **OPEN),
    ("GET", "/api/healthz/storage"): plain("/api/healthz/storage", **OPEN),
    # No worker runs beside this server, so everybody alike learns that the queue stands still.
    ("GET", "/api/healthz/queue"): plain(
        "/api/healthz/queue", owner=503, anonymous=503, stranger=503, admin=503
    ),
    ("GET", "/api/healthz/ready"): plain(
        "/api/healthz/ready", owner=503, anonymous=503, stranger=503, admin=503
    ),
}

MEDIA: dict[str, Row] = {
    **{
        kind: media(kind, by_hash, MISSING_HASH)
        for kind in ("thumbnails_big", "square_thumbnails", "square_thumbnails_small", "photos", "video")
    },
    "embedded_media": media("embedded_media", by_hash, MISSING_HASH),
    "faces": media("faces", lambda world, photo: world.faces[photo.uuid], f"{MISSING_HASH}_0.jpg"),
    # Any signed-in user may see any avatar.
    "avatars": Row(
        lambda world: f"/media/avatars/{world.avatar}",
        anonymous=403,
        unknown=at("/media/avatars/none.png"),
        secrets=lambda world: [],
    ),
    "zip": Row(
        lambda world: f"/media/zip/{world.new_archive()}",
        anonymous=403,
        stranger=404,
        admin=404,
        unknown=at(f"/media/zip/{MISSING_UUID}"),
    ),
}

# Who gets a photo besides its owner, by what was done with it: from the routes of the API, and from the media mount.
# A public link opens an album's pictures, and its page by its slug, not the photo's own routes.
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset({"sharee", "member", "misled", "unrelated", "admin", "anonymous"})
SITUATIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "private": (NOBODY, NOBODY),
    "shared directly": (frozenset({"sharee"}), frozenset({"sharee"})),
    "in a shared album of the owner": (frozenset({"member"}), frozenset({"member"})),
    # An album of somebody else vouches for nothing, shared or linked.
    "in a shared and linked album of somebody else": (NOBODY, NOBODY),
    "public": (EVERYBODY, EVERYBODY),
    "in an album with a live link": (NOBODY, EVERYBODY),
    "in an album with an expired link": (NOBODY, NOBODY),
    "in an album with a disabled link": (NOBODY, NOBODY),
    "public, hidden": (NOBODY, NOBODY),
    "public, in the trash": (NOBODY, NOBODY),
}
# What these show beyond the pixels, visitors get only while the owner shares all of it.
DISCLOSING = frozenset({"embedded_media", "faces"})
VISITED = frozenset({"public", "in an album with a live link"})
