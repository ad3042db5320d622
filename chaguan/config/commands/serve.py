"""chaguan serve: the web server and one worker in one process tree."""

import os

import click
from django.db import connections
from django.utils.translation import gettext as _

from chaguan.config.processes import Child, Tree, answers, is_free, web_command, worker_command
from chaguan.config.schema import apply_migrations
from chaguan.console.start import has_account, issue_start_link
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.library import load_library

FIRST_PORT, PORTS_TRIED = 8000, 20


class PortTaken(ChaguanError):
    """Somebody else listens there."""

    code = "port_taken"


def choose_port(host: str, wish: int | None) -> int:
    """The wished port or a refusal; without a wish the first free one from 8000 on."""
    if wish is not None:
        if is_free(host, wish):
            return wish
        raise PortTaken(
            _("Port %(port)d on %(host)s is in use by another program. Choose one with --port.")
            % {"port": wish, "host": host}
        )
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(host, port):
            return port
    raise PortTaken(
        _("Ports %(first)d to %(last)d are all in use. Choose a free one with --port.")
        % {"first": FIRST_PORT, "last": FIRST_PORT + PORTS_TRIED - 1}
    )


def seconds_wished() -> float | None:
    """CHAGUAN_SECONDS ends the server by itself; for rehearsals and CI."""
    text = os.environ.get("CHAGUAN_SECONDS", "")
    try:
        return float(text) if text else None
    except ValueError:
        raise click.UsageError(f"CHAGUAN_SECONDS must be a number, not {text!r}.") from None


def first_page(base_url: str) -> str:
    """The one link to show: the one-time start link while nobody can log in, then the front page."""
    if has_account():
        return f"{base_url}/"
    secret = issue_start_link(Actor.system("serve"), now=now())
    return f"{base_url}/start/{secret}/"


def url_host(host: str) -> str:
    """How a browser on this machine writes the host we listen on."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


class Announcement:
    """Prints the link once, as soon as the server answers."""

    def __init__(self, link: str, own_url: str, note: str) -> None:
        self.link, self.own_url, self.note = link, own_url, note
        self.is_made = False

    def __call__(self) -> None:
        if not self.is_made and answers(f"{self.own_url}/healthz/live"):
            self.is_made = True
            lines = [_("Chaguan is running. Open this link; Ctrl-C stops it."), f"  {self.link}"]
            click.echo("\n".join([self.note, *lines] if self.note else lines))


@click.command(
    epilog="Example: chaguan serve --port 8080",
    short_help="Run the web server and one worker.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; else the first free from 8000.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Web only.")
def command(host: str, port: int | None, processes: int) -> None:
    """Run the web server and one worker until Ctrl-C, and print the one link to open.

    While nobody can log in, it is a one-time link that lets you choose your name and password. A child
    that dies is started again. Without --port a taken port 8000 means the next free one.
    """
    seconds = seconds_wished()
    wish, port = port, choose_port(host, port)
    moved = wish is None and port != FIRST_PORT
    note = _("Port 8000 is in use, so this is port %d.") % port if moved else ""
    own_url = f"http://{url_host(host)}:{port}"
    base_url = os.environ.get("CHAGUAN_BASE_URL", own_url).rstrip("/")
    apply_migrations()
    load_library(Actor.system("library"), now=now())
    announce = Announcement(first_page(base_url), own_url, note)
    connections.close_all()
    environment = {**os.environ, "CHAGUAN_BASE_URL": base_url}
    children = [
        Child("web", web_command(host, port, web_processes=processes), environment),
        Child("worker", worker_command(), environment),
    ]
    Tree(children).run(seconds=seconds, each=announce)
    if seconds is not None and not announce.is_made:
        raise click.ClickException(f"The server did not answer within {seconds:g} seconds.")
