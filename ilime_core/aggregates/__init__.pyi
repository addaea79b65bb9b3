from ilime_core.aggregates.bounds import Bounds as Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean as ClusteredMean
from ilime_core.aggregates.clustered_mean import mean_by_codes as mean_by_codes
from ilime_core.aggregates.corrections import benjamini_hochberg as benjamini_hochberg
from ilime_core.aggregates.corrections import holm as holm
from ilime_core.aggregates.intervals import MeanEstimate as MeanEstimate
from ilime_core.aggregates.intervals import range_interval as range_interval
from ilime_core.aggregates.power import smallest_difference as smallest_difference
