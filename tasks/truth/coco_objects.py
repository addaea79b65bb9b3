"""Truth from MS COCO's objects: words that name a category speak of all its objects in the image."""

from dataclasses import dataclass

from ilime_core.errors import InputError, ItemError
from tasks.corpora.regions.coco_instances import CocoInstances, read_instances
from tasks.runs.items import Item
from tasks.truth.coco_words import Vocabulary, named_categories, vocabulary
from tasks.truth.fingerprints import combined, file_line
from tasks.truth.truth import TruePart

__all__ = ["CocoTruth", "read_coco_truth"]


@dataclass(frozen=True, slots=True, eq=False)
class CocoTruth:
    """`tasks.truth.truth.Truth` of an instances file; the corpus's images have MS COCO's ids."""

    instances: CocoInstances
    terms: Vocabulary
    """Names of categories by the words that mean them."""

    def fingerprint(self) -> str:
        """Of the file and of the words that are understood."""
        file = self.instances.file
        known = sorted(f"{' '.join(words)}: {name}" for words, name in self.terms.items())
        return combined("coco_objects", [*known, file_line(file.storage, file.name)])

    def parts(self, image: Item, text: Item) -> tuple[TruePart, ...]:
        """Words for categories of which the image has objects, crowds included.

        Parameters
        ----------
        image
            Left item of the pair.
        text
            Its caption; spans count code points of it.

        Returns
        -------
        tuple[TruePart, ...]
            One part a word, with the mask of its objects.
        """
        own = image.external_id
        try:
            self.instances.check(own)
        except ItemError as error:
            raise InputError(f"image {own}: {error}") from error
        kinds = set(self.instances.kinds.get(own, ()))
        ids = {name: kind for kind, name in self.instances.categories.items() if kind in kinds}
        try:
            return tuple(
                TruePart(
                    named.char_start,
                    named.char_end,
                    self.instances.category_mask(own, ids[named.category]),
                )
                for named in named_categories(text.text or "", self.terms)
                if named.category in ids
            )
        except ItemError as error:
            raise InputError(f"image {own}: {error}") from error


def read_coco_truth(annotations: str) -> CocoTruth:
    """Read an instances file.

    Raises
    ------
    InputError
        If the file cannot be used, or has no categories.
    StorageError
        If the transport fails.
    """
    instances = read_instances(annotations)
    if not instances.categories:
        raise InputError(
            f"{instances.url}: 'categories' is absent or empty; needed are the objects' names, as in"
            " instances_*.json"
        )
    return CocoTruth(instances, vocabulary(instances.categories.values()))
