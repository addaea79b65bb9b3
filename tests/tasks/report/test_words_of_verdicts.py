"""Pages, lines and pictures say better, passes, confirmed or best by one vocabulary, and by its rule alone.

The vocabulary is spelled backwards while everything is rendered: what is then left of its words was written
by somebody else. Sentences that explain the rule, or name a direction, are listed word by word.
"""

import ast
import html
import re
import sys
from pathlib import Path
from types import MappingProxyType

import pytest
from matplotlib.text import Text

import flows
import tasks.figures
import tasks.report
from ilime_core.faithfulness.registry import REPORTED
from tasks.explorer.site import write_report
from tasks.figures.pair_figure import pair_sentences
from tasks.figures.pair_picture import read_pair
from tasks.report.leaderboard import verdict_words
from tasks.report.leaderboard.methods_page import methods_figures
from tasks.report.leaderboard.reading import leaderboard_lines, read_leaderboard
from tasks.report.leaderboard.text import differences_markdown, leaderboard_markdown
from tasks.report.leaderboard.verdict_words import correction_words
from tasks.report.leaderboard.verdicts import Verdict
from tasks.report.meanings import QUANTITIES
from tasks.report.terminal import match_lines, overview_lines

COMPARING = r"confirm\w*|refut\w*|better|worse|best|worst|beats?|beaten|superior|inferior|outperform\w*"
JUDGING = r"pass(?:es|ed)?|fail(?:s|ed)?|prov(?:es|en|ed)|significan\w*|wins|winner"
ASSURING = r"sure(?:ly)?|certainly|reliabl[ey]|trustworthy"
RESERVED = re.compile(rf"\b({COMPARING}|{JUDGING}|{ASSURING})\b", re.IGNORECASE)

EXPLAINED = (
    "higher is better",
    "lower is better",
    "best first",  # how an order runs
    "best possible",  # the bound of R2, which no method reaches
    "best threshold",  # by definition: the one with the largest balanced accuracy
    "Below 0.1 it passes.",
    "no other method is better",
    "no other method is better",
    "Better and worse: the 95 % interval excludes 0, and p is below 5 % after correction",
)
"""What explains a rule, a direction or an order; the rule itself is what `correction_words` says."""

IN_SOURCE = (
    *EXPLAINED,
    " is better",
    "proved",  # a column
    "the worst, or any",  # an option
)

VOCABULARIES = [one for one in vars(verdict_words).values() if isinstance(one, MappingProxyType)]


def backwards(words):
    return RESERVED.sub(lambda found: found[0][::-1], words)


@pytest.fixture
def spelled_backwards(monkeypatch):
    """Every module that has imported a vocabulary gets the reversed one."""
    turned = {
        id(one): MappingProxyType({verdict: backwards(words) for verdict, words in one.items()})
        for one in VOCABULARIES
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("tasks.report."):
            for attribute, value in list(vars(module).items()):
                if id(value) in turned:
                    monkeypatch.setattr(module, attribute, turned[id(value)])
                elif attribute in {"BEST", "AMONG_BEST"}:
                    monkeypatch.setattr(module, attribute, backwards(value))


def everything(planted, tables, **changes):
    """Every metric and every quantity, so that each sentence about them is written somewhere."""
    planted.plant(tables)
    known = {row["metric"] for row in tables["leaderboard"]}
    controls = {"explanation": (0.4, 0.1), "main_effects": (0.3, 0.1), "random": (0.2, 0.1)}
    gains = {"random": (0.2, 0.1), "main_effects": (-0.1, 0.05)}
    for metric in REPORTED.keys() - known:
        for mode in REPORTED[metric].modes or ("none",):
            for name in ("banzhaf", "occlusion"):
                tables["leaderboard"] += planted.board_rows(name, metric, controls, gains, mode=mode)
    for name in ("leaderboard", "method_differences"):
        tables[name] = [row | changes for row in tables[name]]
    common = {"estimator": "banzhaf", "relation": "positive", "n": 12, "n_left": 12, "n_right": 12}
    common |= {"mean": 0.4, "median": 0.4, "low": 0.3, "high": 0.5}
    tables["aggregates"] = [common | {"quantity": name} for name in QUANTITIES]


def text_of(page):
    alts = " ".join(re.findall(r'(?:alt|title)="([^"]*)"', page))
    return html.unescape(f"{re.sub(r'<[^>]+>', ' ', page)} {alts}")


def said(pictured, folder):
    """All that is said of a run, by place."""
    run, pairs = pictured.run, (pictured.good, pictured.wrong)
    write_report(run, folder)
    found = {path.name: text_of(path.read_text()) for path in folder.rglob("*.html")}
    board = read_leaderboard(run)
    found |= {
        "overview": "\n".join(overview_lines(run)),
        "measure": "\n".join(leaderboard_lines(run)),
        "markdown": leaderboard_markdown(board),
        "rivals": differences_markdown(board, "banzhaf"),
    }
    figures = dict(methods_figures(board))
    for pair_id in pairs:
        pair = read_pair(run, pair_id)
        found[f"lines of {pair_id}"] = "\n".join(match_lines(pair))
        found[f"sentences of {pair_id}"] = " ".join(pair_sentences(pair))
    for name, figure in figures.items():
        found[name] = "\n".join(text.get_text() for text in figure.findobj(Text))
    return {place: " ".join(text.split()) for place, text in found.items()}, correction_words(board)


def left_over(text, explained):
    """Reserved words with what stands around them, once listed sentences are taken out."""
    for sentence in explained:
        text = re.sub(re.escape(sentence), "", text, flags=re.IGNORECASE)
    return [text[max(0, one.start() - 60) : one.end() + 40] for one in RESERVED.finditer(text)]


def unlisted(found, rule):
    rest = {place: left_over(text, (rule, *EXPLAINED)) for place, text in found.items()}
    return {place: words for place, words in rest.items() if words}


def test_nothing_but_the_vocabulary_says_what_is_reserved_for_verdicts(
    tmp_path, commit_run, planted, spelled_backwards
):
    pictured = planted.make(tmp_path, commit_run, lambda tables: everything(planted, tables))
    found, rule = said(pictured, tmp_path / "site")
    assert unlisted(found, rule) == {}
    # What the rule allows was said, and was looked at.
    told = found["methods.html"].replace("Tseb", "tseb")
    for words in (
        "retteb than chance",
        "esrow than chance",
        "sessap: below 0.1",
        "tseb: banzhaf",
    ):
        assert words in told, words


def test_of_too_few_items_no_verdict_is_said_in_any_words(tmp_path, commit_run, planted):
    few = {"n_left": 9, "p_value": None, "p_adjusted": None}
    pictured = planted.make(tmp_path, commit_run, lambda tables: everything(planted, tables, **few))
    found, rule = said(pictured, tmp_path / "site")
    assert "nothing is claimed" in rule
    assert unlisted(found, rule) == {}
    assert "too few items (9 on a side, 10 are needed)" in found["methods.html"]


@pytest.mark.parametrize("vocabulary", [verdict_words.COMPARISON, verdict_words.CHECK])
def test_only_verdicts_that_were_decided_have_reserved_words(vocabulary):
    decided = {Verdict.BETTER, Verdict.WORSE}
    for verdict, words in vocabulary.items():
        plain = words.replace("neither passes nor fails", "")
        assert bool(RESERVED.search(plain)) == (verdict in decided), words


def strings(path):
    """What a template writes by itself, or the strings of a module that are no docstrings."""
    if path.suffix == ".html":
        return [re.sub(r"{[{%].*?[%}]}|<[^>]+>", " ", path.read_text())]  # names of fields are no words
    tree = ast.parse(path.read_text())
    bare = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    every = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [str(node.value) for node in every if not any(node is one for one in bare)]


OUTSIDE = {"verdict_words.py", "verdicts.py"}
"""The vocabulary, its rule, and the sentence that explains it."""


@pytest.mark.parametrize("package", [tasks.report, tasks.figures], ids=["report", "figures"])
def test_no_template_and_no_string_of_the_source_says_it_either(package):
    """Also what no test renders: pages of pairs of images, selections."""
    folder = Path(package.__path__[0])
    paths = [
        path for path in folder.iterdir() if path.suffix in {".py", ".html"} and path.name not in OUTSIDE
    ]
    found = {path.name: [left_over(text, IN_SOURCE) for text in strings(path)] for path in paths}
    assert {name: list(filter(None, rest)) for name, rest in found.items() if any(rest)} == {}


def test_no_command_compares_in_words_of_its_own():
    """Commands pass and fail; better, best and confirmed are what they do not say."""
    compared = re.compile(rf"\b({COMPARING})\b")
    said_here = [text for path in Path(flows.__path__[0]).rglob("*.py") for text in strings(path)]
    assert [
        text for text in said_here if compared.search(text.replace("--worst", "")) and text != "the best "
    ] == []
