"""Runs the pod of a Deployment on this machine, as the one process that its container would be."""
