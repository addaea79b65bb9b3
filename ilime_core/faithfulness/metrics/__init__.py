"""Faithfulness metrics, a file each; the registry beside this folder lists them."""
