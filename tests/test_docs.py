"""What the documentation shows can be run, typed, clicked and loaded."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import torch
import yaml
from PIL import Image

from flows.command_line import COMMANDS, ilime
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError
from tasks.spec import SpecFile
from tasks.spec.reading import parse_specification

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
BASE = {"corpus": {"annotations": "a.json", "images": "i"}, "model": {"name": "conse"}, "output": "o"}

BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^()\s]+)\)")


class Found(NamedTuple):
    page: Path
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text[:60]}"


def blocks(kind: str) -> Iterator[Found]:
    for page in PAGES:
        for info, body in BLOCK.findall(page.read_text(encoding="utf-8")):
            if info.split()[: len(kind.split())] == kind.split():
                yield Found(page, body)


def prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def typed_lines() -> Iterator[Found]:
    """Command lines of shell blocks, continued lines joined and prompts taken off."""
    for page in PAGES:
        for info, body in BLOCK.findall(page.read_text(encoding="utf-8")):
            if info.split()[:1] not in ([], ["sh"], ["bash"], ["shell"], ["console"], ["text"]):
                continue
            for command in whole_commands(body.replace("\\\n", " ").splitlines()):
                yield Found(page, command)


def whole_commands(lines: list[str]) -> Iterator[str]:
    """Commands of ilime; a quoted text may go on in the next lines."""
    rest = iter(lines)
    for line in rest:
        command = line.removeprefix("$ ").strip()
        if command.startswith("ilime "):
            while command.count('"') % 2:
                command += f" {next(rest)}"
            yield command


def mentioned() -> Iterator[Found]:
    for page in PAGES:
        for code in INLINE.findall(prose(page)):
            if code.startswith("ilime "):
                yield Found(page, code)


def parse(line: str) -> click.Context:
    """Hand a line to the command that it names, as the terminal would; nothing is run."""
    words = shlex.split(line, comments=True)
    name, *arguments = words[1 : words.index(">") if ">" in words else None]  # the shell takes the rest
    if name.startswith("-"):
        return ilime.make_context("ilime", [name])
    command = ilime.get_command(click.Context(ilime), name)
    if command is None:
        raise click.UsageError(f"there is no command {name}; there are {', '.join(COMMANDS)}")
    return command.make_context(name, arguments)


def check_changes(context: click.Context) -> None:
    """Every ``--set a.b=c`` has to name a field; the value has to fit where the spec alone can tell."""
    for change in context.params.get("changes", ()):
        parse_specification(yaml.safe_dump(BASE), [change])


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    kept = [re.sub(r"[^\w\- ]", "", re.sub(r"`|\*", "", title.lower())) for title in titles]
    return {title.strip().replace(" ", "-") for title in kept}


def resolves(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    place = (page.parent / name).resolve() if name else page
    if not place.is_relative_to(ROOT) or not place.exists():
        return False
    return not anchor or anchor in anchors(place)


def problem(line: str) -> str | None:
    """What the terminal would say against a line."""
    try:
        check_changes(parse(line))
    except click.exceptions.Exit:
        return None
    except click.ClickException as error:
        return f"{line}: {error.format_message()}"
    except InputError as error:
        return f"{line}: {error}"
    return None


def test_there_is_something_to_check():
    assert {"methods.md", "models.md", "architecture.md"} <= {page.name for page in PAGES}
    assert len(list(blocks("python runnable"))) >= 2
    assert list(typed_lines())
    assert list(mentioned())


@pytest.mark.parametrize("found", [*blocks("python runnable")], ids=str)
def test_runnable_blocks_run(found):
    exec(compile(found.text, str(found.page), "exec"), {"__name__": "docs"})


@pytest.mark.parametrize("found", [*blocks("python")], ids=str)
def test_all_python_is_python(found):
    compile(found.text, str(found.page), "exec")


@pytest.mark.parametrize("found", [*typed_lines()], ids=str)
def test_command_lines_are_understood(found):
    assert problem(found.text) is None


@pytest.mark.parametrize("found", [*mentioned()], ids=str)
def test_mentioned_commands_and_options_exist(found):
    words = shlex.split(found.text)[1:]
    if words[0].startswith("-"):
        assert problem(found.text) is None
        return
    command = ilime.get_command(click.Context(ilime), words[0])
    assert command is not None, f"there is no command {words[0]}"
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert options <= known


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ilime explode spec.yaml", "no command is called 'explode'"),
        ("ilime explain spec.yaml --quick", "No such option"),
        ("ilime explain", "Missing argument"),
        ("ilime explain spec.yaml --set perturbation.max_masks=9", "not a field"),
        ("ilime explain spec.yaml --limit 0", "not in the range"),
    ],
)
def test_a_wrong_line_would_be_seen(line, says):
    assert says in str(problem(line))


@pytest.mark.parametrize(
    ("link", "is_there"),
    [
        ("methods.md", True),
        ("methods.md#the-one-idea", True),
        ("methods.md#another-idea", False),
        ("nothing.md", False),
        ("../../outside.md", False),
    ],
)
def test_a_broken_link_would_be_seen(link, is_there):
    assert resolves(ROOT / "docs" / "architecture.md", link) is is_there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page):
    inner = [link for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]
    broken = [link for link in inner if not resolves(page, link)]
    assert broken == []


@pytest.mark.parametrize("found", [*blocks("yaml")], ids=str)
def test_specs_are_valid(found):
    given = yaml.safe_load(found.text)
    assert set(given) <= set(SpecFile.model_fields)
    corpus = {**BASE["corpus"], **given.get("corpus", {})}
    parse_specification(yaml.safe_dump({**BASE, **given, "corpus": corpus}))


def test_the_plugin_of_the_docs_is_a_plugin(tmp_path, monkeypatch):
    (template,) = blocks("python runnable plugin")
    (tmp_path / "my_towers.py").write_text(template.text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    spec = EncoderSpec("plugin", factory="my_towers:make", allowed_plugins=("my_towers",))
    try:
        encoder = build_encoder(spec, "cpu", "float32")
    finally:
        sys.modules.pop("my_towers", None)
    view = encoder.image.view(Image.new("RGB", (40, 30), (250, 10, 10)))
    image = encoder.image.encode(torch.tensor(view.pixels).permute(2, 0, 1)[None] / 255)
    texts = ["a red bus", "a green bus", "red and green", "a bus"]
    scores = (encoder.text.encode(encoder.text.tokenise(texts)) @ image[0]).tolist()
    assert scores[0] == max(scores)
    assert scores[1] == min(scores)
    assert encoder.text.token_spans("a red bus") == [(0, 1), (2, 5), (6, 9)]
