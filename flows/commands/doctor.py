"""``ilime doctor``."""

import click

__all__ = ["command"]


@click.command(
    "doctor",
    short_help="Whether this machine is fit: versions, device, engine, storage.",
    epilog="""\b
Examples:
  ilime doctor
  ilime doctor --root s3://explanations
  ilime doctor --spec spec.yaml""",
)
@click.option("--root", metavar="ROOT", help="Output to try with a probe file: URL or folder.")
@click.option("--spec", metavar="SPEC", type=click.Path(dir_okay=False), help="Spec that it should run.")
def command(root: str | None, spec: str | None) -> int:
    """Look at versions, device, memory, Prefect server, proxies, storage and disk of this machine.

    Prints one line each: ok, warning, or wrong with what to do. Exit status 2 if anything is wrong. No
    secret is printed.
    """
    from flows.actions.doctor import examine
    from flows.spec_file import read_spec

    return examine(root, read_spec(spec, (), None, ()) if spec else None)
