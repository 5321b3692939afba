"""A forgotten password: asking for a link by mail, and choosing a new password with it. Both know no callers."""

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts import password_resets
from librephotos.accounts.events import REFUSED, Event, Origin
from librephotos.accounts.guard import anyone
from librephotos.accounts.limiter import Attempt
from librephotos.accounts.password_policy import host_names, list_problems
from librephotos.accounts.reset_mail import Asked
from librephotos.accounts.schemas import ResetConfirmInput, ResetInput
from librephotos.accounts.server import Server, origin_of
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest
from librephotos.http.refusals import Errors, Failed

ASKED = "If an account has this address, a mail with a link is on its way to it."
MISSING = "Missing parameters"
DEAD = "Invalid or expired reset link"
DONE = "Password has been reset"


@post("/api/auth/password/reset/", who=anyone, scope="public", credentials="ignored", status_code=200)
async def ask_for_reset(request: ApiRequest, server: Server, data: ResetInput) -> Failed:
    """Have a link mailed to an address. The answer is the same whether it is anybody's, and waits for nothing."""
    origin = origin_of(request, "reset")
    email = data.email or ""
    await server.limiter.ask_for_reset(origin, password_resets.fold_email(email))
    language = request.headers.get("accept-language", "")[:2].lower()
    if email.strip():
        server.reset_mailer.post(Asked(email, language, origin))
    return Failed(status=True, message=ASKED)


@post(
    "/api/auth/password/reset/confirm/",
    who=anyone,
    scope="public",
    credentials="ignored",
    status_code=200,
    refusals={400: (Errors, Failed)},
)
async def confirm_reset(request: ApiRequest, server: Server, data: ResetConfirmInput) -> Failed:
    """Set a new password with the two parts of a mailed link; it is held to the strict policy and ends all sessions."""
    if not (data.uid and data.token and data.new_password):
        raise _refusal(MISSING)
    origin = origin_of(request, "reset")
    attempt = await server.limiter.begin(origin)
    async with server.limiter.turn(attempt):
        person = await server.db.read(password_resets.find_person, data.uid, data.token)
        if person is None:
            raise await _dead(server, attempt, origin)
    # Only now, so that strangers cost no hash.
    problems = list_problems(data.new_password, "strict", person.owner(host_names(server.settings)))
    if problems:
        raise _refusal(" ".join(problems))
    stored = await server.pool.hash(data.new_password)
    if not await server.db.write(_reset, server, attempt, data.uid, data.token, stored, origin):
        raise await _dead(server, attempt, origin)
    return Failed(status=True, message=DONE)


def _reset(  # the link, the new hash, and from where
    tx: Tx, server: Server, attempt: Attempt, uid: str, token: str, stored: str, origin: Origin
) -> bool:
    person = password_resets.reset_password(tx, uid, token, stored, origin)
    if person is not None:
        # Whoever was locked out by others' guesses signs in from here next.
        server.limiter.succeeded(tx, attempt, person.user_id)
    return person is not None


async def _dead(server: Server, attempt: Attempt, origin: Origin) -> Refusal:
    event = Event(kind="password_reset_refused", origin=origin, result=REFUSED, detail={"reason": "link"})
    await server.limiter.failed(attempt, event)
    return _refusal(DEAD)


def _refusal(message: str) -> Refusal:
    return Refusal(400, {"status": False, "message": message})


ROUTES: list[BaseRouteHandler] = [ask_for_reset, confirm_reset]
