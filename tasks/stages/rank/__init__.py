"""Stage rank: methods against controls and against each other."""
