"""The viewers of the API document and the document as bytes.

The viewers' files come from npm when the package is built; `documents/` is empty in a checkout that was not built.
"""

from pathlib import Path

from librephotos.errors import NotFound
from librephotos.http.openapi.parts import Part
from librephotos.kit import json
from librephotos.page.shells import FOLDER as SHELLS

DOCUMENTS = Path(__file__).parent / "documents"
SCRIPT = "text/javascript"
STYLE = "text/css"
YAML = "application/vnd.oai.openapi"
JSON = "application/json"
OFFERED = (YAML, "application/yaml", "application/vnd.oai.openapi+json", JSON)

NOT_BUILT = (
    "The viewers of the API document are not part of this build; `make setup` fetches them. "
    "/api/schema has the document itself."
)

# Everything that may be fetched, by name, and nothing else of the folders: file and type.
VIEWER_ASSETS: dict[str, tuple[Path, str]] = {
    "swagger-ui.css": (DOCUMENTS / "swagger-ui.css", STYLE),
    "swagger-ui-bundle.js": (DOCUMENTS / "swagger-ui-bundle.js", SCRIPT),
    "redoc.standalone.js": (DOCUMENTS / "redoc.standalone.js", SCRIPT),
    "swagger.js": (SHELLS / "swagger.js", SCRIPT),
    "redoc.js": (SHELLS / "redoc.js", SCRIPT),
}


def has_viewers() -> bool:
    return all(path.is_file() for path, _ in VIEWER_ASSETS.values())


def require_viewers() -> None:
    """Raise NotFound, with what to do, when the package was built without the viewers."""
    if not has_viewers():
        raise NotFound(NOT_BUILT)


def read_asset(name: str) -> tuple[bytes, str]:
    """Return a file and its type. Raises NotFound, also when the package was built without the viewers."""
    known = VIEWER_ASSETS.get(name)
    if known is None:
        raise NotFound
    try:
        return known[0].read_bytes(), known[1]
    except FileNotFoundError:
        raise NotFound(NOT_BUILT) from None


def encode_document(document: Part, media_type: str) -> bytes:
    if media_type.endswith("json"):
        return json.dump_bytes(document)
    import yaml  # only a developer's server ever needs it

    # Where PyYAML comes without libyaml, its own writer takes eight times as long.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120)
    return text.encode()
