{{/* "yes" if an object of .kind (monitoring.coreos.com/v1) is wanted: .mode Always, or Auto where its CRD exists. */}}
{{- define "figgosync.monitors" -}}
{{- $exists := .root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind) -}}
{{- if or (eq .mode "Always") (and (eq .mode "Auto") $exists) }}yes{{ end -}}
{{- end }}

{{/* The label `job` of the operator's series: what the Prometheus operator makes of our PodMonitor, unless the values name another. */}}
{{- define "figgosync.job" -}}
{{- if .Values.prometheusRule.job -}}
{{- .Values.prometheusRule.job -}}
{{- else if eq .Values.podMonitor.mode "Never" -}}
{{- fail "prometheusRule: without the PodMonitor the rules cannot know the label `job` of the operator's metrics, and FiggosyncOperatorDown would fire for ever. Set prometheusRule.job to the job of your own scrape configuration, or prometheusRule.mode to Never." -}}
{{- else -}}
{{- printf "%s/%s" .Release.Namespace (include "figgosync.fullname" .) -}}
{{- end -}}
{{- end }}

{{/* .text with each ${name} replaced by its value in the dictionary .with; a name that is not in it fails the rendering. */}}
{{- define "figgosync.filled" -}}
{{- $text := .text -}}
{{- range $name, $value := .with -}}
{{- $text = replace (printf "${%s}" $name) (toString $value) $text -}}
{{- end -}}
{{- if contains "${" $text -}}
{{- fail (printf "files/alerts.yaml: a name in this text has no value: %s" $text) -}}
{{- end -}}
{{- $text -}}
{{- end }}
