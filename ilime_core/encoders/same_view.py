"""Another model that is shown what a first one sees, so that one label map serves both."""

from typing import cast

from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder, ImageEncoder, TokenDropping
from ilime_core.records import ImageView

__all__ = ["SameView"]


class SameView:
    """A dual encoder whose views are those of another one; both must cut pictures alike.

    Resampling may differ: then the pixels are the first model's, because one thing alone is to be varied.
    """

    def __init__(self, encoder: DualEncoder, seen_by: ImageEncoder) -> None:
        self._encoder = encoder
        self.device = encoder.device
        self.text = encoder.text
        shown = _Tokens if isinstance(encoder.image, TokenDropping) else _Images
        self.image: ImageEncoder = shown(encoder.image, seen_by)

    def fingerprint(self) -> str:
        """Hex sha256 of the model that encodes."""
        return self._encoder.fingerprint()


class _Images:
    def __init__(self, tower: ImageEncoder, seen_by: ImageEncoder) -> None:
        self._tower = tower
        self._seen_by = seen_by

    @property
    def dim(self) -> int:
        return self._tower.dim

    @property
    def patch_size(self) -> int | None:
        return self._tower.patch_size

    def view(self, image: Image.Image) -> ImageView:
        """The first model's view.

        Raises
        ------
        InputError
            If the model that encodes has a view of another size or crop.
        """
        seen, own = self._seen_by.view(image), self._tower.view(image)
        if seen.geometry != own.geometry:
            raise InputError(
                f"consistency: of an image of {image.width} x {image.height} the other model sees "
                f"{_words(own)}, the run's {_words(seen)}; segments are shared only where views are"
            )
        return seen

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        return self._tower.encode(pixels)


class _Tokens(_Images):
    """Of a tower that can leave patches out."""

    def patch_grid(self) -> tuple[int, int]:
        return cast("TokenDropping", self._tower).patch_grid()

    def encode_kept(
        self,
        pixels: Float[Tensor, "images 3 height width"],
        images: Int[Tensor, " rows"],
        patches: Int[Tensor, "rows kept"],
    ) -> Float[Tensor, "rows dim"]:
        return cast("TokenDropping", self._tower).encode_kept(pixels, images, patches)


def _words(view: ImageView) -> str:
    cut = view.geometry
    return (
        f"{cut.view_width} x {cut.view_height} from ({cut.left:g}, {cut.top:g}) "
        f"at scale {cut.scale_x:g} x {cut.scale_y:g}"
    )
