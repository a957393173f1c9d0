"""Secrets that stand in files: read like the environment, refused with a sentence that shows none of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from clinic.config import ROOT, SECRETS, ConfigError, Settings, load
from tests.domain.test_config import GOOD_SECRET, HIDDEN, sentence
from tests.settings import variable

#: A good value of each secret setting.
IN_FILES = {
    "DATABASE_URL": f"postgresql+psycopg://clinic:{HIDDEN}@db/clinic",
    "DATABASE_OWNER_URL": f"postgresql+psycopg://clinic_owner:{HIDDEN}@db/clinic",
    "DATABASE_REPLICA_URL": f"postgresql+psycopg://clinic:{HIDDEN}@standby/clinic",
    "REDIS_URL": f"redis://:{HIDDEN}@cache:6379/0",
    "SECRET_KEY": GOOD_SECRET,
    "SECRET_KEY_FALLBACKS": f"older-{GOOD_SECRET},oldest-{GOOD_SECRET}",
    "AUDIT_KEY": f"audit-{GOOD_SECRET}",
    "AUDIT_KEY_FALLBACKS": f"audit-older-{GOOD_SECRET}",
    "MAIL_URL": f"smtps://clinic:{HIDDEN}@mail.example",
    "METRICS_TOKEN": "a-token-of-the-monitoring",
}


@pytest.fixture
def secret_file(environment, tmp_path) -> Callable[[str, str], None]:
    """Puts a value into a file, and names that by the variable `NAME_FILE`."""

    def put(name: str, text: str) -> None:
        file = tmp_path / name.lower()
        file.write_bytes(text.encode())
        environment(**{f"{name}_FILE": str(file)})

    return put


def test_whatever_holds_a_password_or_a_key_may_stand_in_a_file():
    shown = {
        *("frontend_url", "public_url", "clinic_map_url", "jwt_access_token_expires", "jwt_refresh_token_expires"),
        "strict_passwords",
    }
    secret = {field for field in Settings.model_fields if re.search("secret|password|token|_url$|_key", field)} - shown
    assert {variable(field) for field in secret} == set(SECRETS) == set(IN_FILES)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file_without_the_newline_at_its_end(secret_file, end):
    for name, value in IN_FILES.items():
        secret_file(name, value + end)
    settings = load()
    in_a_list = {name: tuple(value.split(",")) for name, value in IN_FILES.items() if name.endswith("_FALLBACKS")}
    assert {name: getattr(settings, field) for name, field in SECRETS.items()} == IN_FILES | in_a_list


def test_a_file_with_spaces_is_taken_as_it_is(secret_file):
    secret_file("SECRET_KEY", f" {GOOD_SECRET} \n")
    assert load().secret_key == f" {GOOD_SECRET} "


def test_what_a_file_holds_is_checked_like_the_environment(secret_file):
    secret_file("MAIL_URL", f"pop3://clinic:{HIDDEN}@mail\n")
    with pytest.raises(ConfigError) as refusal:
        load()
    assert "MAIL_URL must begin with smtp://" in sentence(refusal)
    assert HIDDEN not in repr(refusal.value)


def test_a_relative_file_begins_at_the_portals_folder(environment, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    environment(SECRET_KEY_FILE="setup.cfg")
    with pytest.raises(ConfigError) as refusal:
        load()
    assert "SECRET_KEY_FILE must name a file with one line" in sentence(refusal)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names an empty file"),
        ("\n", "names an empty file"),
        (f"{HIDDEN}\n{HIDDEN}\n", "must name a file with one line"),
        (f"{HIDDEN}\0", "must name a file with one line and no control characters"),
    ],
)
@pytest.mark.parametrize("name", IN_FILES)
def test_a_file_without_a_value_is_refused_and_not_shown(secret_file, name, text, said):
    secret_file(name, text)
    with pytest.raises(ConfigError) as refusal:
        load()
    assert f"{name}_FILE {said}" in sentence(refusal)
    assert HIDDEN not in str(refusal.value)


def test_all_that_is_wrong_with_files_is_told_at_once(environment, secret_file, tmp_path):
    secret_file("METRICS_TOKEN", "short")
    secret_file("REDIS_URL", IN_FILES["REDIS_URL"])
    environment(
        CLINIC_ENV="production",
        SECRET_KEY_FILE=str(tmp_path / "missing"),
        MAIL_URL_FILE=str(tmp_path),
        REDIS_URL="redis://other",
        PORT="0",
    )
    (tmp_path / "latin").write_bytes("postgresql://clinic:é@db/clinic".encode("latin-1"))
    environment(DATABASE_URL_FILE=str(tmp_path / "latin"))
    with pytest.raises(ConfigError) as refusal:
        load()
    told = sentence(refusal)
    for named in (
        "SECRET_KEY_FILE can't be read (No such file or directory)",
        "MAIL_URL_FILE can't be read (Is a directory)",
        "REDIS_URL and REDIS_URL_FILE are both set: one of them has to go",
        "DATABASE_URL_FILE must name a text file in UTF-8",
        "METRICS_TOKEN string should have at least 16 characters",
        "PORT",
    ):
        assert named in told


def test_a_key_that_cannot_be_read_is_told_once(environment, tmp_path):
    environment(CLINIC_ENV="production", SECRET_KEY_FILE=str(tmp_path / "missing"))
    with pytest.raises(ConfigError) as refusal:
        load()
    assert sentence(refusal).count("SECRET_KEY") == 1


def test_an_empty_name_of_a_file_is_none(environment):
    environment(SECRET_KEY_FILE="", SECRET_KEY=GOOD_SECRET)
    assert load().secret_key == GOOD_SECRET


def test_every_secret_file_is_in_the_table():
    row = re.search(r"^\| `SECRET_KEY_FILE`.*?\|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"{name}_FILE" for name in SECRETS} == set(re.findall(r"`([A-Z_]+)`", row[0])), "README, Settings"
