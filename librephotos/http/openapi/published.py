"""The published spelling of paths: the router drops closing slashes, the document shows them as they were published."""

import re

# Published without a closing slash. Every path answers both forms; this is only about how it is written down.
_WITHOUT_SLASH = frozenset(
    {
        "/",
        "/docs/api-authentication",
        "/api/addface",
        "/api/auth/sso/config",
        "/api/clusterfaces",
        "/api/delete/zip/{}",
        "/api/deletefaces",
        "/api/downloads/{}",
        "/api/duplicates",
        "/api/healthz",
        "/api/healthz/postgresql",
        "/api/healthz/queue",
        "/api/healthz/storage",
        "/api/healthz/ready",
        "/api/help",
        "/api/labelfaces",
        "/api/metrics",
        "/api/photo/share",
        "/api/photo/share/list",
        "/api/photos/download",
        "/api/photos/metadata/bulk",
        "/api/photos/{}/file/{}",
        "/api/photos/{}/main-file",
        "/api/photos/{}/metadata",
        "/api/savemetadata",
        "/api/scanfaces",
        "/api/serverlogs",
        "/api/serverlogs/view",
        "/api/site-settings",
        "/api/sitesettings",
        "/api/socialgraph",
        "/api/stacks",
        "/api/trainfaces",
        "/api/useralbum/makepublic",
        "/api/useralbum/share",
    }
)
_BELOW_WITHOUT_SLASH = (
    "/api/duplicates/",
    "/api/photosedit/",
    "/api/photos/{}/metadata/",
    "/api/stacks/",
    "/api/sync/",
)
_PARAMETER = re.compile(r"\{[^}]*\}")


def published(path: str) -> str:
    """Return `path` (of the router: no closing slash, types dropped) as the API publishes it."""
    bare = _PARAMETER.sub("{}", path)
    if bare in _WITHOUT_SLASH or bare.startswith(_BELOW_WITHOUT_SLASH):
        return path
    return f"{path}/"
