"""The command line `chaguan`: finds the commands in `commands/`, and says errors in one sentence."""

import os
import sys
from importlib import import_module
from pkgutil import iter_modules

import click
import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils import translation

from chaguan.config import commands
from chaguan.kernel.errors import ChaguanError

REFUSED = 2  # exit code of everything we understood and declined


class Commands(click.Group):
    """The commands are the modules of `chaguan/config/commands/`: one more file is one more command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name.rstrip("_") for module in iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for module in iter_modules(commands.__path__):
            if module.name.rstrip("_") == cmd_name:
                found = import_module(f"{commands.__name__}.{module.name}").command
                assert isinstance(found, click.Command)
                return found
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            have = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"There is no command {args[0]!r}. There are: {have}.")
        return super().resolve_command(ctx, args)


def terminal_language() -> str:
    """Chinese where the terminal is Chinese, English elsewhere; CHAGUAN_LANGUAGE overrides."""
    wish = os.environ.get("CHAGUAN_LANGUAGE") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "zh-hans" if wish.lower().startswith("zh") else "en"


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Each command has its own --help with an example.",
)
def root() -> None:
    """Chaguan runs communities end to end. One state folder (CHAGUAN_HOME), one process tree."""


def refusal_of(error: Exception) -> str:
    """One line for any error that people can do something about."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, DatabaseError):
        return f"The database does not answer as expected: {error} (`chaguan check` says more.)"
    return str(error)


def main() -> None:
    """Run one command. Refusals are one sentence on stderr and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
    try:
        django.setup()
        translation.activate(terminal_language())
        code = root(prog_name="chaguan", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as empty:
        click.echo(empty.format_message())
        sys.exit(REFUSED)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (click.ClickException, ChaguanError, ImproperlyConfigured, DatabaseError) as error:
        click.echo(" ".join(refusal_of(error).split()), err=True)
        sys.exit(REFUSED)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
