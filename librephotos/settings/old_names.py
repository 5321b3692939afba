"""Names of the original LibrePhotos in the environment, understood so that people keep their compose files."""

from collections.abc import Mapping
from pathlib import Path

from librephotos.errors import BadSetting

# Names of the original and the fields that they fill when the field's own name is not set.
OLD_NAMES = {
    "SECRET_KEY": "secret_key",
    "DEBUG": "debug",
    "REFRESH_TOKEN_DAYS": "refresh_token_days",
    "ALLOW_UPLOAD": "allow_upload",
    "SKIP_PATTERNS": "skip_patterns",
    "MAP_API_PROVIDER": "map_api_provider",
    "MAPBOX_API_KEY": "mapbox_api_key",
    "DEFAULT_FAVORITE_MIN_RATING": "default_favorite_min_rating",
    "FEATURE_FACE_DETECTION": "feature_face_detection",
    "FEATURE_FACE_CLUSTER": "feature_face_cluster",
    "FEATURE_IMAGE_CAPTIONING": "feature_image_captioning",
    "FEATURE_SCENE_CLASSIFICATION": "feature_scene_classification",
    "FEATURE_REVERSE_GEOCODING": "feature_reverse_geocoding",
    "FEATURE_PROCESS_EMBEDDED_MEDIA": "feature_process_embedded_media",
    "FEATURE_VIDEO": "feature_video",
    "PHOTOS": "library_roots",
    "FRONTEND_BASE_URL": "public_url",
    "PASSWORD_RESET_THROTTLE_RATE": "password_reset_throttle_rate",
    "ADMIN_USERNAME": "admin_username",
    "ADMIN_PASSWORD": "admin_password",
    "ADMIN_EMAIL": "admin_email",
}
# Read together or by a rule of their own, in `old_values`.
OLD_DATABASE = ("DB_BACKEND", "DB_NAME", "DB_USER", "DB_PASS", "DB_HOST", "DB_PORT")
OLD_OTHERS = ("BASE_DATA", "CSRF_TRUSTED_ORIGINS")
# Names of the original that have no meaning here; each is mentioned once in the log.
IGNORED_NAMES = (
    "BACKEND_HOST",
    "BASE_LOGS",
    "HEAVYWEIGHT_PROCESS",
    "WEB_CONCURRENCY",
    "WORKERS",
    "WORKER_TIMEOUT",
    "IMAGE_DIRS",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_PASS",
    "REDIS_PATH",
    "TIME_ZONE",
    "THUMBNAIL_SIZE_TINY",
    "ALLOWED_IPS",
    "CACHE_DIR",
)


def old_values(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that names of the original fill, and by field the name that did."""
    values: dict[str, str] = {}
    names: dict[str, str] = {}

    def fill(field: str, value: str, name: str) -> None:
        values[field], names[field] = value, name

    for name, field in OLD_NAMES.items():
        if environment.get(name):
            fill(field, environment[name], name)
    if environment.get("BASE_DATA"):
        fill("data", str(Path(environment["BASE_DATA"]) / "protected_media" / "librephotos"), "BASE_DATA")
    trusted = parts_of(environment.get("CSRF_TRUSTED_ORIGINS", ""), ",")
    if trusted and "public_url" not in values:
        fill("public_url", trusted[0], "CSRF_TRUSTED_ORIGINS")
    database = {name: environment.get(name, "") for name in OLD_DATABASE}
    if (database["DB_HOST"] or database["DB_NAME"]) and "sqlite" not in database["DB_BACKEND"]:
        port = database["DB_PORT"]
        if port and not port.isdigit():
            raise BadSetting(f"DB_PORT cannot be used: {port!r} is not a whole number.")
        from sqlalchemy.engine import URL

        address = URL.create(
            "postgresql",
            username=database["DB_USER"] or None,
            password=database["DB_PASS"] or None,
            host=database["DB_HOST"] or None,
            port=int(port) if port.isdigit() else None,
            database=database["DB_NAME"] or "librephotos",
        )
        fill("database_url", address.render_as_string(hide_password=False), "DB_HOST")
    return values, names


def parts_of(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]
