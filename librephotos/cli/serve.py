"""`serve`: starts the API before anything else, since it has most to import, and then sees whether it may run."""

import os

from librephotos.jobs.child import Child, python_command
from librephotos.kit.collector import uncollected

APPLICATION = "librephotos.app:create"


def serve(overrides: dict[str, object], *, with_worker: bool) -> None:
    """Run until Ctrl-C or SIGTERM. Raises BadSetting, DataFolderInUse or StartFailed with a sentence."""
    api = Child("API", python_command("librephotos.http.serving", str(os.getpid()), APPLICATION), waits=True)
    api.start()
    try:
        with uncollected():
            from librephotos.cli.server import run
            from librephotos.kit.logs import configure_logs
        configure_logs()
        run(overrides, api, with_worker=with_worker)
    finally:
        api.kill()
