"""Public links, for whoever has one: an album, a photo of it, a photo by itself and its picture.

A link that is dead, has expired or never was is an empty 404. Whoever tries too many that never were has to wait, for
links too that people named themselves; never for those that the server made, which nobody guesses.
"""

import asyncio
from typing import Any, NoReturn

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.events import refused_link
from librephotos.accounts.guard import anyone
from librephotos.accounts.server import origin_of, server_of
from librephotos.albums.filters import parse_media
from librephotos.albums.routes.answers import query_of
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest
from librephotos.http.file_answers import FileAnswer
from librephotos.http.files import Headers, OpenFile
from librephotos.http.refusals import Errors
from librephotos.http.rendering import Ready
from librephotos.kit import json
from librephotos.photos.keys import find_key
from librephotos.photos.paths import derived_root
from librephotos.photos.queries.media import list_owner_roots
from librephotos.sharing import pictures
from librephotos.sharing.queries import public
from librephotos.sharing.queries.public import Found, LinkedFile
from librephotos.sharing.schemas import LinkedAlbumAnswer, LinkedPhotoAnswer, PublicPhotoAnswer
from librephotos.sharing.slugs import is_slug

OPEN: dict[str, Any] = {"who": anyone, "scope": "public"}
# A link that is withdrawn is withdrawn for whoever has opened it before.
FRESH: Headers = [(b"cache-control", b"private, no-cache")]


@get(
    "/api/public/albums/s/{slug:str}/",
    **OPEN,
    answers={200: LinkedAlbumAnswer},
    refusals={404: None, 429: Errors},
    query=("video", "photo", "is_screenshot", "is_document"),
)
async def get_public_album(request: ApiRequest, slug: str) -> Response[bytes]:
    """The album behind a public link, its photos newest first, without what its owner does not share."""
    found = None
    if is_slug(slug):
        wanted = parse_media(query_of(request))
        found = await server_of(request).db.read_heavy(public.find_album, slug, wanted)
    return await _answer_album(request, slug, found)


@get(
    "/api/public/albums/s/{slug:str}/photos/{photo_id:str}/",
    **OPEN,
    answers={200: PublicPhotoAnswer},
    refusals={404: None, 429: Errors},
)
async def get_public_album_photo(request: ApiRequest, slug: str, photo_id: str) -> Response[bytes]:
    """One photo of that album in more detail. A photo that is not in it is `{"error"}`, a dead link has no body."""
    found = None
    if is_slug(slug):
        found = await server_of(request).db.read(public.find_album_photo, slug, find_key(photo_id))
    return await _answer_album(request, slug, found)


@get(
    "/api/public/photo/{slug:str}/",
    **OPEN,
    answers={200: LinkedPhotoAnswer},
    refusals={404: None, 429: Errors},
)
async def get_public_photo(request: ApiRequest, slug: str) -> Response[bytes]:
    """The photo behind a public link of its own, without what its owner does not share."""
    found = await server_of(request).db.read(public.find_photo, slug) if is_slug(slug) else None
    if found is None:
        await _refuse_photo(request, slug)
    return Ready(json.dump_bytes(found), FRESH)


@get(
    "/api/public/photo/{slug:str}/media/{kind:str}/",
    **OPEN,
    accept="any",
    answers={200: "application/octet-stream"},
    refusals={404: None, 429: Errors},
)
async def get_public_photo_media(request: ApiRequest, slug: str, kind: str) -> Response[bytes]:
    """Its picture (`thumbnail`), or the `video`: whole where place, camera and time are shared, else a preview."""
    found = await server_of(request).db.read(public.find_photo_file, slug) if is_slug(slug) else None
    if found is None:
        await _refuse_photo(request, slug)
    if kind not in ("thumbnail", "video") or (kind == "video" and not found.is_video):
        raise Refusal(404)
    try:
        file, headers = await _open(request, found, kind)
    except OSError:
        raise Refusal(404) from None
    return FileAnswer(file, headers, is_slow=kind == "video")


async def _open(request: ApiRequest, found: LinkedFile, kind: str) -> tuple[OpenFile, Headers]:
    server = server_of(request)
    data = server.settings.data.absolute()
    root = str(derived_root(data))
    if kind == "thumbnail":
        asked = (root, found.image_hash, found.orientation, found.content)
        return await asyncio.to_thread(pictures.open_thumbnail, *asked, is_video=bool(found.is_video))
    if not found.shares_original or found.path is None:
        return await asyncio.to_thread(pictures.open_preview, root, found.image_hash)
    roots = [str(each) for each in server.settings.roots]
    roots = roots or await server.db.read(list_owner_roots, found.owner_id)
    return await asyncio.to_thread(pictures.open_original, bytes(found.path), found.mime, roots, str(data))


async def _answer_album(request: ApiRequest, slug: str, found: Found | None) -> Response[bytes]:
    server = server_of(request)
    if found is None:
        if is_slug(slug) and await server.db.read(public.is_known_album_slug, slug):
            raise Refusal(404)
        await _refuse_guess(request)
    if found.is_chosen:
        await server.limiter.begin_at_link(origin_of(request))
    if found.answer is None:
        raise Refusal(404, {"error": "Photo not found in album"})
    return Ready(json.dump_bytes(found.answer), FRESH)


async def _refuse_photo(request: ApiRequest, slug: str) -> NoReturn:
    if is_slug(slug) and await server_of(request).db.read(public.is_known_photo_slug, slug):
        raise Refusal(404)
    await _refuse_guess(request)


async def _refuse_guess(request: ApiRequest) -> NoReturn:
    """Count it against the network that it came from. Raises TooManyRequests after many, Refusal else."""
    limiter, origin = server_of(request).limiter, origin_of(request)
    attempt = await limiter.begin_at_link(origin)
    await limiter.failed(attempt, refused_link(origin))
    raise Refusal(404)


ROUTES: list[BaseRouteHandler] = [
    get_public_album,
    get_public_album_photo,
    get_public_photo,
    get_public_photo_media,
]
