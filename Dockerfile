# The portal for production. Settings come from the environment (README, "Settings"); no secret is in the image.
# Migrations are not run here: `flask --app wsgi db upgrade` does that, once, before the new version starts.

# What it stands on; deploy/pin-images.sh names it by its digest.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /srv/venv
COPY requirements/base.lock /tmp/base.lock
RUN /srv/venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/base.lock
WORKDIR /srv/clinic
COPY wsgi.py ./
COPY clinic clinic
COPY migrations migrations
COPY templates templates
COPY static static
COPY examples/clinic.toml examples/clinic.toml
# Compiled and compressed once, here: the portal runs without write access to its own files.
RUN /srv/venv/bin/python -m compileall -q clinic migrations wsgi.py \
    && /srv/venv/bin/python -m whitenoise.compress --quiet static

FROM ${PYTHON_IMAGE}
RUN groupadd --system --gid 10001 clinic \
    && useradd --system --uid 10001 --gid clinic --no-create-home --shell /usr/sbin/nologin clinic \
    && install -d -o clinic -g clinic /srv/clinic/instance \
    && install -d -o clinic -g clinic -m 0700 /srv/clinic/backups
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/clinic /srv/clinic
WORKDIR /srv/clinic
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CLINIC_ENV=production \
    HOST=0.0.0.0 \
    WORKERS=2
# Without DATABASE_URL the data stand in the first, as SQLite: they outlive the container, wherever nobody named a volume.
VOLUME ["/srv/clinic/instance", "/srv/clinic/backups"]
USER clinic
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "clinic.server"]
