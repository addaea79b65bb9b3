"""``ilime demo``."""

import click

from tasks.allocator import keep_freed_memory

__all__ = ["command"]


@click.command(
    "demo",
    short_help="Explain bundled photographs or generated scenes with a real model, offline.",
    epilog="""\b
Examples:
  ilime demo
  ilime demo --model scenes
  ilime demo --model scenes --scenes 200 --out /tmp/scenes
  ilime demo --out /tmp/demo --set runner.name=inline""",
)
@click.option(
    "--model",
    type=click.Choice(["conse", "scenes"]),
    default="conse",
    show_default=True,
    help="conse: twelve photographs; scenes: coloured shapes of which is known what shows what.",
)
@click.option(
    "--scenes",
    type=click.IntRange(min=2),
    metavar="N",
    help="Scenes to generate with --model scenes.  [default: 48]",
)
@click.option(
    "--out",
    default="",
    metavar="DIR",
    help="Folder for everything.  [default: ilime-demo, or ilime-demo-scenes]",
)
@click.option("--set", "changes", multiple=True, metavar="K=V", help="Change a field of the demo's spec.")
def command(model: str, scenes: int | None, out: str, changes: tuple[str, ...]) -> int:
    """Explain pictures with their captions, with a trained model that needs no download.

    Writes the pictures, the spec, all tables and a report below DIR, and says what it found. With --model
    scenes the corpus tells which pixels belong to which words, so that explanations can be held against the
    truth.
    """
    keep_freed_memory()  # before anything starts threads
    from flows.demo import Demo, run_demo

    return run_demo(Demo.of(model, scenes), out, changes)
