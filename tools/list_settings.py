"""Writes docs/settings.md from the settings themselves: `python tools/list_settings.py`."""

from pathlib import Path

from librephotos.settings import IGNORED_NAMES, OLD_DATABASE, OLD_NAMES, PREFIX, Settings

DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable; nothing else is read. `librephotos doctor` names misspelled ones. Lists of
folders are separated by `:`, other lists by commas; a folder whose name holds a `:` cannot be a library root. Yes and
no are `1` and `0` (also `true`, `false`, `yes`, `no`, `on`, `off`). An empty value counts as not set.

| Name | Default | Meaning |
|---|---|---|
"""
ACCOUNT_ROW = (
    "| `LIBREPHOTOS_PASSWORD` | | Password that `librephotos user create` and `user password` give. |\n"
)
OLD = """
## Names of the original LibrePhotos

They are understood, so that compose files can be kept. Where ours is set too, ours holds.

| Name | Same as |
|---|---|
"""
OTHERS = f"""| {", ".join(f"`{name}`" for name in OLD_DATABASE)} \
| together `LIBREPHOTOS_DATABASE_URL`, a PostgreSQL address |
| `BASE_DATA` | `LIBREPHOTOS_DATA`, as its folder `protected_media/librephotos` |
| `CSRF_TRUSTED_ORIGINS` | `LIBREPHOTOS_PUBLIC_URL`, \
the first of them, where `FRONTEND_BASE_URL` is not set; never CORS |

Known but without meaning here, mentioned once in the log: """


def main() -> None:
    text = HEAD
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if str(field.default) else ""
        text += f"| `{PREFIX}{name.upper()}` | {default} | {str(field.description).replace('|', chr(92) + '|')} |\n"
    text += ACCOUNT_ROW + OLD
    for old, field_name in OLD_NAMES.items():
        text += f"| `{old}` | `{PREFIX}{field_name.upper()}` |\n"
    text += OTHERS + ", ".join(f"`{name}`" for name in IGNORED_NAMES) + ".\n"
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main()
