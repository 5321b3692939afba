"""Public links, for those who make them."""

from typing import cast, get_args

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.vault import Vault
from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.user_albums import get_list_item
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.refusals import Errors, Failed
from librephotos.kit import clock
from librephotos.photos.keys import find_key
from librephotos.sharing.inputs import AlbumLinkInput, PhotoLinkInput
from librephotos.sharing.queries import album_links, photo_links
from librephotos.sharing.queries.album_links import LinkChange
from librephotos.sharing.queries.photo_links import Action, StoredLink
from librephotos.sharing.schemas import (
    AlbumLinkAnswer,
    ListedPhotoLink,
    NoPhotoLinkAnswer,
    PhotoLink,
    PhotoLinkAnswer,
    PhotoLinkList,
)
from librephotos.sharing.slugs import new_photo_slug

PHOTO_PAGE = "/public/p/"


@post(
    "/api/useralbum/makepublic/",
    scope="sharing:write",
    status_code=200,
    body=AlbumLinkInput,
    refusals={400: (Failed, Errors), 403: (Failed, Errors), 404: Failed},
)
async def change_album_link(request: ApiRequest, viewer: Viewer, server: Server) -> AlbumLinkAnswer:
    """Enable, change or disable the public link of an own album."""
    data = bind(AlbumLinkInput, await read_fields(request))
    if data.album_id is None or data.val_public is None:
        raise _refused("Missing parameters")
    options = data.sharing_options
    change = LinkChange(
        is_enabled=data.val_public,
        slug=data.slug or "",
        changes_end="expires_at" in data.model_fields_set,
        expires_at=None if data.expires_at is None else clock.from_datetime(data.expires_at),
        options=options.model_dump(exclude_unset=True) if options is not None else {},
    )
    await server.db.write(album_links.change_link, viewer, data.album_id, change, origin_of(request))
    return AlbumLinkAnswer(True, await server.db.read_heavy(get_list_item, viewer, data.album_id))


@post(
    "/api/photo/share/",
    scope="sharing:write",
    status_code=200,
    body=PhotoLinkInput,
    answers={200: (PhotoLinkAnswer, NoPhotoLinkAnswer)},
    refusals={400: (Failed, Errors), 403: (Failed, Errors), 404: Failed},
)
async def change_photo_link(
    request: ApiRequest, viewer: Viewer, server: Server
) -> PhotoLinkAnswer | NoPhotoLinkAnswer:
    """Make a link of one own photo, renew it (`rotate`), or end it (`disable`)."""
    data = bind(PhotoLinkInput, await read_fields(request))
    if not data.photo_id:
        raise _refused("Missing parameters")
    if data.action not in get_args(Action):
        raise _refused("Unknown action")
    key, action = find_key(data.photo_id), cast("Action", data.action)
    origin = origin_of(request)
    fresh = new_photo_slug(server.vault)
    link = await server.db.write(photo_links.change_link, viewer, key, action, fresh, origin)
    if link is not None and link.slug.text(server.vault) is None:
        # Nobody can tell its owner the old one any more.
        link = await server.db.write(photo_links.change_link, viewer, key, "rotate", fresh, origin)
    return NoPhotoLinkAnswer() if link is None else PhotoLinkAnswer(True, _shown(link, server.vault))


@get("/api/photo/share/list/", scope="sharing:read")
async def list_photo_links(viewer: Viewer, server: Server) -> PhotoLinkList:
    """The caller's links of single photos, the newest first."""
    links = await server.db.read_heavy(photo_links.list_links, viewer)
    shown = [(link, _shown(link, server.vault)) for link in links]
    return PhotoLinkList(
        [
            ListedPhotoLink(each.enabled, each.slug, each.url, each.created_at, link.uuid, link.image_hash)
            for link, each in shown
        ]
    )


def _shown(link: StoredLink, vault: Vault) -> PhotoLink:
    slug = link.slug.text(vault)
    return PhotoLink(True, slug, f"{PHOTO_PAGE}{slug}" if slug else None, clock.iso(link.created_at))


def _refused(message: str) -> Refusal:
    return Refusal(400, {"status": False, "message": message})


ROUTES: list[BaseRouteHandler] = [change_album_link, change_photo_link, list_photo_links]
