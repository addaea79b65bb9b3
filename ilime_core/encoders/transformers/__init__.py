"""Encoders of the transformers library: CLIP and SigLIP from safetensors."""
