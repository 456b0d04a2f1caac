"""Builds the operator's container image with docker or buildah."""
