"""Corpus with edits of its captions: what ``corpus.edits`` asks for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ilime_core.draws import named_rng
from ilime_core.edits.caption import EditableCaption, same_words
from ilime_core.edits.registry import EDITS
from ilime_core.segmentation.word_boundaries import normalise_word, word_spans
from tasks.corpora.contrasts import Contrast
from tasks.corpora.corpus import Corpus, ImageEntry, TextEntry

__all__ = ["with_edits"]


def with_edits(corpus: Corpus, names: Sequence[str], seed: int) -> Corpus:
    """Add the edits of every right caption to the captions, and a contrast for each.

    Equal captions of one image are edited once. An edit that changes no word, or gives another right caption
    of the image, does not apply.

    Parameters
    ----------
    corpus
        Images with captions.
    names
        Edits in `EDITS`.
    seed
        Draws depend on it, the edit and the caption alone.

    Returns
    -------
    Corpus
        With further texts at the end; ``corpus`` itself without edits. A contrast without an edited caption
        means that the edit does not apply.
    """
    if not names:
        return corpus
    texts: list[TextEntry] = [one for one in corpus.right if isinstance(one, TextEntry)]
    captions = _right_captions(corpus, texts)
    made: list[TextEntry] = []
    contrasts: list[Contrast] = []
    for image, rows in captions.items():
        right = [texts[row].text for row in rows]
        beside = frozenset(
            normalise_word(text[start:end]) for text in right for start, end in word_spans(text)
        )
        for row, text in zip(rows, right, strict=True):
            caption = EditableCaption.of(text, beside)
            for name in names:
                entry = texts[row]
                found = EDITS[name].make(caption, named_rng(seed, "edit", name, text))
                if found is not None and any(same_words(found.text, one) for one in right):
                    found = None
                edited = None
                if found is not None:
                    edited = len(texts) + len(made)
                    member, external_id = (f"{one}~{name}" for one in (entry.member, entry.external_id))
                    made.append(TextEntry(found.text, entry.uri, member, external_id, tags=entry.tags))
                category = "" if found is None else found.category
                contrasts.append(
                    Contrast("left_to_right", image, row, edited, entry.external_id, category, name)
                )
    return replace(corpus, right=(*corpus.right, *made), contrasts=(*corpus.contrasts, *contrasts))


def _right_captions(corpus: Corpus, texts: Sequence[TextEntry]) -> dict[int, list[int]]:
    """Rows of the captions of each image, each text once."""
    found: dict[int, list[int]] = defaultdict(list)
    seen: set[tuple[int, str]] = set()
    for image, row in corpus.relevance:
        assert isinstance(corpus.left[image], ImageEntry)
        if (image, texts[row].text) not in seen:
            seen.add((image, texts[row].text))
            found[image].append(row)
    return found
