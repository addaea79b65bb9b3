"""Stage measure: faithfulness metrics of pairs; ground truth comes from `tasks.truth`."""
