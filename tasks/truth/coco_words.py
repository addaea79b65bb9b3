"""Everyday words for MS COCO's categories."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ilime_core.segmentation.word_boundaries import normalise_word, word_spans

__all__ = ["SYNONYMS", "NamedCategory", "Vocabulary", "named_categories", "vocabulary"]

SYNONYMS: Mapping[str, str] = {
    "person": "man woman boy girl child kid lady guy gentleman male female adult baby toddler infant teenager"
    " player batter pitcher catcher umpire skier snowboarder surfer skateboarder skater rider cyclist biker"
    " pedestrian passenger",
    "bicycle": "bike",
    "car": "automobile taxi cab suv sedan",
    "motorcycle": "motorbike motor_bike dirt_bike moped",
    "airplane": "plane aeroplane aircraft jet airliner jetliner",
    "train": "locomotive",
    "boat": "sailboat canoe kayak rowboat",
    "traffic light": "stoplight stop_light traffic_signal",
    "fire hydrant": "hydrant",
    "cat": "kitten kitty",
    "dog": "puppy",
    "horse": "pony",
    "sheep": "lamb",
    "cow": "bull cattle",
    "bird": "seagull pigeon parrot",
    "backpack": "rucksack",
    "handbag": "purse",
    "tie": "necktie",
    "suitcase": "luggage",
    "sports ball": "ball soccer_ball tennis_ball",
    "baseball bat": "bat",
    "baseball glove": "mitt",
    "tennis racket": "racket racquet tennis_racquet",
    "skis": "ski",
    "cup": "mug",
    "hot dog": "hotdog",
    "donut": "doughnut",
    "couch": "sofa",
    "potted plant": "houseplant plant",
    "dining table": "table",
    "tv": "television tv_monitor",
    "laptop": "laptop_computer",
    "mouse": "computer_mouse",
    "remote": "remote_control",
    "keyboard": "computer_keyboard",
    "cell phone": "cellphone phone smartphone mobile_phone",
    "microwave": "microwave_oven",
    "oven": "stove",
    "refrigerator": "fridge",
    "teddy bear": "teddy stuffed_bear",
    "hair drier": "hairdryer hair_dryer",
}
"""Words beside a category's own name, singular; those of one term are joined by underscores."""

_PLURALS = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "gentleman": "gentlemen",
    "child": "children",
    "mouse": "mice",
    "knife": "knives",
}
_NO_NOUNS = frozenset({("orange",)})  # in captions mostly the colour; the plural is the fruit
_SIBILANTS = ("s", "x", "z", "ch", "sh")

Vocabulary = Mapping[tuple[str, ...], str]
"""Categories by the normalised words that name them."""


@dataclass(frozen=True, slots=True)
class NamedCategory:
    """Code points of a text that name a category."""

    char_start: int
    char_end: int
    category: str


def vocabulary(names: Collection[str]) -> Vocabulary:
    """Terms for categories: their names, synonyms, and the plurals of both."""
    terms: dict[tuple[str, ...], str] = {}
    for name in names:
        known = [name, *(word.replace("_", " ") for word in SYNONYMS.get(name, "").split())]
        for term in known:
            words = tuple(normalise_word(term[start:end]) for start, end in word_spans(term))
            for form in ((*words[:-1], ending) for ending in {words[-1], _plural(words[-1])} if words):
                if form not in _NO_NOUNS:
                    terms.setdefault(form, name)
    return terms


def named_categories(text: str, terms: Vocabulary) -> Iterator[NamedCategory]:
    """Find the categories that a text names, in reading order; of terms that begin together the longest.

    Parameters
    ----------
    text
        The caption.
    terms
        Words and their categories, as `vocabulary` returns them.

    Yields
    ------
    Iterator[NamedCategory]
        Span and category of each term; spans do not overlap.
    """
    spans = word_spans(text)
    words = [normalise_word(text[start:end]) for start, end in spans]
    longest = max(map(len, terms), default=0)
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            category = terms.get(tuple(words[at : at + length]))
            if category is not None:
                yield NamedCategory(spans[at][0], spans[at + length - 1][1], category)
                at += length
                break
        else:
            at += 1


def _plural(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith(_SIBILANTS):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}s"
