from ilime_core.effects.banzhaf import fit_banzhaf as fit_banzhaf
from ilime_core.effects.banzhaf import fit_banzhaf_batch as fit_banzhaf_batch
from ilime_core.effects.degrees import error_degrees as error_degrees
from ilime_core.effects.least_squares import BanzhafOptions as BanzhafOptions
from ilime_core.effects.product_shapley import ShapleyOptions as ShapleyOptions
from ilime_core.effects.product_shapley import fit_product_shapley as fit_product_shapley
from ilime_core.effects.registry import ESTIMATORS as ESTIMATORS
