"""An item with what stage score knows of it: masks, their embeddings, effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.records import Effects
from tasks.runs.items import Item

__all__ = ["ExplainedItem"]


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedItem:
    """Item with its masks, their embeddings and its effects."""

    item: Item
    masks: ItemMasks
    full: Tensor
    empty: Tensor
    rows: Tensor
    """Embeddings of the encoded coalitions of ``masks``."""
    effects: Mapping[str, Effects] = field(default_factory=dict[str, Effects])
    """By estimator: those of white-box estimators until the item is fitted."""
    ended: str | None = None
    """Why an adaptive budget grew no further: met, bound or enumerated; None of a fixed one."""

    @property
    def embeddings(self) -> Tensor:
        """Embeddings of the fitted and then of the held-out masks."""
        return self.masks.embeddings(self.rows, self.empty, self.full)
