"""A part of the day in local time, such as `22:00-06:00`, which may go past midnight."""

import re
from datetime import datetime, time, timedelta

import msgspec

_FORM = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})\s*")


class QuietHours(msgspec.Struct, frozen=True):
    """From `begin` (included) to `end` (excluded), wall-clock times of the server."""

    begin: time
    end: time

    def end_after(self, now: datetime) -> datetime | None:
        """Return when the quiet ends that holds at `now` (naive, local); None when none does."""
        at = now.time()
        is_over_midnight = self.begin > self.end
        is_quiet = at >= self.begin or at < self.end if is_over_midnight else self.begin <= at < self.end
        if not is_quiet:
            return None
        day = now.date() + timedelta(days=1) if at >= self.end else now.date()
        return datetime.combine(day, self.end)


def parse_quiet_hours(text: str) -> QuietHours | None:
    """Return None for an empty text. Raises ValueError for one that names no part of the day."""
    if not text.strip():
        return None
    match = _FORM.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
        quiet = QuietHours(time(begin_hour, begin_minute), time(end_hour, end_minute))
    except ValueError:
        raise ValueError(f"{text} is no part of the day; write for example 22:00-06:00") from None
    if quiet.begin == quiet.end:
        raise ValueError(f"{text} has no length; leave it empty for no quiet hours")
    return quiet
