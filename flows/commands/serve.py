"""``ilime serve``."""

import click

__all__ = ["command"]


@click.command(
    "serve",
    short_help="A local Prefect server and worker with the demo deployed.",
    epilog="""\b
Examples:
  ilime serve
  ilime serve --out /tmp/serve --port 4300""",
)
@click.option("--out", default="ilime-serve", show_default=True, metavar="DIR", help="Folder for everything.")
@click.option("--port", default=4200, show_default=True, type=click.IntRange(1, 65535), help="Of the server.")
def command(out: str, port: int) -> int:
    """Start a Prefect server with its UI and a worker on this machine, with the demo as a deployment.

    Prints the address and the command that runs the demo; Ctrl-C ends everything.
    """
    from flows.actions.serve import serve_demo

    return serve_demo(out, port)
