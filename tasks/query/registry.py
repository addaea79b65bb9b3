"""Views by name, each after those that it reads."""

from tasks.query.views.named_pairs import NAMED_PAIRS

__all__ = ["VIEWS"]

VIEWS = {view.name: view for view in (NAMED_PAIRS,)}
