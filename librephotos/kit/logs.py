"""Structured logs on standard error: lines for people on a terminal, JSON otherwise. Credentials never pass.

A server keeps the last of them in its data folder besides, always as JSON.
"""

import logging
import logging.config
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

from librephotos.kit.imports import absent
from librephotos.kit.kept_log import KeptLog

# Where it finds Rich, structlog prints tracebacks with all local variables, passwords too, and loads 60 modules more.
with absent("rich"):
    import structlog

HIDDEN: Final = "(hidden)"
_SECRET_NAME = re.compile(
    r"pass(word|wd)?$|token|secret|authorization|cookie|_key$|^key$|credential", re.IGNORECASE
)
# user:password@ in an address, and what follows a scheme word of an Authorization header.
_IN_ADDRESS = re.compile(r"(\w[\w+.-]*://[^\s:/@]*:)[^\s@/]+@")
_IN_HEADER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")
# An API key, of which the first part is public.
_KEY = re.compile(r"(\blp_[0-9A-Za-z]{8}_)\w+")
Event = MutableMapping[str, Any]


def hide_credentials(_logger: object, _method: str, event: Event) -> Event:
    """Replace values whose names or shapes say that they are credentials."""
    for name, value in event.items():
        if _SECRET_NAME.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = scrub(value)
    return event


def scrub(text: str) -> str:
    text = _KEY.sub(rf"\1{HIDDEN}", text)
    return _IN_HEADER.sub(rf"\1 {HIDDEN}", _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text))


def configure_logs(data: Path | None = None) -> None:
    """Send our log and that of the libraries to standard error, and to the data folder where one is given."""
    logging.config.dictConfig(log_config(data))
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def log_config(data: Path | None = None) -> dict[str, Any]:
    """Return the configuration of the standard library's logging, in the form that `dictConfig` and Granian take."""
    stderr = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "ours"}
    handlers: dict[str, Any] = {"stderr": stderr}
    if data is not None:
        handlers["kept"] = {"()": KeptLog, "data": data, "formatter": "json"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": formatter}, "json": {"()": json_formatter}},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": "INFO"},
        "loggers": {
            "_granian": {"level": "WARNING", "propagate": True},
            "granian.access": {"level": "INFO", "propagate": True},
            "alembic": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


def formatter() -> logging.Formatter:
    return (
        _formatter([hide_credentials, structlog.dev.ConsoleRenderer()])
        if sys.stderr.isatty()
        else json_formatter()
    )


def json_formatter() -> logging.Formatter:
    return _formatter(
        [
            structlog.processors.format_exc_info,
            hide_credentials,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )


def _formatter(rendering: list[Any]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
