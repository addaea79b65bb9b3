"""Edits of a corpus: every right caption of an image once, with a contrast for each edit."""

from tasks.corpora.caption_edits import with_edits
from tasks.corpora.contrasts import Contrast
from tasks.corpora.corpus import ImageEntry, TextEntry, image_text_corpus
from tasks.corpora.formats.text_pairs import NoImages


def corpus(*captions, split=1):
    """Captions before ``split`` are of the first image, the others of a second one."""
    images = [ImageEntry("a.jpg", "a"), ImageEntry("b.jpg", "b")]
    texts = [
        TextEntry(text, "c.json", str(number), f"c{number}", int(number >= split))
        for number, text in enumerate(captions)
    ]
    return image_text_corpus(images, texts, NoImages(), "all", "folder")


def told(found):
    texts = [one.text for one in found.right]
    return [
        (one.edit, one.category, texts[one.correct], None if one.edited is None else texts[one.edited])
        for one in found.contrasts
    ]


def test_edits_are_candidates_without_a_match_and_contrasts_in_the_order_asked():
    plain = corpus("a red cat, not a blue dog", "a man on the beach")
    found = with_edits(plain, ("negation", "colours"), seed=0)
    assert told(found) == [
        ("negation", "drop", "a red cat, not a blue dog", "a red cat, a blue dog"),
        ("colours", "swap", "a red cat, not a blue dog", "a blue cat, not a red dog"),
        ("negation", "", "a man on the beach", None),
        ("colours", "", "a man on the beach", None),
    ]
    assert found.right[:2] == plain.right
    assert found.relevance == plain.relevance
    assert found.right[2] == TextEntry("a red cat, a blue dog", "c.json", "0~negation", "c0~negation")
    assert found.contrasts[0] == Contrast("left_to_right", 0, 0, 2, "c0", "drop", "negation")
    assert with_edits(plain, (), seed=0) is plain


def test_draws_depend_on_seed_edit_and_caption_alone():
    one = with_edits(corpus("five dogs on a big lawn", "a cat"), ("number", "shuffle"), seed=0)
    other = with_edits(corpus("a cat", "five dogs on a big lawn"), ("shuffle", "number"), seed=0)
    edits = {row[:1] + row[2:] for row in told(one)}
    assert edits == {row[:1] + row[2:] for row in told(other)}
    seeds = {tuple(told(with_edits(corpus("five dogs"), ("number",), seed=n))) for n in range(20)}
    assert len(seeds) > 3


def test_an_edit_that_is_a_right_caption_of_the_image_does_not_apply():
    found = with_edits(
        corpus("a red cap, a blue ball", "A blue cap, a red ball.", split=2), ("colours",), seed=0
    )
    assert [row[3] for row in told(found)] == [None, None]
    found = with_edits(
        corpus("a red cap, a blue ball", "A blue cap, a red ball.", split=1), ("colours",), seed=0
    )
    assert [row[3] for row in told(found)] == ["a blue cap, a red ball", "A red cap, a blue ball."]


def test_a_detail_avoids_the_words_of_all_captions_of_the_image():
    captions = [
        "a dog",
        "penguin violin umbrella bicycle candle ladder parrot suitcase lighthouse chandelier",
    ]
    captions += ["waterfall windmill bridge tent piano"]
    found = with_edits(corpus(*captions, split=3), ("detail",), seed=0)
    assert told(found)[0] == ("detail", "place", "a dog", "a dog on a rooftop")


def test_equal_captions_of_an_image_are_edited_once():
    found = with_edits(corpus("two dogs", "two dogs", "two dogs", split=2), ("number",), seed=0)
    assert len(found.contrasts) == 2
    assert [one.query for one in found.contrasts] == [0, 1]


def test_an_edit_has_the_tags_of_its_caption():
    texts = [TextEntry("a red cat", "c.json", "0", "c0", 0, tags=(("source", "coco"),))]
    tagged = image_text_corpus([ImageEntry("a.jpg", "a")], texts, NoImages(), "all", "folder")
    assert with_edits(tagged, ("colours",), seed=0).right[1].tags == (("source", "coco"),)
