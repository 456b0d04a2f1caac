"""The product's main job, played on this machine."""
