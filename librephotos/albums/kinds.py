"""Names and published numbers of this room's jobs; names are stored with waiting jobs and never change."""

from typing import Final

GENERATE_EVENTS: Final = "generate_events"
GENERATE_EVENTS_TYPE: Final = 2
TITLE_EVENTS: Final = "title_events"
TITLE_EVENTS_TYPE: Final = 3
