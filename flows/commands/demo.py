"""``ilime demo``."""

import click

from flows.commands.options import NearChoice, log_option
from tasks.process.allocator import keep_freed_memory
from tasks.process.collector import pause_collector

__all__ = ["command"]


@click.command(
    "demo",
    short_help="Explain bundled photographs, or generated pictures whose truth is known, offline.",
    epilog="""\b
Examples:
  ilime demo
  ilime demo --corpus scenes
  ilime demo --corpus mosaics --items 35 --out /tmp/mosaics
  ilime demo --out /tmp/demo --set runner.name=inline""",
)
@click.option(
    "--corpus",
    type=NearChoice(["photographs", "scenes", "mosaics"]),
    default="photographs",
    show_default=True,
    help="photographs: twelve of them; scenes: coloured shapes; mosaics: four photographs in a picture.",
)
@click.option(
    "--items",
    type=click.IntRange(min=2),
    metavar="N",
    help="Scenes or mosaics to generate.  [default: 48 scenes, 24 mosaics]",
)
@click.option(
    "--out",
    default="",
    metavar="DIR",
    help="Folder for everything.  [default: ilime-demo, ilime-demo-scenes or ilime-demo-mosaics]",
)
@log_option
@click.option("--set", "changes", multiple=True, metavar="K=V", help="Change a field of the demo's spec.")
def command(corpus: str, items: int | None, out: str, changes: tuple[str, ...]) -> int:
    """Explain pictures with their captions, with a trained model that needs no download.

    Writes the pictures, the spec, all tables and a report below DIR, and says what it found. Each corpus
    says which parts of a picture belong to which words, so that explanations can be compared with it:
    boxes drawn by hand on the photographs, every pixel of scenes and mosaics.
    """
    keep_freed_memory()  # before anything starts threads
    pause_collector()  # execute resumes it
    from flows.actions.demo import Demo, run_demo

    return run_demo(Demo.of(corpus, items), out, changes)
