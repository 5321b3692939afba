"""The caption that somebody gives a photo, and the one that a model would."""

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.refusals import HELP_LINK, Failed
from librephotos.photos.edit_inputs import CaptionInput, PhotoNameInput
from librephotos.photos.keys import find_key
from librephotos.photos.queries.captions import save_caption
from librephotos.photos.schemas import Status

DISABLED = "Image captioning is disabled"


@post(
    "/api/photosedit/savecaption/",
    scope="photos:write",
    status_code=200,
    body=CaptionInput,
    refusals={404: Failed},
)
async def set_caption(request: ApiRequest, viewer: Viewer, server: Server) -> Status:
    """Save the caption of an own photo; an empty one clears it. Hashtags in it group photos."""
    data = bind(CaptionInput, await read_fields(request))
    caption = data.caption if isinstance(data.caption, str) else None
    return Status(await server.db.write(save_caption, viewer, find_key(data.image_hash), caption))


@post(
    "/api/photosedit/generateim2txt/",
    scope="photos:write",
    status_code=200,
    body=PhotoNameInput,
    refusals={403: Failed},
)
async def generate_caption(request: ApiRequest) -> Status:
    """Have a model write a caption. No model is installed, which `captioning_model` of the site settings says too."""
    bind(PhotoNameInput, await read_fields(request))
    raise Refusal(403, {"status": False, "message": DISABLED}, {"Link": HELP_LINK})


ROUTES: list[BaseRouteHandler] = [set_caption, generate_caption]
