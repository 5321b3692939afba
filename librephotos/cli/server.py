"""A server's parent process: prepares the installation, calls the API, runs the worker, until told to stop."""

import os
import socket

import structlog

from librephotos.accounts.secret_key import load_secret_key
from librephotos.cli.first_run import base_address, make_first_admin, open_setup
from librephotos.cli.preparing import mention_odd_names, prepare_data
from librephotos.cli.progress import ProgressLine
from librephotos.cli.roots import refuse_unknown_roots
from librephotos.db.database import Database
from librephotos.db.migrate import migrate
from librephotos.jobs.child import Child, python_command
from librephotos.jobs.lock import FolderLock
from librephotos.jobs.supervisor import Supervisor, answers, refuse_taken_port
from librephotos.kit.logs import configure_logs
from librephotos.settings import Settings, child_environment, load_settings

log = structlog.get_logger()

LOCK = "serve.lock"


def run(overrides: dict[str, object], api: Child, *, with_worker: bool) -> None:
    """Prepare everything, then let `api`, which waits, answer. Raises BadSetting, DataFolderInUse, StartFailed."""
    settings = load_settings(**overrides)
    mention_odd_names()
    prepare_data(settings.data)
    configure_logs(settings.data)
    lock = FolderLock(settings.data, lock_name(settings), "server")
    refuse_taken_port(settings.host, settings.port)
    load_secret_key(settings)
    migrate(settings.database, settings.data)
    db = Database(settings.database)
    refuse_unknown_roots(db, settings)
    admin = make_first_admin(db, settings)
    # Before anybody can ask: a gate that is closed too late is open.
    first_steps = open_setup(db, settings)
    supervisor = Supervisor(children_of(api, overrides, lock.descriptor, with_worker=with_worker))
    supervisor.listen()
    line = ProgressLine(db)
    try:
        supervisor.start(lambda: answers(settings.host, settings.port, "/api/healthz"))
        if not supervisor.stopping:
            _announce(settings, admin, first_steps)
        if with_worker:
            supervisor.tick = line
        supervisor.run()
    finally:
        line.end()
        supervisor.stop()
        db.close()
        lock.release()


def children_of(api: Child, overrides: dict[str, object], lock: int, *, with_worker: bool) -> list[Child]:
    """The API first: the start waits for it. All keep the lock open, so that none is outlived by it."""
    environment = child_environment(overrides)
    api.environment, api.keeps_open = environment, (lock,)
    if not with_worker:
        return [api]
    command = python_command("librephotos.cli", "work", "--parent", str(os.getpid()))
    return [api, Child("worker", command, environment, keeps_open=(lock,))]


def lock_name(settings: Settings) -> str:
    """One server a data folder; on PostgreSQL, where servers may share a folder, one a machine."""
    return LOCK if settings.database.startswith("sqlite") else f"serve.{socket.gethostname()}.lock"


def _announce(settings: Settings, admin: str | None, first_steps: str | None) -> None:
    from librephotos.cli.output import say  # Rich, which nobody needs before this

    say(f"LibrePhotos is ready at {base_address(settings)}")
    say(f"Data: {settings.data}")
    say(f"Library: {', '.join(map(str, settings.roots)) or 'none yet; give one with --library'}")
    if admin is not None:
        say(f"Made the first admin, {admin}.")
    if first_steps is not None:
        say(first_steps)
    say("Stop with Ctrl-C.")
    if settings.is_public and settings.debug:
        log.warning("DEBUG is on while other machines can reach this server; unset LIBREPHOTOS_DEBUG")
