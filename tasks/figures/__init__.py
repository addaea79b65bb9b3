"""Pictures of explained pairs: one picture a file, all drawn from frozen records that are read once."""
