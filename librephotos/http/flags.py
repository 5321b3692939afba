"""Query parameters as the API reads them: leniently, never with a 400 for an odd spelling."""

FALSE_WORDS = frozenset({"false", "0", "no", "off"})


def is_present(text: str | None) -> bool:
    """Older flags are on when present and not empty, whatever the text (`hidden=false` is on)."""
    return bool(text)


def tri_state(text: str | None) -> bool | None:
    """Newer flags: absent or empty is None; `false`, `0`, `no`, `off` in any case are False; the rest is True."""
    if not text:
        return None
    return text.lower() not in FALSE_WORDS


def positive_int(text: str | None, default: int, maximum: int | None = None) -> int:
    """Return the positive number in `text`, clipped to `maximum`, or `default` for anything else."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        return default
    number = int(text)
    if number < 1:
        return default
    return number if maximum is None else min(number, maximum)
