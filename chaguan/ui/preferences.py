"""Theme, density and language: kept per person, carried by cookies so that pages need no query."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
COOKIES = {
    "theme": "chaguan_theme",
    "density": "chaguan_density",
    "language": settings.LANGUAGE_COOKIE_NAME,
}
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": THEMES,
    "density": DENSITIES,
    "language": tuple(code for code, _name in settings.LANGUAGES),
}
ONE_YEAR_S = 365 * 24 * 3600


def chosen(request: HttpRequest | None, name: str) -> str:
    """The browser's choice, or the first (the default) of CHOICES."""
    value = request.COOKIES.get(COOKIES[name], "") if request is not None else ""
    return value if value in CHOICES[name] else CHOICES[name][0]


def keep_in_browser(response: HttpResponse, choices: Mapping[str, str]) -> None:
    """Write the cookies. Values outside CHOICES are left out."""
    for name, value in choices.items():
        if value in CHOICES.get(name, ()):
            response.set_cookie(
                COOKIES[name],
                value,
                max_age=ONE_YEAR_S,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
