"""The page of two images or of two texts, and the pictures on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from tasks.figures.alike.alike_matrix import alike_matrix_figure
from tasks.figures.alike.groups import group_sentence, groups_figure, matched_groups
from tasks.figures.alike.link_picture import links_figure
from tasks.figures.colours import symmetric_limit
from tasks.figures.item_pictures import ImagePicture, TextPicture
from tasks.figures.links import link_sentence, segment_names, strong_links
from tasks.figures.pair_figure import pair_title
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import seen_sentence
from tasks.report.pair_sections import curves_text, shared_context, shared_figures
from tasks.report.tinted import TintedWord, tinted_words

__all__ = ["AlikeTexts", "alike_context", "alike_figures"]


@dataclass(frozen=True, slots=True)
class AlikeTexts:
    """Alternative texts of the pictures of a page; empty where there is no picture."""

    links: str
    matrix: str
    groups: str
    curves: str


def alike_figures(pair: PairPicture) -> dict[str, Figure]:
    """Figures of the page by the end of their file names."""
    figures = {"links": links_figure(pair), "matrix": alike_matrix_figure(pair)}
    if matched_groups(pair):
        figures["groups"] = groups_figure(pair)
    return figures | shared_figures(pair)


def alike_context(pair: PairPicture) -> Mapping[str, object]:
    """Variables of the template of two alike items."""
    links = strong_links(pair)
    names = segment_names(pair, links)
    limit = symmetric_limit(pair.left_net, pair.right_net)
    return {
        **shared_context(pair),
        "name": pair_title(pair),
        "segments": pair.sides.segments,
        "texts": _texts(pair, limit),
        "limit": limit,
        "seen": [
            f"{side}: {said}"
            for side, item in (("Query", pair.left), ("Candidate", pair.right))
            if isinstance(item, ImagePicture) and (said := seen_sentence(item))
        ],
        "alt": _alt_texts(pair, [link_sentence(link, names) for link in links]),
    }


def _texts(pair: PairPicture, limit: float) -> list[tuple[str, tuple[TintedWord, ...], int]]:
    sides = (("query", pair.left, pair.left_net), ("candidate", pair.right, pair.right_net))
    return [
        (name, tinted_words(item, values, limit), item.n_truncated)
        for name, item, values in sides
        if isinstance(item, TextPicture)
    ]


def _alt_texts(pair: PairPicture, links: list[str]) -> AlikeTexts:
    title, segments = pair_title(pair), pair.sides.segments
    groups = "; ".join(f"factor {one.component}: {group_sentence(one)}" for one in matched_groups(pair))
    return AlikeTexts(
        f"{title}, with lines between the {segments} that answer each other. {'; '.join(links)}",
        f"Matrix of the {segments} of {title}",
        f"{title}, once per factor, its {segments} coloured. {groups}" if groups else "",
        curves_text(pair),
    )
