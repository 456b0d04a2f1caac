"""The Kubernetes side: the resources at the door, and the calls to the API server."""
