"""Reader of benchmarks of edited captions: which of two captions, or of two images, belongs to the other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.clues import AnnotationHead, Clue, Guess
from tasks.corpora.contrasts import Contrast
from tasks.corpora.corpus import Corpus, ImageEntry, TextEntry, image_text_corpus, merged_tags
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import ANNOTATIONS, IMAGES, CorpusFormat
from tasks.corpora.formats.contrast_layouts import ContrastQuestion, read_questions
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.file_patterns import find_files, parse_pattern
from tasks.corpora.reading.listing import image_key, refuse_split, with_rejections
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.reading.tags import TagColumns, with_derived
from tasks.corpora.rejections import Rejections
from tasks.storage.storage import Storage

__all__ = ["CONTRAST", "read_contrast"]

_SUFFIXES = (".json", ".jsonl", ".csv")
_WILD = frozenset("*?[]{}")


def read_contrast(asked: CorpusFields) -> Corpus:
    """List the images, the right captions and the edited ones of SugarCrepe, ARO, Winoground or NegBench.

    Parameters
    ----------
    asked
        ``annotations`` names a file, or a folder or pattern of JSON files, like SugarCrepe's with one
        category each; ``images`` the folder that names are relative to; ``limit`` counts images.

    Returns
    -------
    Corpus
        Every right caption matches its image; edited captions match none, and `Corpus.contrasts` names them.

    Raises
    ------
    InputError
        If no file is there or none has a question that can be used.
    StorageError
        If the transport fails.

    References
    ----------
    .. [1] C.-Y. Hsieh et al. SugarCrepe: fixing hackable benchmarks for vision-language compositionality.
       NeurIPS 2023. arXiv 2306.14610
    .. [2] T. Thrush et al. Winoground: probing vision and language models for visio-linguistic
       compositionality. CVPR 2022. arXiv 2204.03162
    .. [3] M. Yuksekgonul et al. When and why vision-language models behave like bags-of-words, and what to
       do about it? ICLR 2023. arXiv 2210.01936
    .. [4] K. Alhamoud et al. Vision-language models do not understand negation. CVPR 2025. arXiv 2501.09425
    """
    refuse_split(asked.annotations, asked.split)
    listed = _Listed(asked.limit, TagColumns(asked.tags, asked.annotations))
    rejected: list[Rejections] = []
    files = list(_files(asked.annotations))
    for file in files:
        stem = PurePosixPath(file.name).stem
        rejected.append(Rejections(file.name))
        for question in read_questions(file, rejected[-1]):
            with rejected[-1].guard():
                listed.add(question, file.name, f"{stem}/" if len(files) > 1 else "")
    listed.columns.check()
    rejected.append(Rejections(files[0].name))
    contrasts = listed.consistent(rejected[-1])
    if not contrasts:
        told = next((with_rejections(one) for one in rejected if one.found), "")
        raise InputError(
            f"{asked.annotations}: has no question, so there is no pair to explain; needed are a right and"
            f" an edited caption of an image{told}"
        )
    return image_text_corpus(
        listed.images,
        listed.texts,
        StoredImages(Storage(asked.images)),
        asked.split,
        "contrast",
        rejected=[one for found in rejected for one in found.found],
        contrasts=contrasts,
    )


class _Listed:
    """Entries of all questions so far, and who is held against whom."""

    def __init__(self, limit: int | None, columns: TagColumns) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self.contrasts: list[Contrast] = []
        self.columns = columns
        self._limit = limit
        self._row_of: dict[str, int] = {}
        self._asked: dict[str, str] = {}

    def add(self, question: ContrastQuestion, file: str, prefix: str) -> None:
        """Take a question whole; nothing of one whose images are over the limit.

        Parameters
        ----------
        question
            ContrastQuestion of a file.
        file
            Name of the file.
        prefix
            Beginning of its ids, where there are several files.

        Raises
        ------
        ItemError
            If its name was there before, or two of its captions or images are the same.
        InputError
            If a file name cannot be used.
        """
        name, place = f"{prefix}{question.name}", question.entry.place
        if name in self._asked:
            earlier = self._asked[name]
            message = f"{place}: the question {name!r} occurs at {earlier} already; each may occur once"
            raise ItemError(FailureReason.DUPLICATE, message)
        tags = self.columns.read(with_derived(question.entry, category=question.category))
        keys = [image_key(one, place) for one in question.images]
        for what, given in (("captions", question.captions), ("images", keys)):
            if len(set(given)) < len(given):
                message = f"{place}: two of the {what} are the same; needed are {what} that differ"
                raise ItemError(FailureReason.DUPLICATE, message)
        new = [key for key in keys if key not in self._row_of]
        if self._limit is not None and len(self.images) + len(new) > self._limit:
            return
        self._asked[name] = place
        for key in new:
            self._row_of[key] = len(self.images)
            self.images.append(ImageEntry(key, key))
        rows = [self._row_of[key] for key in keys]
        for row in rows:
            image = self.images[row]
            self.images[row] = replace(image, tags=merged_tags((image.tags, tags)))
        first = len(self.texts)
        for number, text in enumerate(question.captions):
            own = rows[number] if number < len(rows) else None
            member = f"{question.name}#{number}"
            self.texts.append(TextEntry(text, file, member, f"{name}#{number}", own, tags))
        texts = range(first, len(self.texts))
        for number, (row, text) in enumerate(zip(rows, texts, strict=False)):
            named = (name, question.category, question.layout)
            others = (*texts[:number], *texts[number + 1 :])
            self.contrasts += [Contrast("left_to_right", row, text, edited, *named) for edited in others]
            others = (*rows[:number], *rows[number + 1 :])
            self.contrasts += [Contrast("right_to_left", text, row, edited, *named) for edited in others]

    def consistent(self, rejections: Rejections) -> list[Contrast]:
        """Contrasts but those whose wrong candidate is a right one in another question."""
        right = {(one.image_index, one.text) for one in self.texts if one.image_index is not None}
        kept: list[Contrast] = []
        for one in self.contrasts:
            to_right = one.direction == "left_to_right"
            edited = one.edited if one.edited is not None else one.correct  # layouts give all
            image, text = (one.query, edited) if to_right else (edited, one.query)
            if (image, self.texts[text].text) not in right:
                kept.append(one)
                continue
            message = f"question {one.question!r}: a candidate that is held to be wrong is right in another"
            rejections.add(FailureReason.DUPLICATE, message)
        return kept


def _files(url: str) -> Iterator[AnnotationFile]:
    """The file that is named; those of a folder or pattern are all JSON."""
    if url.lower().endswith(_SUFFIXES) and _WILD.isdisjoint(url.rpartition("/")[2]):
        yield AnnotationFile.find(url)
        return
    pattern = parse_pattern(url, ".json")
    storage = Storage(pattern.root)
    for file in find_files(storage, pattern).files:
        yield AnnotationFile.find(f"{storage.url.rstrip('/')}/{file.key}")


def _guess(clue: Clue) -> Guess | None:
    if not isinstance(clue, AnnotationHead):
        return None
    if clue.is_object and clue.name.endswith(".json"):
        found = '"negative_caption"' in clue.text
        return Guess(f"{clue.name}: questions with caption and negative_caption") if found else None
    for columns in (
        {"true_caption", "false_caption", "image_path"},
        {"caption_0", "caption_1", "image_0", "image_1"},
        {"caption_0", "caption_1", "correct_answer", "image_path"},
    ):
        if columns <= clue.row.keys():
            return Guess(clue.columns)
    return None


CONTRAST = CorpusFormat(
    read_contrast,
    "right and edited captions, as SugarCrepe, ARO, Winoground and NegBench have them",
    "https://arxiv.org/abs/2306.14610",
    title="contrasts of captions",
    open=lambda asked: StoredImages(Storage(asked.images)),
    required={**ANNOTATIONS, **IMAGES},
    split="all",
    guess=_guess,
)
