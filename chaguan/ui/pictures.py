"""Pictures that people attach: read from a form, given back so that a browser only shows them."""

from django.http import HttpRequest, HttpResponse


def picture_in(request: HttpRequest, most: int) -> bytes:
    """The file `picture` of the form, empty without one. One byte more than `most` is read: it is refused."""
    file = request.FILES.get("picture")
    return bytes(file.read(most + 1)) if file is not None else b""


def picture_response(content: bytes, content_type: str) -> HttpResponse:
    """The picture for who may see it; no proxy keeps it, and it can be nothing but a picture."""
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
