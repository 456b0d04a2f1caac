"""Writes those parts of the Helm chart that repeat what is written elsewhere."""
