"""The numerics of ilime: arrays in, arrays and frozen records out.

Knows nothing of workflows, tables or storage; the only files it opens are checkpoints whose paths it is
given.
"""
