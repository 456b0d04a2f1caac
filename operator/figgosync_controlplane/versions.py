"""The versions of what is built, to be raised together with the Go modules beside this file."""

KUBERNETES = "1.37.2"
ETCD = "3.7.3"
HELM = "4.3.1"
# Kubernetes 1.37 built by Go 1.27 serves a broken /openapi, and `kubectl apply` then refuses all.
GO = "1.26"
