"""`watloom cache`: what is kept on disk between runs."""

from __future__ import annotations

import click

from watloom.interp.core.cache_folder import CacheFolder, default_path


@click.command("cache", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("action", type=click.Choice(["clear"]), required=False)
def command(action: str | None) -> None:
    """Show where compiled modules and the parser's tables are kept; `clear` removes them.

    $WATLOOM_CACHE_DIR says where, else it is `watloom` in the system's folder for caches.
    """
    folder = CacheFolder(default_path())
    if action == "clear":
        click.echo(f"removed {_files(folder.clear())} from {folder.path}")
        return
    sizes = folder.sizes()
    click.echo(f"{folder.path}: {_files(len(sizes))}, {sum(sizes.values())} bytes")


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"
