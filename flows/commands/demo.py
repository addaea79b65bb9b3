"""``ilime demo``."""

import click

from tasks.allocator import keep_freed_memory

__all__ = ["command"]


@click.command(
    "demo",
    short_help="Explain bundled photographs with a real model, offline.",
    epilog="""\b
Examples:
  ilime demo
  ilime demo --out /tmp/demo --set runner.name=inline""",
)
@click.option("--out", default="ilime-demo", show_default=True, metavar="DIR", help="Folder for everything.")
@click.option("--set", "changes", multiple=True, metavar="K=V", help="Change a field of the demo's spec.")
def command(out: str, changes: tuple[str, ...]) -> int:
    """Explain twelve photographs and sixty captions with a pretrained model that needs no download.

    Writes the photographs, the spec, all tables and a report below DIR, and says what it found.
    """
    keep_freed_memory()  # before anything starts threads
    from flows.demo import run_demo

    return run_demo(out, changes)
