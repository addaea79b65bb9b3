"""Which further rows the estimators of a spec ask for."""

from ilime_core.effects.registry import FURTHER_ROWS
from ilime_core.perturbation.row_sets import RowRequest
from ilime_core.records import Modality
from tasks.spec import ExplainParameters

__all__ = ["row_requests"]


def row_requests(modality: Modality, parameters: ExplainParameters) -> tuple[RowRequest, ...]:
    """Sets of rows beside those of banzhaf and product_shapley, each once, whoever asks for it."""
    wanted = {name for estimator in parameters.estimators for name in FURTHER_ROWS.get(estimator, ())}
    image = modality is Modality.IMAGE
    estimation = parameters.estimation
    requests = (
        RowRequest(
            "weighted",
            estimation.weighted_image_masks if image else estimation.weighted_text_masks,
            estimation.weighted_p,
        ),
        RowRequest("leave_one_out"),
        RowRequest(
            "quadrature",
            estimation.quadrature_image_masks if image else estimation.quadrature_text_masks,
            nodes=estimation.quadrature_nodes,
        ),
        RowRequest("windows", block_segments=estimation.block_segments),
    )
    return tuple(request for request in requests if request.name in wanted)
