"""What a spec's settings mean to single estimators."""

from ilime_core.records import FitOptions
from tasks.spec import ExplainParameters

__all__ = ["design_probability", "fit_options", "wants_second_order"]


def fit_options(parameters: ExplainParameters) -> FitOptions:
    """Settings of all estimators; each reads its own."""
    perturbation, estimation = parameters.perturbation, parameters.estimation
    return FitOptions(
        ridge=perturbation.ridge,
        kernel_width=perturbation.kernel_width,
        weighted_p=estimation.weighted_p,
        quadrature_nodes=estimation.quadrature_nodes,
        lime_width=estimation.lime_kernel_width,
        lime_penalty=estimation.lime_penalty,
    )


def design_probability(estimator: str, parameters: ExplainParameters) -> float | None:
    """Probability with which an estimator's rows keep a segment; None where closed forms do not hold.

    They do not where a kernel weights the rows, a ridge shrinks the effects or no single product law stands
    behind them.
    """
    perturbation = parameters.perturbation
    if perturbation.ridge > 0 or perturbation.kernel_width is not None:
        return None
    laws = {"banzhaf": perturbation.p, "weighted_banzhaf": parameters.estimation.weighted_p}
    return laws.get(estimator)


def wants_second_order(parameters: ExplainParameters) -> bool:
    """Whether a spec asks for them, so that score must keep what it fitted."""
    return parameters.estimation.within_cells > 0 or parameters.estimation.three_way_cells > 0
