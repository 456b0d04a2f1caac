{{/* What the operator may do, each rule with its reason. Nothing else is used by the code. */}}

{{- define "figgosync.tenantRules" -}}
# To learn of tenants and initialisations and of their changes (kopf lists and watches; nothing
# else is watched).
- apiGroups: [figgosync.io]
  resources: [calendarsynctenants, syncinitialisations]
  verbs: [get, list, watch]
# To hold a tenant with deletionPolicy Delete by a finalizer, and to let it go. Kubernetes knows
# no narrower right; the operator changes nothing but metadata.finalizers.
- apiGroups: [figgosync.io]
  resources: [calendarsynctenants]
  verbs: [patch]
# To have an initialisation go with its tenant (patch: the operator changes nothing but
# metadata.ownerReferences), and to delete one when its ttlSecondsAfterFinished have passed.
- apiGroups: [figgosync.io]
  resources: [syncinitialisations]
  verbs: [patch, delete]
# To write the status, by server-side apply.
- apiGroups: [figgosync.io]
  resources: [calendarsynctenants/status, syncinitialisations/status]
  verbs: [patch]
# To say beside a tenant what happened (create), and how often it repeated (patch).
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "figgosync.definitionRules" -}}
# To check at the start that the installed definitions are new enough; only these, by name.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  resourceNames: [calendarsynctenants.figgosync.io, syncinitialisations.figgosync.io]
  verbs: [get]
{{- end -}}

{{- define "figgosync.credentialRules" -}}
# To read the credentials that a tenant names. No list and no watch: what is not named cannot be
# found, and of what is named only Secrets labelled figgosync.io/credentials "true" are used.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end -}}

{{- define "figgosync.subject" -}}
- kind: ServiceAccount
  name: {{ include "figgosync.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
