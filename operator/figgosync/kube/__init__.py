"""The Kubernetes side: our resources, their status, Secrets and Events."""
