"""`serve`: prepares the installation, then runs the API and the worker until told to stop."""

import os
import socket
from typing import TYPE_CHECKING

import structlog

from librephotos.accounts.secret_key import load_secret_key
from librephotos.cli.preparing import mention_odd_names, prepare_data
from librephotos.jobs.lock import FolderLock
from librephotos.jobs.supervisor import Child, Supervisor, answers, python_command, refuse_taken_port
from librephotos.kit.collector import uncollected
from librephotos.settings import Settings, child_environment, load_settings

if TYPE_CHECKING:
    from librephotos.cli.starting import Started

log = structlog.get_logger()

APPLICATION = "librephotos.app:create"
LOCK = "serve.lock"


def serve(overrides: dict[str, object], *, with_worker: bool) -> None:
    """Run until Ctrl-C or SIGTERM. Raises BadSetting, DataFolderInUse or StartFailed with a sentence."""
    settings = load_settings(**overrides)
    mention_odd_names()
    prepare_data(settings.data)
    lock = FolderLock(settings.data, lock_name(settings), "server")
    try:
        refuse_taken_port(settings.host, settings.port)
        load_secret_key(settings)
        children = children_of(overrides, lock.descriptor, with_worker=with_worker)
        _run(settings, Supervisor(children), with_worker=with_worker)
    finally:
        lock.release()


def _run(settings: Settings, supervisor: Supervisor, *, with_worker: bool) -> None:
    """Start the API at once: while it imports, this process sees to the database, and calls it when that is done."""
    supervisor.children[0].start()
    try:
        with uncollected():
            from librephotos.cli.starting import open_database
        started = open_database(settings)
        try:
            _watch(settings, supervisor, started, with_worker=with_worker)
        finally:
            started.progress.end()
            started.db.close()
    finally:
        supervisor.stop()


def _watch(settings: Settings, supervisor: Supervisor, started: "Started", *, with_worker: bool) -> None:
    supervisor.listen()
    supervisor.start(lambda: answers(settings.host, settings.port, "/api/healthz"))
    if not supervisor.stopping:
        _announce(settings, started)
    if with_worker:
        supervisor.tick = started.progress
    supervisor.run()


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
            waits=True,
        )
    ]
    if with_worker:
        command = python_command("librephotos.cli", "work", "--parent", me)
        children.append(Child("worker", command, environment, keeps_open=(lock,)))
    return children


def lock_name(settings: Settings) -> str:
    """One server a data folder; on PostgreSQL, where servers may share a folder, one a machine."""
    return LOCK if settings.database.startswith("sqlite") else f"serve.{socket.gethostname()}.lock"


def _announce(settings: Settings, started: "Started") -> None:
    from librephotos.cli.first_run import base_address
    from librephotos.cli.output import say

    say(f"LibrePhotos is ready at {base_address(settings)}")
    say(f"Data: {settings.data}")
    say(f"Library: {', '.join(map(str, settings.roots)) or 'none yet; give one with --library'}")
    if started.admin is not None:
        say(f"Made the first admin, {started.admin}.")
    if started.first_steps is not None:
        say(started.first_steps)
    say("Stop with Ctrl-C.")
    if settings.is_public and settings.debug:
        log.warning("DEBUG is on while other machines can reach this server; unset LIBREPHOTOS_DEBUG")
