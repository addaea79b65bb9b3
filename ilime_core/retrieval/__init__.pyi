from ilime_core.retrieval.metrics import RetrievalMetrics as RetrievalMetrics
from ilime_core.retrieval.metrics import retrieval_metrics as retrieval_metrics
from ilime_core.retrieval.ranking import rank_pairs as rank_pairs
from ilime_core.retrieval.selection import retrieval_errors as retrieval_errors
