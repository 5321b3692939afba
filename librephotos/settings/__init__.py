"""The settings of the environment, and what is made of them."""

from librephotos.settings.old_names import IGNORED_NAMES, OLD_DATABASE, OLD_NAMES, OLD_OTHERS
from librephotos.settings.values import (
    PREFIX,
    Settings,
    child_environment,
    list_ignored,
    list_unknown,
    load_settings,
    password_of_environment,
)

__all__ = [
    "IGNORED_NAMES",
    "OLD_DATABASE",
    "OLD_NAMES",
    "OLD_OTHERS",
    "PREFIX",
    "Settings",
    "child_environment",
    "list_ignored",
    "list_unknown",
    "load_settings",
    "password_of_environment",
]
