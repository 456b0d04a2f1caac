{{/* What no schema can say: each refusal names the value and what may be done. */}}

{{- define "figgosync.guards" -}}
{{- include "figgosync.guardValues" . -}}
{{- include "figgosync.guardExtraEnv" . -}}
{{- include "figgosync.guardVolumes" . -}}
{{- if .Values.checkOtherReleases -}}
{{- include "figgosync.guardClass" . -}}
{{- include "figgosync.guardRename" . -}}
{{- end -}}
{{- end -}}

{{- define "figgosync.guardValues" -}}
{{- if and .Values.watchNamespaces .Values.tenantNamespaces -}}
{{- fail "tenantNamespaces: leave it empty if watchNamespaces is set; the operator may read the labelled Secrets of all namespaces that it watches." -}}
{{- end -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.name: name the ServiceAccount that exists already, as serviceAccount.create is false." -}}
{{- end -}}
{{- if or (hasPrefix "credentials-" .Values.operatorClass) (hasPrefix "tenants-" .Values.operatorClass) -}}
{{- fail (printf "operatorClass: %q may not begin with credentials- or tenants-; its ClusterRole would have the name of another one." .Values.operatorClass) -}}
{{- end -}}
{{- range $label, $_ := include "figgosync.selectorLabels" . | fromYaml -}}
{{- if hasKey $.Values.podLabels $label -}}
{{- fail (printf "podLabels: %s is the chart's own; by it the Deployment finds its pod." $label) -}}
{{- end -}}
{{- end -}}
{{- $sources := list -}}
{{- if .Values.caBundle.pem }}{{ $sources = append $sources "pem" }}{{ end -}}
{{- if .Values.caBundle.configMap.name }}{{ $sources = append $sources "configMap.name" }}{{ end -}}
{{- if .Values.caBundle.secret.name }}{{ $sources = append $sources "secret.name" }}{{ end -}}
{{- if gt (len $sources) 1 -}}
{{- fail (printf "caBundle: set one of pem, configMap.name and secret.name, not %s." (join " and " $sources)) -}}
{{- end -}}
{{- if contains "PRIVATE KEY" .Values.caBundle.pem -}}
{{- fail "caBundle.pem: holds a private key; give the certificates alone, and take the key for published." -}}
{{- end -}}
{{- end -}}

{{- define "figgosync.guardExtraEnv" -}}
{{- $values := include "figgosync.valueOfVariable" . | fromYaml -}}
{{- $seen := dict -}}
{{- range .Values.extraEnv -}}
{{- if hasKey $values .name -}}
{{- fail (printf "extraEnv: %s is what the value %s is for." .name (get $values .name)) -}}
{{- end -}}
{{- if hasKey $seen .name -}}
{{- fail (printf "extraEnv: %s is there twice." .name) -}}
{{- end -}}
{{- if and (hasKey . "value") (hasKey . "valueFrom") -}}
{{- fail (printf "extraEnv: %s has both value and valueFrom." .name) -}}
{{- end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{- end -}}

{{- define "figgosync.guardVolumes" -}}
{{- $volumes := list "tmp" -}}
{{- $paths := list "/tmp" -}}
{{- if include "figgosync.caSource" . -}}
{{- $volumes = append $volumes "ca-bundle" -}}
{{- $paths = append $paths "/etc/figgosync/ca" -}}
{{- end -}}
{{- range .Values.extraVolumes -}}
{{- if has .name $volumes -}}
{{- fail (printf "extraVolumes: %s is the chart's own; choose another name." .name) -}}
{{- end -}}
{{- end -}}
{{- range .Values.extraVolumeMounts -}}
{{- if has .mountPath $paths -}}
{{- fail (printf "extraVolumeMounts: %s is the chart's own; choose another path." .mountPath) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Two operators that serve one tenant would both write into the same calendars. Helm itself refuses
a second release of one class if both serve the whole cluster, or one namespace, as the names of
their rights are the same; this says it in a sentence, and finds the mixed case too. `lookup`
finds nothing in `helm template`, so there helm's refusal is all.
*/}}
{{- define "figgosync.guardClass" -}}
{{- $name := include "figgosync.rightsName" . -}}
{{- $api := "rbac.authorization.k8s.io/v1" -}}
{{- include "figgosync.refuseOther" (list . "the whole cluster" (lookup $api "ClusterRole" "" $name)) -}}
{{- if .Values.watchNamespaces -}}
{{- range .Values.watchNamespaces -}}
{{- include "figgosync.refuseOther" (list $ (printf "namespace %s" .) (lookup $api "Role" . $name)) -}}
{{- end -}}
{{- else -}}
{{- range dig "items" list (lookup $api "Role" "" "") -}}
{{- if eq .metadata.name $name -}}
{{- include "figgosync.refuseOther" (list $ (printf "namespace %s" .metadata.namespace) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Helm makes the Deployment of a new name before it deletes the one of the old name, so that
`Recreate` holds nothing back.
*/}}
{{- define "figgosync.guardRename" -}}
{{- $name := include "figgosync.fullname" . -}}
{{- range dig "items" list (lookup "apps/v1" "Deployment" .Release.Namespace "") -}}
{{- $deployment := .metadata -}}
{{- $release := dig "annotations" "meta.helm.sh/release-name" "" $deployment -}}
{{- range .spec.template.spec.containers -}}
{{- if and (eq $release $.Release.Name) (ne $deployment.name $name) (has "figgosync" .command) -}}
{{- $class := "default" -}}
{{- range .env -}}
{{- if eq .name "FIGGOSYNC_OPERATOR_CLASS" }}{{ $class = .value }}{{ end -}}
{{- end -}}
{{- if eq $class $.Values.operatorClass -}}
{{- fail (printf "fullnameOverride, nameOverride: this release runs as the Deployment %s; as %s a second operator would start before the first one has ended, and both would write into the same calendars. Leave both values as they were, or uninstall the release first (helm uninstall %s --namespace %s)." $deployment.name $name $.Release.Name $.Release.Namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes the chart's scope, a place in words, and the rights found there (may be empty). */}}
{{- define "figgosync.refuseOther" -}}
{{- $scope := index . 0 -}}
{{- $owner := dig "metadata" "annotations" dict (index . 2) -}}
{{- $name := get $owner "meta.helm.sh/release-name" -}}
{{- $namespace := get $owner "meta.helm.sh/release-namespace" -}}
{{- if and $name (ne (printf "%s/%s" $namespace $name) (printf "%s/%s" $scope.Release.Namespace $scope.Release.Name)) -}}
{{- fail (printf "operatorClass: release %s in namespace %s serves class %q in %s already, and two operators would both write into the same calendars. Choose another class for this release (--set operatorClass=NAME) and write it into its tenants, or uninstall the other one first (helm uninstall %s --namespace %s)." $name $namespace $scope.Values.operatorClass (index . 1) $name $namespace) -}}
{{- end -}}
{{- end -}}
