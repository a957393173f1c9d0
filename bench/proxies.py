"""The portal and a reverse proxy before it as processes, with the files of deploy/: what ``bench.proxy`` tries."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
HOST = "localhost"
PATIENCE = 300


class Portal:
    """The portal as its service starts it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "CLINIC_ENV": "production",
            "SECRET_KEY": secrets.token_hex(32),
            "DATABASE_URL": f"sqlite:///{folder / 'clinic.db'}",
            "FRONTEND_URL": f"https://{HOST}",
            "MAINTENANCE_FILE": str(folder / "maintenance.json"),
            "PORT": str(self.port),
            "WORKERS": "2",
            "TRUSTED_PROXIES": "1",
            "RATELIMIT_ENABLED": "0",
            "ALLOW_INSECURE": "limits",
        }
        self.log = folder / "portal.log"
        self._output = self.log.open("ab")
        upgrade = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
        subprocess.run(upgrade, cwd=ROOT, env=self._environment, check=True, stdout=self._output, stderr=self._output)
        self.start()

    def start(self) -> None:
        """Begin to serve; not yet ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "clinic.server"],
            cwd=ROOT,
            env=self._environment,
            stdout=self._output,
            stderr=self._output,
        )

    def stop(self) -> None:
        """End, as systemd and Docker end it."""
        self.process.terminate()
        self.process.wait()


class Proxy:
    """A proxy with the file of ``deploy/``, on ports and with a certificate of this trial's."""

    def __init__(self, kind: str, binary: str, folder: Path, upstream: int) -> None:
        self.kind, self._binary, self._folder = kind, binary, folder
        self.http, self.https = free_port(), free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "HTTP_PORT": str(self.http),
            "HTTPS_PORT": str(self.https),
            "UPSTREAM": f"127.0.0.1:{upstream}",
            "PAGES": str(DEPLOY / "pages"),
        }
        self._file = getattr(self, f"_{kind}_file")(upstream)

    def _caddy_file(self, _upstream: int) -> Path:
        file = self._folder / "Caddyfile"
        text = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
        self._admin = f"127.0.0.1:{free_port()}"
        # Only so that it can run beside another one.
        file.write_text(text.replace("\thttp_port", f"\tadmin {self._admin}\n\thttp_port", 1), encoding="utf-8")
        return file

    def _nginx_file(self, upstream: int) -> Path:
        text = (DEPLOY / "nginx" / "clinic.conf").read_text(encoding="utf-8")
        key, certificate = self._certificate()
        for pattern, value in (
            (r"127\.0\.0\.1:8000", f"127.0.0.1:{upstream}"),
            (r"\n *listen \[::\].*", ""),
            (r"listen 80\b", f"listen 127.0.0.1:{self.http}"),
            (r"listen 443", f"listen 127.0.0.1:{self.https}"),
            (r"clinic\.example;", f"{HOST};"),
            (r"/etc/letsencrypt\S+/fullchain\.pem", str(certificate)),
            (r"/etc/letsencrypt\S+/privkey\.pem", str(key)),
            (r"/srv/clinic/deploy", str(DEPLOY)),
        ):
            text, found = re.subn(pattern, value, text)
            assert found, pattern
        site, main = self._folder / "site.conf", self._folder / "nginx.conf"
        site.write_text(text, encoding="utf-8")
        temporary = "".join(
            f"{name}_temp_path {self._folder / name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        # The frame that Debian's package has around sites.
        main.write_text(
            f"pid {self._folder / 'nginx.pid'}; daemon off; worker_processes 2; error_log stderr;\n"
            "events { worker_connections 768; }\n"
            f"http {{ access_log off; default_type application/octet-stream; types {{ text/html html; }} {temporary}\n"
            f"include {site}; }}\n",
            encoding="utf-8",
        )
        return main

    def _certificate(self) -> tuple[Path, Path]:
        """Make a key and a certificate of its own."""
        key, certificate = self._folder / "key.pem", self._folder / "certificate.pem"
        subject = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
        made = ("-keyout", key, "-out", certificate)
        request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject, *made)
        subprocess.run(request, check=True, capture_output=True)
        return key, certificate

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._binary, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )

    def check(self) -> str:
        """Return what the proxy's own check finds wrong with the file; nothing is well."""
        if self.kind == "caddy":
            found = self._run("validate", "--config", str(self._file), "--adapter", "caddyfile")
        else:
            found = self._run("-t", "-c", str(self._file), "-p", str(self._folder))
        warned = re.findall(r"(?m)^.*(?:\[(?:warn|emerg)\]|\"level\":\"(?:warn|error)\").*$", found.stderr)
        return found.stderr if found.returncode else "\n".join(warned)

    def start(self) -> None:
        """Begin to listen."""
        if self.kind == "caddy":
            arguments = ["run", "--config", str(self._file), "--adapter", "caddyfile"]
        else:
            arguments = ["-c", str(self._file), "-p", str(self._folder)]
        log = (self._folder / "proxy.log").open("ab")
        self.process = subprocess.Popen([self._binary, *arguments], env=self._environment, stdout=log, stderr=log)

    def reload(self) -> None:
        """Take over the file anew."""
        if self.kind == "caddy":
            arguments = ["--config", str(self._file), "--adapter", "caddyfile", "--address", self._admin, "--force"]
            assert self._run("reload", *arguments).returncode == 0
        else:
            self.process.send_signal(signal.SIGHUP)

    def connect(self, alpn: str = "http/1.1") -> ssl.SSLSocket:
        """Return a connection over TLS; the certificate is of this trial's own making."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols([alpn])
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=PATIENCE)
        return context.wrap_socket(plain, server_hostname=HOST)

    def fetch(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Return status, headers and body of an answer, over a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self.https, timeout=PATIENCE)
        connection.sock = self.connect()
        try:
            connection.request(
                method, path, body, {name.replace("_", "-"): value for name, value in headers.items()} | {"Host": HOST}
            )
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def answers(self) -> bool:
        """Return whether the portal answers through the proxy."""
        try:
            return self.fetch("/healthz")[0] == http.HTTPStatus.OK
        except OSError:
            return False
