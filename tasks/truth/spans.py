"""Truth as spans of captions with boxes, or with numbers in label maps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ilime_core.errors import InputError, ItemError
from ilime_core.pictures.decoding import label_map_from_png
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.regions.named_spans import NamedSpan, SpansOfCaption, read_spans
from tasks.runs.items import Item
from tasks.storage.storage import MissingFileError, Storage, UnreadableFileError
from tasks.truth.fingerprints import combined, file_line, folder_lines
from tasks.truth.truth import TruePart

__all__ = ["SpanTruth", "read_span_truth"]


@dataclass(frozen=True, slots=True, eq=False)
class SpanTruth:
    """`tasks.truth.truth.Truth` of a file in the layout of the demo's ``regions.json``."""

    file: AnnotationFile
    label_maps: Storage | None
    said: Mapping[str, SpansOfCaption]
    """By caption id."""

    def fingerprint(self) -> str:
        """Of the file, and of all label maps."""
        label_maps = self.label_maps
        maps = [] if label_maps is None else [one for one in label_maps.list() if one.key.endswith(".png")]
        lines = [] if label_maps is None else folder_lines(label_maps, maps)
        return combined("spans", [file_line(self.file.storage, self.file.name), *lines])

    def parts(self, image: Item, text: Item) -> tuple[TruePart, ...]:
        """Spans of the caption, if it is this image's.

        Parameters
        ----------
        image
            Left item of the pair.
        text
            Its caption; spans count code points of it.

        Returns
        -------
        tuple[TruePart, ...]
            One part a span; empty for another image's caption.
        """
        said = self.said.get(text.external_id)
        if said is None or said.filename != image.uri:
            return ()
        said.check(text.text or "")
        if self.label_maps is None:
            return tuple(TruePart(span.char_start, span.char_end, span.boxes) for span in said.spans)
        name = f"{PurePosixPath(image.uri).with_suffix('')}.png"
        return tuple(_labelled(self.label_maps, name, said))


def read_span_truth(annotations: str, label_maps: str = "") -> SpanTruth:
    """Read the named spans of all captions.

    Parameters
    ----------
    annotations
        URL of the JSON file.
    label_maps
        URL of a folder of label maps; empty to read boxes.

    Returns
    -------
    SpanTruth
        Spans by caption; label maps are read when the parts of an image are.

    Raises
    ------
    InputError
        If the file cannot be used, or no span has a number in the label map although label maps are.
    StorageError
        If the transport fails.
    """
    said = read_spans(annotations)
    spans = [
        (span, f"{caption.place}.spans[{number}]")
        for caption in said
        for number, span in enumerate(caption.spans)
    ]
    if label_maps and spans and not any(span.label for span, _ in spans):
        _number(*spans[0])
    return SpanTruth(
        AnnotationFile.find(annotations),
        Storage(label_maps) if label_maps else None,
        {one.sentid: one for one in said},
    )


def _number(span: NamedSpan, place: str) -> int:
    if span.label is None or span.label < 1:
        raise InputError(
            f"{place}: 'label' is {span.label}; with label maps each span needs the number of its pixels in"
            " the label map, 1 or above"
        )
    return span.label


def _labelled(label_maps: Storage, name: str, said: SpansOfCaption) -> list[TruePart]:
    numbers = [_number(span, f"{said.place}.spans[{at}]") for at, span in enumerate(said.spans)]
    try:
        labels = label_map_from_png(label_maps.read_bytes(name))
    except MissingFileError as error:
        raise InputError(f"{said.place}: there is no label map {label_maps.url}/{name}") from error
    except (ItemError, UnreadableFileError) as error:
        raise InputError(f"{label_maps.url}/{name}: {error}") from error
    return [
        TruePart(span.char_start, span.char_end, labels == number)
        for span, number in zip(said.spans, numbers, strict=True)
    ]
