"""The operator: kopf as informer, the supervisor and the probes."""
