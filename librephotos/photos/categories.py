"""Tells screenshots from photographs by name, folder and what a camera would have left in the file."""

import os
import re
from typing import Final, Protocol

# As the systems name them in English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Russian, Swedish,
# Danish and Norwegian, Finnish, Czech, Turkish, Chinese, Japanese and Korean.
_NAME: Final = re.compile(
    r"(?:screen[ _-]?shot|screen[ _-]?capture|screencap|bildschirmfoto|bildschirmaufnahme|schermafbeelding|schermafdruk"
    r"|capture[ _-]d.?[ _-]?[eé]cran|captura[ _-]de[ _-](?:pantalla|ecr[aã]|tela)|schermata|istantanea[ _-]schermo"
    r"|zrzut[ _-]ekranu|снимок[ _-]экрана|скриншот|sk[aä]rm(?:avbild|bild|klipp)|sk[aæ]rm(?:billede|bilde)"
    r"|skjerm(?:bilde|dump)|n[aä]ytt[oö]kuva|sn[ií]mek[ _-]obrazovky|ekran[ _-](?:g[oö]r[uü]nt[uü]s[uü]|resmi)"
    r"|截屏|截图|螢幕截圖|屏幕截图|スクリーンショット|스크린샷)",
    re.IGNORECASE,
)


class Traces(Protocol):
    """What a camera leaves in a file, or would have."""

    @property
    def camera_make(self) -> str | None: ...
    @property
    def camera_model(self) -> str | None: ...
    @property
    def gps_lat(self) -> float | None: ...


def is_screenshot(path: str, mime: str, facts: Traces | None) -> bool:
    """Return whether a picture was taken of a screen."""
    folder, name = os.path.split(path)
    if _NAME.match(name) or "screenshots" in folder.lower().split("/"):
        return True
    has_camera = facts is not None and bool(facts.camera_make or facts.camera_model)
    has_place = facts is not None and facts.gps_lat is not None
    return mime == "image/png" and facts is not None and not has_camera and not has_place
