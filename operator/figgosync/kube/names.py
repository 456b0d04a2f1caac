"""The names under which the project is known to the API server."""

GROUP = "figgosync.io"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
TENANT_KIND = "CalendarSyncTenant"
TENANT_PLURAL = "calendarsynctenants"

FIELD_MANAGER = "figgosync"
FINALIZER = f"{GROUP}/remove-events"
REQUESTED_AT = f"{GROUP}/requestedAt"
CREDENTIALS_LABEL = f"{GROUP}/credentials"
CRD_VERSION = f"{GROUP}/crd-version"
REPORTING_CONTROLLER = f"{GROUP}/operator"
