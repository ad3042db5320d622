"""Django settings: one file, grouped, read from the environment through typed helpers."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
import structlog
from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE = Path(__file__).resolve().parents[2]


def env_bool(name: str, default: bool) -> bool:
    """Read 1/0, true/false, yes/no, on/off. Anything else is refused with a sentence."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        return text in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")


def env_list(name: str, default: list[str]) -> list[str]:
    """Read a comma-separated list."""
    text = os.environ.get(name, "")
    return [part.strip() for part in text.split(",") if part.strip()] or default


# --- Where things live -----------------------------------------------------------------------
HOME = Path(os.environ.get("CHAGUAN_HOME", BASE / "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
ASSETS = BASE / "build" / "assets"  # front-end files copied from npm packages; never committed


def secret_key() -> str:
    """The signing key: from CHAGUAN_SECRET_KEY(_FILE), else made once and kept in the state folder."""
    if key := os.environ.get("CHAGUAN_SECRET_KEY"):
        return key
    file = Path(os.environ.get("CHAGUAN_SECRET_KEY_FILE", HOME / "secret-key"))
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as out:
        out.write(os.urandom(48).hex())
    return file.read_text().strip()


# --- Mode and walls --------------------------------------------------------------------------
SECRET_KEY = secret_key()
DEBUG = env_bool("CHAGUAN_DEBUG", False)
BASE_URL = os.environ.get("CHAGUAN_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env_list("CHAGUAN_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
IS_DEMO = env_bool("CHAGUAN_DEMO", False)
WITH_DEMO = env_bool("CHAGUAN_WITH_DEMO", True)  # `make run` fills a new database with the demo
HTTPS = BASE_URL.startswith("https://")
PROXY_COUNT = int(os.environ.get("CHAGUAN_PROXY_COUNT", "0"))  # our own proxies in front of us
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "chaguan_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "chaguan_csrf"
CSRF_FAILURE_VIEW = "chaguan.ui.views.errors.csrf_failed"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS and env_bool("CHAGUAN_SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz", r"^metrics$"]
METRICS_TOKEN = os.environ.get("CHAGUAN_METRICS_TOKEN", "")  # needed from anywhere but this machine
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],  # ECharts and Tabler set style attributes
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
IMPORT_MAX_BYTES = int(os.environ.get("CHAGUAN_IMPORT_MAX_BYTES", 4 * 1024**3))

# --- Apps --------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "chaguan.kernel",
    "chaguan.ui",
    "chaguan.eventlog",
    "chaguan.outbox",
    "chaguan.jobs",
    "chaguan.people",
    "chaguan.communities",
    "chaguan.channels",
    "chaguan.engagement",
    "chaguan.rewards",
    "chaguan.playbooks",
    "chaguan.insights",
    "chaguan.console",
    "chaguan.portal",
    "chaguan.config",
]
MIDDLEWARE = [
    "chaguan.portal.live.LiveMiddleware",  # "anything new?" of open rooms is answered before all else
    "chaguan.config.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chaguan.ui.middleware.ActorMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "chaguan.ui.views.errors.locked_out"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
ROOT_URLCONF = "chaguan.config.urls"
WSGI_APPLICATION = "chaguan.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
        },
    }
]

# --- Database ----------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("CHAGUAN_DATABASE_URL") or f"sqlite:///{HOME / 'chaguan.sqlite3'}"
    )
}
DATABASE_IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if DATABASE_IS_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = (
        None  # opening costs five pragmas; one file never goes away
    )
else:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": 8},
        "options": "-c jit=off",  # compiling a page's statement costs more than running it
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

    if test_name := os.environ.get("CHAGUAN_TEST_DB_NAME"):
        DATABASES["default"]["TEST"] = {"NAME": test_name}

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "chaguan_language"
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("CHAGUAN_TIMEZONE", "Asia/Shanghai")

# --- Files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE / "build" / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [ASSETS] if ASSETS.exists() else []
HASHED_STATIC = env_bool("CHAGUAN_HASHED_STATIC", (STATIC_ROOT / "staticfiles.json").exists())
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_MANIFEST_STRICT = False  # a file that was not collected is a missing picture, not a 500
MEDIA_ROOT = HOME / "media"

# --- Logs ----------------------------------------------------------------------------------------
LOG_LEVEL = os.environ.get("CHAGUAN_LOG_LEVEL", "INFO")
LOG_JSON = env_bool("CHAGUAN_LOG_JSON", False)
LOG_REQUESTS = env_bool("CHAGUAN_LOG_REQUESTS", LOG_JSON)  # every request, or only slow and broken
_shared_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_renderers: list[Any] = (
    [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if LOG_JSON
    else [structlog.dev.ConsoleRenderer(colors=False)]
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers,
            ],
            "foreign_pre_chain": _shared_processors,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        "django.request": {
            "level": "ERROR"
        },  # 4xx are our own refusals; RequestMiddleware logs them
    },
}
structlog.configure(
    processors=[
        *_shared_processors,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
