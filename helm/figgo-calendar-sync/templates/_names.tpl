{{/* Names and labels. */}}

{{- define "figgosync.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of what belongs to this release alone, as `helm create` makes it. */}}
{{- define "figgosync.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "figgosync.serviceAccountName" -}}
{{- default (include "figgosync.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/*
The name of the rights. The class is in it, and not the release: two releases of one class would
write into the same calendars, so helm shall find the second one's name taken.
*/}}
{{- define "figgosync.rightsName" -}}
figgosync-{{ .Values.operatorClass }}
{{- end -}}

{{- define "figgosync.credentialsName" -}}
figgosync-credentials-{{ .Values.operatorClass }}
{{- end -}}

{{- define "figgosync.selectorLabels" -}}
app.kubernetes.io/name: {{ include "figgosync.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "figgosync.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "figgosync.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "figgosync.image" -}}
{{- $tagged := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $tagged .Values.image.digest -}}
{{- else -}}
{{- $tagged -}}
{{- end -}}
{{- end -}}
