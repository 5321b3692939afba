"""`serve`: prepares the installation, then runs the API and the worker until told to stop."""

import os
import socket

import structlog

from librephotos.accounts.secret_key import load_secret_key
from librephotos.cli.first_run import base_address, make_first_admin, open_setup
from librephotos.cli.options import mention_odd_names, prepare_data
from librephotos.cli.output import say
from librephotos.cli.progress import ProgressLine
from librephotos.cli.roots import refuse_unknown_roots
from librephotos.db.database import Database
from librephotos.db.migrate import migrate
from librephotos.jobs.lock import FolderLock
from librephotos.jobs.supervisor import Child, Supervisor, answers, python_command, refuse_taken_port
from librephotos.settings import Settings, child_environment, load_settings

log = structlog.get_logger()

APPLICATION = "librephotos.app:create"
LOCK = "serve.lock"


def serve(overrides: dict[str, object], *, with_worker: bool) -> None:
    """Run until Ctrl-C or SIGTERM. Raises BadSetting, DataFolderInUse or StartFailed with a sentence."""
    settings = load_settings(**overrides)
    mention_odd_names()
    prepare_data(settings.data)
    lock = FolderLock(settings.data, lock_name(settings), "server")
    refuse_taken_port(settings.host, settings.port)
    load_secret_key(settings)
    migrate(settings.database, settings.data)
    db = Database(settings.database)
    refuse_unknown_roots(db, settings)
    admin = make_first_admin(db, settings)
    # Before anybody can ask: a gate that is closed too late is open.
    first_steps = open_setup(db, settings)
    supervisor = Supervisor(children_of(overrides, lock.descriptor, with_worker=with_worker))
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


def children_of(overrides: dict[str, object], lock: int, *, with_worker: bool) -> list[Child]:
    """The API first: the start waits for it. All keep the lock open, so that none is outlived by it."""
    environment = child_environment(overrides)
    me = str(os.getpid())
    children = [
        Child(
            "API",
            python_command("librephotos.http.serving", me, APPLICATION),
            environment,
            keeps_open=(lock,),
        )
    ]
    if with_worker:
        command = python_command("librephotos.cli", "work", "--parent", me)
        children.append(Child("worker", command, environment, keeps_open=(lock,)))
    return children


def lock_name(settings: Settings) -> str:
    """One server a data folder; on PostgreSQL, where servers may share a folder, one a machine."""
    return LOCK if settings.database.startswith("sqlite") else f"serve.{socket.gethostname()}.lock"


def _announce(settings: Settings, admin: str | None, first_steps: str | None) -> None:
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
