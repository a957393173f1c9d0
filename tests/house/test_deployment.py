"""The files of ``deploy/``, ``compose.yaml`` and ``Dockerfile`` say what the code says: ports, limits, times, names, words."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from clinic import cli, mail
from clinic.app import BODY_MOST
from clinic.cli import upgrade
from clinic.config import METRICS_TOKEN_LEAST, SECRETS, Settings
from clinic.contact import EMERGENCY_NUMBER
from clinic.http_errors import HTTP, RETRY_SECONDS, TITLES, body
from clinic.i18n import DEFAULT_LANGUAGE
from clinic.server import BACKLOG
from tests.settings import variable
from tools import translations

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
UNITS = sorted(path.name for path in SYSTEMD.iterdir() if path.suffix in {".service", ".socket", ".timer"})
SERVICES = [name for name in UNITS if name.endswith(".service")]
#: What compose.yaml reads of ``.env`` beyond the portal's settings.
OF_COMPOSE = {
    "CLINIC_HOST", "CLINIC_FOLDER", "PORTAL_MEMORY", "WEB_MEMORY", "POSTGRES_MEMORY",
    "PYTHON_IMAGE", "CADDY_IMAGE", "POSTGRES_IMAGE", "VALKEY_IMAGE",
}  # fmt: skip
#: The variables that name the file of a secret, and what the file is called.
SECRET_FILES = {
    f"{name}_FILE": name.lower()
    for name in (*SECRETS, "POSTGRES_PASSWORD", "DATABASE_PASSWORD", "DATABASE_OWNER_PASSWORD")
}
UNITS_OF_SIZE = {"m": 1024 * 1024, "MiB": 1024 * 1024}


def read(*parts: str) -> str:
    """A file of the repository."""
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def unit(name: str) -> configparser.ConfigParser:
    """A unit of systemd."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(read("deploy", "systemd", name))
    return parser


@pytest.fixture
def names() -> set[str]:
    """The settings that there are, with those of the files of secrets."""
    return {variable(field) for field in Settings.model_fields} | {f"{name}_FILE" for name in SECRETS}


def longest_stop() -> int:
    """Seconds that the server may take to stop with the settings that compose.yaml and clinic.env give it at most."""
    most = Settings.model_fields["drain_seconds"].metadata
    drain = next(each.le for each in most if hasattr(each, "le"))
    return int(Settings.model_fields["stop_within"].default) + int(drain)


# --- the reverse proxies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("caddy/Caddyfile", r"max_size (\d+)(\w+)"),
        ("nginx/clinic.conf", r"client_max_body_size (\d+)(\w+);"),
    ],
)
def test_a_proxy_takes_what_the_portal_takes(file: str, pattern: str) -> None:
    found = re.findall(pattern, read("deploy", file))
    assert len(found) == 1
    assert int(found[0][0]) * UNITS_OF_SIZE[found[0][1]] == BODY_MOST


def test_proxies_hand_on_bodies_that_are_whole_within_a_time() -> None:
    caddy, nginx = read("deploy", "caddy", "Caddyfile"), read("deploy", "nginx", "clinic.conf")
    buffered = re.search(r"request_buffers (\d+)(\w+)", caddy)
    assert buffered
    assert int(buffered[1]) * UNITS_OF_SIZE[buffered[2]] > BODY_MOST, "Caddy hands on what has filled the buffer"
    assert re.search(r"timeouts \{[^}]*read_header \d+s[^}]*read_body \d+s", caddy, re.DOTALL)
    assert "proxy_request_buffering on;" in nginx
    assert {"client_header_timeout", "client_body_timeout"} <= set(re.findall(r"(client_\w+) \d+s;", nginx))


def test_proxies_hand_on_to_where_the_portal_listens(compose: dict[str, Any]) -> None:
    port = Settings.model_fields["port"].default
    assert f"reverse_proxy {{$UPSTREAM:web:{port}}}" in read("deploy", "caddy", "Caddyfile")
    assert f"server 127.0.0.1:{port} " in read("deploy", "nginx", "clinic.conf")
    assert compose["services"]["web"]["ports"] == [f"127.0.0.1:${{PORT:-{port}}}:{port}"], "for this machine only"
    assert unit("clinic-web.socket")["Socket"]["ListenStream"] == f"127.0.0.1:{port}"
    assert f"EXPOSE {port}\n" in read("Dockerfile")


def test_proxies_leave_security_headers_and_compression_to_the_portal() -> None:
    for file in ("caddy/Caddyfile", "nginx/clinic.conf"):
        text = read("deploy", file)
        set_here = set(re.findall(r"^\s*(?:add_header|header) ([\w-]+)", text, re.MULTILINE))
        assert set_here <= {"Cache-Control", "Retry-After", "Content-Type"}, file
        assert not re.search(r"^\s*(encode|gzip on|brotli on)", text, re.MULTILINE), file
        assert "/metrics" in text, f"{file}: metrics are for the inside"


def test_proxies_hand_on_the_clinics_own_name_alone() -> None:
    nginx = read("deploy", "nginx", "clinic.conf")
    for port in ("80", "443 ssl http2"):
        others = re.search(rf"server \{{\s+listen {port} default_server;([^}}]*)\}}", nginx)
        assert others
        assert f"listen [::]:{port} default_server;" in others[1]
        assert "return 444;" in others[1], "a connection for the clinic's name may ask for another one, too"
        assert ("ssl_reject_handshake on;" in others[1]) == ("ssl" in port)
        assert "proxy_pass" not in others[1]
    kept = re.findall(r"^ +(ssl_(?:protocols|session).*;)$", nginx, re.MULTILINE)
    assert len(kept) == 2 * len(set(kept)) > 0, "sessions are kept by the first server for all names, or by none"
    caddy = read("deploy", "caddy", "Caddyfile")
    sites = re.findall(r"^([^\s#(].*) \{$", caddy, re.MULTILINE)
    assert sites == ["{$CLINIC_HOST:localhost}"], "Caddy answers any other name itself"


def test_a_portal_that_is_away_is_told_in_its_own_words() -> None:
    code, message = HTTP[503]
    for file in ("caddy/Caddyfile", "nginx/clinic.conf"):
        text = read("deploy", file).replace("\\'", "'")
        answer = re.search(r"(\{\"success\".*?\{\}\})", text)
        assert answer, file
        assert json.loads(answer[1]) == body(code, message), file
        assert re.search(rf"Retry-After {RETRY_SECONDS}\b", text), file


def test_the_page_of_a_portal_that_is_away_says_it_in_each_language() -> None:
    text = read("deploy", "pages", "unavailable.html")
    HTMLParser().feed(text)
    assert not re.search(r"<(script|style|link)|style=", text), "it stands alone, and inlines nothing"
    said = (TITLES[503], HTTP[503][1], "In an emergency, call %(number)s.")
    for catalog in translations.catalogs():
        translated = {str(entry.id): str(entry.string) for entry in translations.read(catalog)}
        for words in said:
            assert words % {"number": EMERGENCY_NUMBER} in text, DEFAULT_LANGUAGE
            assert translated[words] % {"number": EMERGENCY_NUMBER} in text, catalog


# --- compose -------------------------------------------------------------------------------------------------------


def test_every_service_has_an_end_of_logs_and_memory(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["logging"]["options"].keys() >= {"max-size", "max-file"}, name
        assert service["mem_limit"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_images_can_be_pinned_by_a_digest_and_none_is_the_latest(compose: dict[str, Any]) -> None:
    given = [service["image"] for service in compose["services"].values() if "build" not in service]
    given.append(compose["x-portal"]["build"]["args"]["PYTHON_IMAGE"])
    for image in given:
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[\w./-]+:\d[\w.-]+\}", image), image
    default = compose["x-portal"]["build"]["args"]["PYTHON_IMAGE"].partition(":-")[2].rstrip("}")
    assert f"ARG PYTHON_IMAGE={default}\n" in read("Dockerfile")
    assert read("Dockerfile").count("FROM ${PYTHON_IMAGE}") == 2


def test_secrets_reach_the_containers_as_files(compose: dict[str, Any]) -> None:
    made = set(re.findall(r"keep (\w+)$", read("deploy", "make-secrets.sh"), re.MULTILINE))
    assert made == set(compose["secrets"])
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    assert "/secrets/\n" in read(".gitignore")
    for name, service in compose["services"].items():
        given = set(service.get("secrets", []))
        read_there = {
            SECRET_FILES[variable_]
            for variable_, value in (service.get("environment") or {}).items()
            if variable_ in SECRET_FILES and value in {f"/run/secrets/{SECRET_FILES[variable_]}", f"${{{variable_}:-}}"}
        }
        assert read_there == given, name


def test_no_secret_is_in_the_environment_of_a_container(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        given = service.get("environment") or {}
        secrets = {variable_: value for variable_, value in given.items() if f"{variable_}_FILE" in SECRET_FILES}
        assert secrets in ({}, {"REDIS_URL": "redis://redis:6379/0"}), name


def test_compose_reads_only_settings_that_there_are(compose: dict[str, Any], names: set[str]) -> None:
    read_there = set(re.findall(r"\$\{([A-Z_]+)[:}]", read("compose.yaml")))
    assert read_there - OF_COMPOSE <= names
    assert read_there >= OF_COMPOSE
    assert compose["x-settings"]["SSL_CERT_FILE"] is None, "an empty one would trust nobody"


def test_whoever_stops_the_server_waits_longer_than_it_takes(compose: dict[str, Any]) -> None:
    assert int(compose["services"]["web"]["stop_grace_period"].removesuffix("s")) > longest_stop()
    assert int(unit("clinic-web.service")["Service"]["TimeoutStopSec"]) > longest_stop()
    grace = re.search(r"grace_period (\d+)s", read("deploy", "caddy", "Caddyfile"))
    assert grace
    assert int(compose["services"]["proxy"]["stop_grace_period"].removesuffix("s")) > int(grace[1])


def test_whoever_stops_a_worker_waits_as_long_as_one_mail_may_take(compose: dict[str, Any]) -> None:
    lasts = int(mail.CLAIM_LASTS.total_seconds())
    assert compose["services"]["worker"]["stop_grace_period"] == f"{lasts}s"
    assert int(unit("clinic-worker.service")["Service"]["TimeoutStopSec"]) == lasts


def test_the_database_is_reached_by_the_portal_alone(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis"):
        service = compose["services"][name]
        assert service["networks"] == ["inside"]
        assert "ports" not in service
    assert compose["services"]["proxy"]["networks"] == ["outside"]


def test_a_container_without_a_database_keeps_its_data() -> None:
    folders = re.search(r"^VOLUME (\[.*\])$", read("Dockerfile"), re.MULTILINE)
    assert folders
    assert "/srv/clinic/instance" in json.loads(folders[1])


def test_what_the_image_is_made_of_reaches_the_build() -> None:
    allowed = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(\S+) ", read("Dockerfile"), re.MULTILINE)
    assert set(copied) == allowed


# --- systemd -------------------------------------------------------------------------------------------------------


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """By its own tool where a machine has it; the paths of the portal are of another machine."""
    for name in UNITS:
        text = re.sub(r"/srv/clinic/\.venv/bin/\w+", "/bin/true", read("deploy", "systemd", name))
        (tmp_path / name).write_text(text)
    if tool := shutil.which("systemd-analyze"):
        found = subprocess.run(
            [tool, "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, check=False
        )
        assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_services_run_as_the_portals_user_and_are_shut_in(name: str) -> None:
    service = unit(name)["Service"]
    assert (service["User"], service["Group"], service["UMask"]) == ("clinic", "clinic", "0077")
    assert service["WorkingDirectory"] == "/srv/clinic"
    assert service["EnvironmentFile"] == "/etc/clinic/clinic.env"
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    assert service["CapabilityBoundingSet"] == ""


def test_all_services_are_shut_in_alike() -> None:
    walls = {
        read("deploy", "systemd", name).partition("# Nothing of the machine")[2].partition("\n[Install]")[0].strip()
        for name in SERVICES
    }
    assert len(walls) == 1, "one says more than another"


def test_systemd_starts_the_server_that_the_container_starts() -> None:
    service = unit("clinic-web.service")["Service"]
    assert service["ExecStart"].endswith("/python -m clinic.server")
    assert '"python", "-m", "clinic.server"' in read("Dockerfile")
    assert service["KillMode"] == "mixed", "the first process ends the others"
    assert int(unit("clinic-web.socket")["Socket"]["Backlog"]) == BACKLOG


def test_a_new_version_is_brought_up_while_the_portal_is_closed(compose: dict[str, Any]) -> None:
    service = unit("clinic-migrate.service")["Service"]
    assert service["ExecStart"].split()[-4:] == compose["services"]["migrate"]["command"][-4:]
    given = upgrade.upgrade.make_context("upgrade", service["ExecStart"].partition(" upgrade ")[2].split()).params
    assert given["is_closing"]
    assert service["ReadWritePaths"] == f"-{Settings.model_fields['maintenance_file'].default.parent}".replace(
        str(ROOT), "/srv/clinic"
    )
    steps = read("docs", "installation.md").partition("## A new version")[2].partition("\n## ")[0]
    in_order = (
        "clinic maintenance on",
        "git checkout",
        "systemctl start clinic-migrate",
        "systemctl restart clinic-web clinic-worker",
        "clinic maintenance off",
        "/readyz",
    )
    places = [steps.index(step) for step in in_order]
    assert places == sorted(places), "old processes must not serve files of the new version"


def test_no_step_of_the_installation_shows_a_secret_in_the_list_of_processes() -> None:
    """What a shell writes by itself is nobody's argument; what it hands to a program is everybody's to read."""
    for line in read("docs", "installation.md").splitlines():
        if "$(cat /etc/clinic/secrets/" in line:
            assert line.startswith(("echo ", "CREATE ROLE ")), line


def test_the_example_of_settings_has_only_settings_that_there_are(names: set[str]) -> None:
    given = re.findall(r"^([A-Z_]+)=(.*)$", read("deploy", "systemd", "clinic.env"), re.MULTILINE)
    assert {name for name, _ in given} <= names
    assert all(re.fullmatch(r'"[^"$`\\]*"|[\w@:/.?=-]+', value) for _, value in given), "a shell reads them too"


@pytest.mark.parametrize(
    "script", ["deploy/clinic", "deploy/make-secrets.sh", "deploy/pin-images.sh", "tools/build_image.sh"]
)
def test_scripts_are_ones_of_any_shell(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    found = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(DEPLOY / "make-secrets.sh", tmp_path / "deploy")

    def run() -> dict[str, str]:
        subprocess.run(
            ["sh", script], input="smtps://desk:word@mail.example\n", text=True, check=True, capture_output=True
        )
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    made = run()
    assert made == run(), "a second run changes nothing"
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert len(made["secret_key"]) == 64
    for role, password, url in (
        ("clinic", "database_password", "database_url"),
        ("clinic_owner", "database_owner_password", "database_owner_url"),
    ):
        assert made[url] == f"postgresql://{role}:{made[password]}@postgres:5432/clinic"
    assert len({made[name] for name in made if name.endswith("password")}) == 3
    assert made["mail_url"] == "smtps://desk:word@mail.example"
    assert len(made["metrics_token"]) >= METRICS_TOKEN_LEAST
    assert made["database_replica_url"] == "", "until there is one"
    standby = "postgresql://reader:word@standby.example/clinic"
    subprocess.run(["sh", script], env=os.environ | {"DATABASE_REPLICA_URL": standby}, check=True, capture_output=True)
    assert run() == {**made, "database_replica_url": standby}


# --- the docs ------------------------------------------------------------------------------------------------------

PAGES = ["README.md", "docs/installation.md", "docs/operations.md", "docs/scale-out.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_docs_name_files_and_units_that_there_are(page: str) -> None:
    text = read(page)
    files = set(re.findall(r"(?<![\w/.-])((?:deploy|tools|examples)/[\w./-]*\w)", text))
    assert {name for name in files if not (ROOT / name).exists()} == set()
    assert set(re.findall(r"clinic-[a-z]+\.(?:service|socket|timer)", text)) <= set(UNITS)


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_the_docs_are_the_portals(page: str, app: Flask) -> None:
    """Those of ``clinic`` without Docker, and of ``flask --app wsgi``."""
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", read(page), re.DOTALL))
    said = set(re.findall(r"^clinic ([a-z-]+)", shell, re.MULTILINE))
    said |= set(re.findall(r"flask --app wsgi ([a-z-]+)", read(page)))
    cli.install(app)
    assert said <= set(app.cli.commands)
    assert said or page == "docs/scale-out.md"


def test_units_lead_to_their_docs_and_are_all_installed() -> None:
    """Each unit's page of documentation is one, and the installation copies all units."""
    for name in UNITS:
        if page := unit(name)["Unit"].get("Documentation"):
            assert (ROOT / page.removeprefix("file:///srv/clinic/")).exists(), name
    kinds = {Path(name).suffix for name in UNITS}
    assert all(f"deploy/systemd/*{kind}" in read("docs", "installation.md") for kind in kinds)
