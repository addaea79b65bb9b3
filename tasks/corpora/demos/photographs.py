"""Twelve photographs from installed packages, captioned for this project: a corpus without download."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ilime_core.errors import InputError
from tasks.corpora.demos.laying_out import lay_out

__all__ = ["PHOTOGRAPHS", "DemoCorpus", "Photograph", "materialise_demo", "read_photograph"]

_DATA = Path(__file__).parent / "demo"


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph inside an installed package."""

    filename: str
    package: str
    """Import name."""
    distribution: str
    """Name of the package for pip, and the release that the photograph was described from."""
    folder: str
    sha256: str


def _of_skimage(filename: str, sha256: str) -> Photograph:
    return Photograph(filename, "skimage", "scikit-image==0.26.0", "data", sha256)


def _of_sklearn(filename: str, sha256: str) -> Photograph:
    return Photograph(filename, "sklearn", "scikit-learn==1.9.1", "datasets/images", sha256)


def _of_matplotlib(filename: str, sha256: str) -> Photograph:
    return Photograph(filename, "matplotlib", "matplotlib==3.11.2", "mpl-data/sample_data", sha256)


PHOTOGRAPHS = (
    _of_skimage("astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
    _of_skimage("chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
    _of_skimage("coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
    _of_skimage("rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
    _of_skimage("motorcycle_left.png", "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179"),
    _of_skimage("motorcycle_right.png", "5fc913ae870e42a4b662314bc904d1786bcad8e2f0b9b67dba5a229406357797"),
    _of_skimage("hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4"),
    _of_skimage("retina.jpg", "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6"),
    _of_skimage("ihc.png", "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef"),
    _of_sklearn("china.jpg", "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29"),
    _of_sklearn("flower.jpg", "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638"),
    _of_matplotlib("grace_hopper.jpg", "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130"),
)


@dataclass(frozen=True, slots=True)
class DemoCorpus:
    """Paths of the demo corpus; the annotations are in the Karpathy layout, split ``test``."""

    images: Path
    """Folder."""
    annotations: Path
    regions: Path


def materialise_demo(folder: Path) -> DemoCorpus:
    """Lay the demo corpus out below a folder. What is there already and right stays untouched.

    Every file appears whole or not at all, the annotations last.

    Raises
    ------
    InputError
        If a package has no such photograph or another one, or the folder cannot be written.
    """
    files = {f"images/{photograph.filename}": read_photograph(photograph) for photograph in PHOTOGRAPHS}
    for name in ("SOURCES.md", "regions.json", "annotations.json"):
        files[name] = (_DATA / name).read_bytes()
    lay_out(folder, files.items(), "demo corpus")
    return DemoCorpus(folder / "images", folder / "annotations.json", folder / "regions.json")


def read_photograph(photograph: Photograph) -> bytes:
    """Bytes of a photograph inside its package.

    Raises
    ------
    InputError
        If the package has no such photograph or another one.
    """
    place = _package_folder(photograph) / photograph.folder / photograph.filename
    try:
        data = place.read_bytes()
    except OSError as error:
        raise InputError(
            f"{place}: the demo's photograph cannot be read ({error.strerror}); some systems ship"
            f" {photograph.package} without it: pip install {photograph.distribution}"
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != photograph.sha256:
        raise InputError(
            f"{place}: not the photograph that the demo's captions describe (sha256 {digest[:12]}...,"
            f" needed {photograph.sha256[:12]}...): pip install {photograph.distribution}"
        )
    return data


def _package_folder(photograph: Photograph) -> Path:
    """Find the package without importing it: that would take seconds."""
    spec = find_spec(photograph.package)
    if spec is None or spec.origin is None:
        raise InputError(
            f"{photograph.package} is not installed, but {photograph.filename} of the demo is part of it:"
            f" pip install {photograph.distribution}"
        )
    return Path(spec.origin).parent
