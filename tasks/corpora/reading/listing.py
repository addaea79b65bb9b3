"""A corpus as it is read: each name once, captions beside their image, what cannot be used, and splits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry, ObjectBox, Tags, TextEntry, merged_tags
from tasks.corpora.rejections import Rejections, rejected_line
from tasks.storage.keys import check_key

__all__ = ["ALL_SPLITS", "Listing", "image_key", "no_split", "refuse_split", "with_rejections"]

ALL_SPLITS = "all"


class Listing:
    """Entries, and where each name was first seen.

    Parameters
    ----------
    url
        File of the captions; entries keep its name.
    """

    def __init__(self, url: str) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self._uri = url.rpartition("/")[2]
        self._seen: dict[tuple[str, str], str] = {}
        self.rejections = Rejections(self._uri)

    def add_image(self, key: str, external_id: str, place: str, tags: Tags = ()) -> int:
        """Add an image.

        Parameters
        ----------
        key
            File of the image below the images' root.
        external_id
            Id of the image in the annotations.
        place
            Of the annotation, for messages.
        tags
            Of the image, and of captions that have none of their own.

        Returns
        -------
        int
            Row of the image.

        Raises
        ------
        ItemError
            If its key or its id was added before.
        """
        self._once((("image", key), ("image id", external_id)), place)
        self.images.append(ImageEntry(key, external_id, tags=tags))
        return len(self.images) - 1

    def add_text(
        self,
        text: str,
        member: int | str,
        external_id: str,
        image: int,
        place: str,
        *,
        tags: Tags | None = None,
    ) -> None:
        """Add a caption of the image in row ``image``.

        Parameters
        ----------
        text
            The caption.
        member
            Number or name of the caption inside the annotations.
        external_id
            Id of the caption in the annotations.
        image
            Row of its image.
        place
            Of the annotation, for messages.
        tags
            Of the caption; None takes those of its image.

        Raises
        ------
        ItemError
            If its id was added before.
        """
        self._once((("caption id", external_id),), place)
        tags = self.images[image].tags if tags is None else tags
        self.texts.append(TextEntry(text, self._uri, str(member), external_id, image, tags))

    def add_tags(self, image: int, tags: Tags) -> None:
        """Add tags of a further annotation of an image: a name that it has keeps its first value.

        Parameters
        ----------
        image
            Row of the image.
        tags
            Of the further annotation.
        """
        entry = self.images[image]
        self.images[image] = replace(entry, tags=merged_tags((entry.tags, tags)))

    def add_objects(self, image: int, objects: tuple[ObjectBox, ...]) -> None:
        """Add the objects of an image; those of its first annotation that has any are kept.

        Parameters
        ----------
        image
            Row of the image.
        objects
            Of an annotation.
        """
        if objects and not self.images[image].objects:
            self.images[image] = replace(self.images[image], objects=objects)

    def check(self, url: str, needed: str) -> None:
        """Refuse a corpus in which no image has a caption.

        Parameters
        ----------
        url
            The annotations, for the message.
        needed
            What would hold captions, for the message.
        """
        if not self.texts:
            raise InputError(
                f"{url}: the {len(self.images)} images have no caption, so there is no pair to explain;"
                f" needed is {needed}{with_rejections(self.rejections)}"
            )

    def _once(self, names: Sequence[tuple[str, str]], place: str) -> None:
        for what, name in names:
            if (what, name) in self._seen:
                raise ItemError(
                    FailureReason.DUPLICATE,
                    f"{place}: the {what} {name!r} occurs at {self._seen[what, name]} already; each may occur"
                    " once",
                )
        self._seen |= dict.fromkeys(names, place)


def image_key(name: str, place: str) -> str:
    """Check an image's file name, which must stay below the images' root; the place goes before a refusal.

    ``./a.jpg`` is ``a.jpg``.

    Parameters
    ----------
    name
        File name as the annotations have it.
    place
        Of the annotation, for messages.

    Returns
    -------
    str
        Key below the images' root.
    """
    try:
        return check_key("/".join(part for part in name.split("/") if part != "."))
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


def with_rejections(rejections: Rejections) -> str:
    """Part of the refusal of a whole corpus that reports unusable entries; empty where there are none."""
    line = rejected_line(rejections.found)
    return f"; {line}" if line else ""


def no_split(url: str, split: str, counts: Mapping[str, int], what: str = "image") -> InputError:
    """Make the error that says which splits there are; at least one was found.

    Parameters
    ----------
    url
        The annotations.
    split
        As asked.
    counts
        Number of entries by split.
    what
        Noun for an entry.

    Returns
    -------
    InputError
        Error to raise.
    """
    near = get_close_matches(split, counts, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    found = ", ".join(f"{name!r} ({count})" for name, count in sorted(counts.items()))
    return InputError(f"{url}: no {what} is in split {split!r}{hint} Found: {found}, or take 'all'.")


def refuse_split(url: str, split: str, instead: str = "") -> None:
    """Refuse any split but 'all' where the layout has none.

    Parameters
    ----------
    url
        The corpus, for the message.
    split
        As asked.
    instead
        End of the message: another way to get a split.
    """
    if split != ALL_SPLITS:
        raise InputError(
            f"{url}: has no splits, so corpus.split {split!r} selects nothing; set corpus.split: all{instead}"
        )
