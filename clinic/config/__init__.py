"""Settings: read from the environment once, typed, checked, and refused with one clear sentence.

Secrets may stand in files instead (``clinic.secret_files``). Only ``app``, ``cli`` and ``server`` read this, and wsgi.py
its refusal; everything else is told what it needs (``clinic.settings``).
"""

from clinic.config.clinic_settings import clinic_settings
from clinic.config.fields import (
    DEVELOPMENT_SECRET,
    METRICS_TOKEN_LEAST,
    PRODUCTION_DEFAULTS,
    ROOT,
    THIS_MACHINE,
    ConfigError,
    Env,
    Insecure,
    SecondFactor,
    Settings,
)
from clinic.config.loading import SECRETS, load, secrets_in_files
from clinic.config.production import allowed, problems_of

__all__ = [
    "DEVELOPMENT_SECRET",
    "METRICS_TOKEN_LEAST",
    "PRODUCTION_DEFAULTS",
    "ROOT",
    "SECRETS",
    "THIS_MACHINE",
    "ConfigError",
    "Env",
    "Insecure",
    "SecondFactor",
    "Settings",
    "allowed",
    "clinic_settings",
    "load",
    "problems_of",
    "secrets_in_files",
]
