"""Settings: what they refuse, what old names mean, and that the document lists them all."""

import os
from datetime import datetime

import pytest

from librephotos import settings as settings_module
from librephotos.errors import BadSetting
from librephotos.settings import IGNORED_NAMES, OLD_DATABASE, OLD_NAMES, OLD_OTHERS, Settings, load_settings
from tests.instance import REPOSITORY

DOCUMENT = (REPOSITORY / "docs" / "settings.md").read_text()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch):
    for name in list(os.environ):
        if name.startswith("LIBREPHOTOS_") or name in {*OLD_NAMES, *OLD_DATABASE, *OLD_OTHERS}:
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CORS_ORIGINS", "*", "every site"),
        ("CORS_ORIGINS", "example.org", "example.org"),
        ("PORT", "eighty", "not a whole number"),
        ("PORT", "99999", "more than 65535"),
        ("HOST", "http://0.0.0.0", "without scheme"),
        ("COOKIE_SAMESITE", "none", "LIBREPHOTOS_CORS_ORIGINS"),
        ("DEBUG", "maybe", "neither 1"),
        ("LIBRARY_ROOTS", "photos", "absolute"),
        ("TRUSTED_PROXIES", "proxy", "neither an address"),
        ("DATABASE_URL", "mysql://a/b", "postgresql://"),
        ("PUBLIC_URL", "photos", "https://photos.example.org"),
        ("ADMIN_USERNAME", "ann", "both"),
        ("QUIET_HOURS", "at night", "22:00-06:00"),
        ("QUIET_HOURS", "24:00-06:00", "22:00-06:00"),
        ("QUIET_HOURS", "06:00-6:00", "no length"),
    ],
)
def test_a_bad_value_is_refused_in_a_sentence_that_names_it(monkeypatch, name, value, words):
    monkeypatch.setenv(f"LIBREPHOTOS_{name}", value)
    with pytest.raises(BadSetting) as refusal:
        load_settings()
    assert "LIBREPHOTOS_" in refusal.value.message
    assert words in refusal.value.message
    assert refusal.value.message.endswith(".")


def test_quiet_hours_go_past_midnight_and_end_on_the_minute():
    quiet = load_settings(quiet_hours=" 22:00-6:30 ").quiet
    assert quiet is not None
    ends = {
        (1, 21, 59): None,
        (1, 22, 0): datetime(2026, 3, 2, 6, 30),
        (2, 0, 0): datetime(2026, 3, 2, 6, 30),
        (2, 6, 29): datetime(2026, 3, 2, 6, 30),
        (2, 6, 30): None,
    }
    for (day, hour, minute), end in ends.items():
        assert quiet.end_after(datetime(2026, 3, day, hour, minute)) == end
    noon = load_settings(quiet_hours="12:00-13:00").quiet
    assert noon is not None
    assert noon.end_after(datetime(2026, 3, 1, 12, 30)) == datetime(2026, 3, 1, 13, 0)
    assert noon.end_after(datetime(2026, 3, 1, 13, 0)) is None
    assert load_settings().quiet is None


def test_a_root_inside_the_data_folder_is_refused_and_one_around_it_is_not(tmp_path):
    inside = tmp_path / "data" / "photos"
    with pytest.raises(BadSetting, match="LIBREPHOTOS_LIBRARY_ROOTS"):
        load_settings(data=tmp_path / "data", library_roots=str(inside))
    assert load_settings(data=tmp_path / "data", library_roots=str(tmp_path)).roots == (tmp_path,)


def test_old_names_are_understood_and_ours_win(monkeypatch):
    old = {"DB_HOST": "db", "DB_NAME": "photos", "DB_USER": "me", "DB_PASS": "a@/b", "DB_PORT": "5433"}
    for name, value in {**old, "PHOTOS": "/photos", "BASE_DATA": "/", "REFRESH_TOKEN_DAYS": "30"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CSRF_TRUSTED_ORIGINS", "https://photos.example.org")
    settings = load_settings()
    assert settings.database == "postgresql://me:a%40%2Fb@db:5433/photos"
    assert [str(root) for root in settings.roots] == ["/photos"]
    assert str(settings.data) == "/protected_media/librephotos"
    assert settings.refresh_token_days == 30
    assert settings.public_url == "https://photos.example.org"
    assert settings.origins == frozenset()
    monkeypatch.setenv("LIBREPHOTOS_REFRESH_TOKEN_DAYS", "3")
    assert load_settings().refresh_token_days == 3


def test_a_bad_value_under_an_old_name_is_told_by_that_name(monkeypatch):
    monkeypatch.setenv("REFRESH_TOKEN_DAYS", "week")
    with pytest.raises(BadSetting, match=r"^REFRESH_TOKEN_DAYS cannot be used"):
        load_settings()


def test_misspelled_and_meaningless_names_are_listed():
    environment = {"LIBREPHOTOS_PROT": "1", "LIBREPHOTOS_PORT": "1", "WEB_CONCURRENCY": "2"}
    assert settings_module.list_unknown(environment) == ["LIBREPHOTOS_PROT"]
    assert settings_module.list_ignored(environment) == ["WEB_CONCURRENCY"]


def test_the_document_lists_every_setting_with_its_meaning():
    for name, field in Settings.model_fields.items():
        assert f"`LIBREPHOTOS_{name.upper()}`" in DOCUMENT, name
        assert (field.description or "").replace("|", "\\|") in DOCUMENT, name
    for name in (*OLD_NAMES, *OLD_DATABASE, *OLD_OTHERS, *IGNORED_NAMES):
        assert f"`{name}`" in DOCUMENT, name
