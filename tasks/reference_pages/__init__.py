"""Reference pages of the documentation, generated from the code that they describe.

``python -m tasks.reference_pages tables > docs/tables.md``, likewise ``views``, ``spec`` and ``registries``.
"""

from tasks.reference_pages.pages import (
    PAGES,
    choices,
    example_spec,
    registries_page,
    spec_page,
    tables_page,
    views_page,
)

__all__ = ["PAGES", "choices", "example_spec", "registries_page", "spec_page", "tables_page", "views_page"]
