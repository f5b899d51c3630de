"""Django's settings, all from the environment.

`jiebang …` (room `desk`) fills the environment from the home folder before Django starts: an environment variable
always wins over a file there. Nothing here reads a file of the home, so that settings can be imported anywhere:
by the type checker, by `makemigrations`, by a test.

| variable | what |
|---|---|
| `DATABASE_URL` | PostgreSQL 16 or newer, as `postgresql://user:password@host/name` |
| `JIEBANG_HOME` | the data folder |
| `JIEBANG_CITY` | the city's pack; also the PostgreSQL schema |
| `JIEBANG_DJANGO_KEY` | signs sessions and forms |
| `JIEBANG_CODE_KEY` | hex; makes the raisers' secret codes |
| `JIEBANG_LOG_SEED` | hex; signs the log's checkpoints; given to the sequencer alone |
| `JIEBANG_ORIGIN` | the log's name |
| `JIEBANG_ZONE` | the city's time zone |
| `JIEBANG_LANGUAGES` | the pages' languages, the usual one first |
| `JIEBANG_DEMONSTRATION` | 1: every page says that this is a demonstration |
| `JIEBANG_HOSTS` | host names served, separated by commas; `*` for all |
| `JIEBANG_HTTPS` | 1: reached over HTTPS only (cookies, HSTS) |
| `JIEBANG_BASE` | the path of a portal this city stands under, such as `/jiebang/` |
| `JIEBANG_EMBED` | the sites that may frame `/embed/…`, separated by spaces: `https://www.city.example` |
| `JIEBANG_SECURITY_CONTACT` | whom to tell of a hole: `mailto:…` or an address; makes `/.well-known/security.txt` |
| `JIEBANG_PROXY` | address of the reverse proxy whose `X-Forwarded-For` is believed |
| `JIEBANG_TILES` | where map tiles come from, as `https://tiles.example/{z}/{x}/{y}.png`; else plain paper |
| `JIEBANG_TILES_CREDIT` | what the source of the tiles wants to be written on the map |
| `JIEBANG_TILES_DATUM` | the tiles' coordinates: `wgs84` (also CGCS2000) or `gcj02` |
| `JIEBANG_TILES_REVIEW` | the tiles' review number (审图号), where the city's pack asks for one |
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

PACKAGE = Path(__file__).resolve().parent.parent


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def _is_on(name: str) -> bool:
    return _text(name) not in ("", "0", "no", "false")


# ── The city and its folder ─────────────────────────────────────────────────────────────────────────────────

JIEBANG_HOME = Path(_text("JIEBANG_HOME", "/nonexistent/jiebang"))
JIEBANG_FILES = JIEBANG_HOME / "files"
JIEBANG_LOG = JIEBANG_HOME / "log"
JIEBANG_CITY = _text("JIEBANG_CITY", "leshan")
JIEBANG_CODE_KEY = bytes.fromhex(_text("JIEBANG_CODE_KEY"))
JIEBANG_LOG_SEED = bytes.fromhex(_text("JIEBANG_LOG_SEED"))
JIEBANG_ORIGIN = _text("JIEBANG_ORIGIN")
JIEBANG_DEMONSTRATION = _is_on("JIEBANG_DEMONSTRATION")
JIEBANG_PROXY = _text("JIEBANG_PROXY")
JIEBANG_TILES = _text("JIEBANG_TILES")
JIEBANG_TILES_CREDIT = _text("JIEBANG_TILES_CREDIT")
JIEBANG_TILES_DATUM = _text("JIEBANG_TILES_DATUM", "wgs84")
JIEBANG_TILES_REVIEW = _text("JIEBANG_TILES_REVIEW")
JIEBANG_EMBED = _text("JIEBANG_EMBED").split()
JIEBANG_SECURITY_CONTACT = _text("JIEBANG_SECURITY_CONTACT")
# "/jiebang" for a city that is a column of a portal, else "". Links, static files and cookies keep below it.
JIEBANG_BASE = f"/{_text('JIEBANG_BASE').strip('/')}".rstrip("/")
FORCE_SCRIPT_NAME = JIEBANG_BASE or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{JIEBANG_BASE}/"

# ── The database ────────────────────────────────────────────────────────────────────────────────────────────


def _database(url: str, *, schema: str) -> dict[str, Any]:
    """Return Django's description of the database `url` names, with `schema` as the search path."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    return {
        "ENGINE": "jiebang.config.postgresql",
        "NAME": given.pop("dbname", "jiebang"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **given,
            "options": f"{given.get('options', '')} -c search_path={schema},public".strip(),
            "server_side_binding": True,
            # Django leaves preparing off; the write path sends the same few texts again and again.
            "prepare_threshold": 3,
        },
    }


DATABASES = {"default": _database(_text("DATABASE_URL"), schema=JIEBANG_CITY)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── The rooms ───────────────────────────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    *[f"jiebang.{room}" for room in ("ledger", "people", "rulebook", "boards", "rounds", "scoring", "web")],
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "jiebang.web.middleware.Base",
    "jiebang.web.middleware.Headers",
    "jiebang.web.middleware.Packed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jiebang.web.middleware.Outage",
]

ROOT_URLCONF = "jiebang.config.urls"
WSGI_APPLICATION = "jiebang.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web"],  # components/<name>/template.html
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jiebang.web.context.page",
            ],
        },
    }
]

# ── People signing in ───────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["jiebang.people.accounts.Accounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = f"{JIEBANG_BASE}/accounts/login/"
LOGIN_REDIRECT_URL = f"{JIEBANG_BASE}/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = f"{JIEBANG_BASE}/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "jiebang.people.adapter.Silent"

# In the database, so that signing out ends a session on every device that holds its cookie.
SESSION_ENGINE = "jiebang.people.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# ── Safety ──────────────────────────────────────────────────────────────────────────────────────────────────

DEBUG = False
# Without a key (a type checker, a test) nothing that is signed now needs to be read later.
SECRET_KEY = _text("JIEBANG_DJANGO_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = _text("JIEBANG_HOSTS", "*").split(",")
CSRF_FAILURE_VIEW = "jiebang.web.views.errors.forged"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "jiebang.web.views.errors.forged"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if _is_on("JIEBANG_HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
# Three photos of 20 MB and the form around them; the answer beyond that is 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 12

# ── Words and time ──────────────────────────────────────────────────────────────────────────────────────────

USE_I18N = True
USE_TZ = True
_NAMES = {"zh-hans": "简体中文", "en": "English"}
LANGUAGES = [(code, _NAMES[code]) for code in _text("JIEBANG_LANGUAGES", "zh-hans,en").split(",") if code in _NAMES]
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
TIME_ZONE = _text("JIEBANG_ZONE", "Asia/Shanghai")

# ── Static files ────────────────────────────────────────────────────────────────────────────────────────────

STATIC_URL = f"{JIEBANG_BASE}/static/"
STATIC_ROOT = JIEBANG_HOME / "cache" / "static"
_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # `jiebang up` collects the files under names that carry their hash. Before that, in tests and checks,
        # they are found where they stand.
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = False

# ── What the processes say ──────────────────────────────────────────────────────────────────────────────────

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "jiebang.config.logs.Discreet", "format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"jiebang": {"level": "INFO"}},
}
