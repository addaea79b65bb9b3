"""Masks that a spec asks for of an item: stage score encodes them, the budget counts them."""

from dataclasses import dataclass, replace
from functools import partial

from ilime_core.effects.registry import row_sets, rows_read
from ilime_core.modality import Modality
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.foldover import foldover_rows
from ilime_core.perturbation.growing_masks import with_budget
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.perturbation.randomness import is_sampled, item_rng
from ilime_core.perturbation.row_set import Neighbours
from ilime_core.white_box.registry import WHITE_BOX
from tasks.spec import ExplainParameters
from tasks.spec.core_options import fit_options
from tasks.spec.perturbation import PerturbationParameters

__all__ = ["AdaptiveBudget", "MaskDraw"]


@dataclass(frozen=True, slots=True)
class AdaptiveBudget:
    """Masks that an item starts with, and the error of its effects at which they are enough."""

    first: int
    standard_error: float


@dataclass(frozen=True, slots=True)
class MaskDraw:
    """The spec's wishes for the masks of one modality."""

    modality: Modality
    seed: int
    request: MaskRequest
    held_out: int
    held_out_share: float
    white_box: tuple[str, ...] = ()
    """Estimators that put each item through the model once more, without masks."""
    path_steps: int = 1
    """Points on the path of integrated_jacobian."""
    adaptive: AdaptiveBudget | None = None
    """How the masks of an item grow up to those of ``request``; None draws them all at once."""

    @classmethod
    def of(cls, modality: Modality, parameters: ExplainParameters) -> "MaskDraw":
        """Read the settings of images or of texts.

        Parameters
        ----------
        modality
            Side of the settings to read.
        parameters
            Spec with its seed, perturbation and estimators.

        Returns
        -------
        MaskDraw
            The draw of every item of that modality.
        """
        perturbation = parameters.perturbation
        image = modality is Modality.IMAGE
        shapley = perturbation.shapley_image_masks if image else perturbation.shapley_text_masks
        return cls(
            modality,
            parameters.seed,
            MaskRequest(
                design=perturbation.design,
                n_masks=perturbation.max_image_masks if image else perturbation.max_text_masks,
                p=perturbation.p,
                shapley_masks=shapley if "shapley" in rows_read(parameters.estimators) else 0,
                further=row_sets(parameters.estimators, fit_options(parameters), modality),
            ),
            perturbation.held_out.image if image else perturbation.held_out.text,
            perturbation.held_out.image_share if image else perturbation.held_out.text_share,
            tuple(name for name in parameters.estimators if name in WHITE_BOX.names),
            parameters.estimation.path_steps,
            cls._adaptive(perturbation, image=image),
        )

    @staticmethod
    def _adaptive(perturbation: PerturbationParameters, *, image: bool) -> AdaptiveBudget | None:
        wanted = perturbation.adaptive
        if wanted.standard_error is None:
            return None
        first = wanted.first_image_masks if image else wanted.first_text_masks
        return AdaptiveBudget(first, wanted.standard_error)

    @property
    def smallest(self) -> "MaskDraw":
        """The draw of items that need no more than the first masks: itself where budgets are fixed."""
        if self.adaptive is None:
            return self
        return replace(self, request=with_budget(self.request, self.adaptive.first))

    def of_budget(self, n_masks: int) -> "MaskDraw":
        """The draw of an item that has so many masks; those of a smaller budget are among them."""
        return replace(self, request=with_budget(self.request, n_masks))

    def inside(self, n_segments: int) -> int:
        """Encodes of white-box estimators: a row counts one, a row with its derivative two."""
        return sum(WHITE_BOX[name].encodes(n_segments, self.path_steps) for name in self.white_box)

    def about(self, n_segments: int) -> int:
        """Encodes of an item, before its masks are drawn and repetitions dropped."""
        further = sum(rows.count(n_segments) for rows in self.request.further.values())
        drawn = self.request.n_masks + self.request.shapley_masks + further + self.held_out
        return 1 + drawn + self.inside(n_segments)

    def n_encodes_at_most(self, sha256: str, n_segments: int) -> int:
        """Encodes of an item beside the whole one, if no coalition repeats: no mask is drawn.

        Parameters
        ----------
        sha256
            Of the item's content.
        n_segments
            Segments of the item.

        Returns
        -------
        int
            Rows, held-out rows, the empty item, and encodes of white-box estimators.
        """
        held_out = foldover_rows(n_segments, self.held_out) if self.is_held_out(sha256) else 0
        return 1 + self.request.n_rows(n_segments) + held_out + self.inside(n_segments)

    @property
    def is_placed(self) -> bool:
        """True if masks depend on where segments lie: an image is then segmented before they are drawn."""
        return any(rows.placed for rows in self.request.further.values())

    def is_held_out(self, sha256: str) -> bool:
        """True if an item gets held-out masks: a seeded choice by its content."""
        share = self.held_out_share if self.held_out else 0.0
        return is_sampled(self.seed, f"{self.modality.value}:{sha256}", "held_out", share)

    def draw(self, sha256: str, n_segments: int, neighbours: Neighbours | None = None) -> ItemMasks:
        """Draw an item's masks: they depend on seed, modality, content and, if placed, its geometry.

        Parameters
        ----------
        sha256
            Of the item's content.
        n_segments
            Segments of the item.
        neighbours
            Adjacency of its segments; needed where ``is_placed``.

        Returns
        -------
        ItemMasks
            Masks by set of rows, and the held-out ones.
        """
        return draw_masks(
            n_segments,
            request=self.request,
            n_held_out=self.held_out if self.is_held_out(sha256) else 0,
            rng_of=partial(item_rng, self.seed, self.modality, sha256),
            neighbours=neighbours,
        )
