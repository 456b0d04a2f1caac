{{/* The operator's environment, and which names of it are not for extraEnv. */}}

{{- define "figgosync.environment" -}}
- name: FIGGOSYNC_OPERATOR_CLASS
  value: {{ .Values.operatorClass | quote }}
{{- with .Values.watchNamespaces }}
- name: FIGGOSYNC_NAMESPACES
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.hosts.figgo }}
- name: FIGGOSYNC_FIGGO_HOSTS
  value: {{ join "," . | quote }}
{{- end }}
- name: FIGGOSYNC_EXCHANGE_HOSTS
  value: {{ join "," .Values.hosts.exchange | quote }}
- name: FIGGOSYNC_SWEEP_MINUTES
  value: {{ int .Values.sync.sweepMinutes | quote }}
- name: FIGGOSYNC_DRIFT_MINUTES
  value: {{ int .Values.sync.driftMinutes | quote }}
- name: FIGGOSYNC_EXCHANGE_CONCURRENCY
  value: {{ int .Values.sync.exchangeConcurrency | quote }}
- name: FIGGOSYNC_HTTP_PORT
  value: {{ int .Values.httpPort | quote }}
- name: FIGGOSYNC_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- if include "figgosync.caSource" . }}
- name: FIGGOSYNC_CA_BUNDLE
  value: /etc/figgosync/ca/ca.crt
{{- end }}
{{- with .Values.proxy.https }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.noProxy }}
- name: NO_PROXY
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Which value says what a variable says: a second word on it would win silently. */}}
{{- define "figgosync.valueOfVariable" -}}
FIGGOSYNC_OPERATOR_CLASS: operatorClass
FIGGOSYNC_NAMESPACES: watchNamespaces
FIGGOSYNC_FIGGO_HOSTS: hosts.figgo
FIGGOSYNC_EXCHANGE_HOSTS: hosts.exchange
FIGGOSYNC_SWEEP_MINUTES: sync.sweepMinutes
FIGGOSYNC_DRIFT_MINUTES: sync.driftMinutes
FIGGOSYNC_EXCHANGE_CONCURRENCY: sync.exchangeConcurrency
FIGGOSYNC_HTTP_PORT: httpPort
FIGGOSYNC_LOG_LEVEL: logLevel
{{- /* From here on only where the value is in use: a file may come by a volume of the user's, a
       proxy's password from a Secret. */}}
{{- if include "figgosync.caSource" . }}
FIGGOSYNC_CA_BUNDLE: caBundle
{{- end }}
{{- if .Values.proxy.https }}
HTTPS_PROXY: proxy.https
{{- end }}
{{- if .Values.proxy.noProxy }}
NO_PROXY: proxy.noProxy
{{- end }}
{{- end -}}

{{/* Where the CA bundle comes from, as a volume source; nothing if there is none. */}}
{{- define "figgosync.caSource" -}}
{{- with .Values.caBundle -}}
{{- if .pem -}}
configMap:
  name: {{ include "figgosync.fullname" $ }}-ca
  items: [{key: ca.crt, path: ca.crt}]
{{- else if .configMap.name -}}
configMap:
  name: {{ .configMap.name }}
  items: [{key: {{ .configMap.key | quote }}, path: ca.crt}]
{{- else if .secret.name -}}
secret:
  secretName: {{ .secret.name }}
  items: [{key: {{ .secret.key | quote }}, path: ca.crt}]
{{- end -}}
{{- end -}}
{{- end -}}
