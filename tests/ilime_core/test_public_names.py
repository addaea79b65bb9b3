"""Public names of the core: those of its stubs, each once; importing a package imports no torch.

Proves ilime_core.lazy_names.
"""

import ast
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import ilime_core
from ilime_core.lazy_names import lazy_names

ROOT = Path(ilime_core.__file__).parent
STUBS = sorted(ROOT.rglob("__init__.pyi"))


def listed(stub):
    """Names of a stub with the modules that define them."""
    return {name.name: line.module for line in ast.parse(stub.read_text()).body for name in line.names}


def package_of(stub):
    return ".".join(stub.parent.relative_to(ROOT.parent).parts)


def test_every_folder_has_public_names():
    # Parts of encoders and faithfulness, built by the registries there.
    without = {"cross_encoder", "scenes", "open_clip", "transformers", "conse", "metrics"}
    folders = {path.parent for path in ROOT.rglob("__init__.py") if path.parent.name not in without}
    assert {stub.parent for stub in STUBS} == folders


@pytest.mark.parametrize("stub", STUBS, ids=package_of)
def test_names_are_public_in_their_module_and_hide_none(stub):
    package = import_module(package_of(stub))
    names = listed(stub)
    assert package.__all__ == dir(package) == sorted(names)
    for name, module in names.items():
        assert name in import_module(module).__all__
        assert getattr(package, name) is getattr(import_module(module), name)
    # Importing a module of the same name would replace the name in the package.
    assert not {path.stem for path in stub.parent.iterdir()} & set(names)


def test_no_name_stands_for_two_things():
    defined = {(name, module) for stub in STUBS for name, module in listed(stub).items()}
    assert [name for name, count in Counter(name for name, _ in defined).items() if count > 1] == []


def test_importing_the_package_is_cheap():
    code = "import ilime_core.effects, sys; print(sorted({'torch', 'scipy', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_said(tmp_path):
    (tmp_path / "__init__.pyi").write_text("from math import pi as pi\nfrom math import tau as tau\n")
    get, names, public = lazy_names("some", str(tmp_path / "__init__.py"))
    assert get("pi") == pytest.approx(3.14159, abs=1e-5)
    assert names() == public == ["pi", "tau"]
    with pytest.raises(AttributeError, match="module 'some' has no attribute 'e'"):
        get("e")
    with pytest.raises(ImportError, match="fit_nothing"):
        exec("from ilime_core.effects import fit_nothing")
