"""Label of a region, made of a name that others gave it."""

from ilime_core.segmentation.word_boundaries import normalise_word

__all__ = ["region_label"]

_LABEL_CHARACTERS = 80


def region_label(name: str) -> str | None:
    """A name in the form in which labels are compared: normalised, one line, at most 80 characters.

    Parameters
    ----------
    name
        As the annotations have it.

    Returns
    -------
    str or None
        None where nothing is left.
    """
    return " ".join(normalise_word(name).split())[:_LABEL_CHARACTERS] or None
