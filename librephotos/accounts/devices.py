"""A short name for a device, from what its user agent says of itself: for people to recognise, never trusted."""

from typing import Final

# The first mark that is found wins: browsers name each other, and Android names Linux.
_PROGRAMS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Dart/", "Mobile app"),
    ("okhttp/", "Mobile app"),
    ("curl/", "curl"),
    ("python-", "Python"),
    ("Wget/", "Wget"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN: Final = "Unknown device"
WORD_CHARS: Final = 40


def device_name(user_agent: str) -> str:
    """Return such as `Firefox on Linux`; for an unknown program the first word of its own name."""
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not program:
        word = user_agent.split("/", 1)[0].split(" ", 1)[0][:WORD_CHARS]
        program = "" if word == "Mozilla" else word
    if program and system:
        return f"{program} on {system}"
    return program or system or UNKNOWN
