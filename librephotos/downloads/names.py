"""What files are called inside an archive: by their base names, equal ones told apart; no I/O."""

import os
from typing import Final

_PLAIN: Final = str.maketrans(
    dict.fromkeys('<>:"/\\|?*', "_") | {chr(code): "_" for code in (*range(32), 127)}
)


class ArchiveNames:
    """Gives each file of one archive a name; `a.jpg`, then `a_1.jpg`, whatever the case of either."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def take(self, path: bytes) -> str:
        """Return a name without folders that any system can unpack; bytes that are no UTF-8 are replaced."""
        name = os.path.basename(path).decode("utf-8", "replace").translate(_PLAIN).strip(" .") or "file"
        stem, extension = os.path.splitext(name)
        taken, number = name, self._counts.get(name.casefold(), 0)
        while taken.casefold() in self._taken:
            number += 1
            taken = f"{stem}_{number}{extension}"
        self._counts[name.casefold()] = number
        self._taken.add(taken.casefold())
        return taken
