{{- /*
SPDX-License-Identifier: Apache-2.0
What values change in the objects of manifests/, each in place. They take object, values and version; they write nothing.
*/ -}}
{{- define "canary.adjust" -}}
{{- if eq .object.kind "Deployment" }}
  {{- include "canary.deployment" . }}
{{- else if eq .object.kind "PodDisruptionBudget" }}
  {{- $_ := set .object.spec "minAvailable" (min (int .object.spec.minAvailable) (sub (int .values.replicaCount) 1)) }}
{{- else if eq .object.kind "NetworkPolicy" }}
  {{- include "canary.networkPolicy" . }}
{{- else if eq .object.kind "CustomResourceDefinition" }}
  {{- $_ := set .object.metadata "annotations" (dict "helm.sh/resource-policy" "keep") }}
{{- else if has .object.kind (list "ServiceMonitor" "PrometheusRule") }}
  {{- $_ := mergeOverwrite .object.metadata.labels .values.monitoring.labels }}
{{- end }}
{{- end }}

{{- define "canary.deployment" -}}
{{- $values := .values }}
{{- $template := .object.spec.template }}
{{- $pod := $template.spec }}
{{- $container := first $pod.containers }}
{{- $_ := set .object.spec "replicas" (int $values.replicaCount) }}
{{- $_ := mergeOverwrite $template.metadata.annotations $values.podAnnotations }}
{{- range list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" }}
  {{- $_ := unset $pod . }}
  {{- if get $values . }}{{ $_ := set $pod . (get $values .) }}{{ end }}
{{- end }}
{{- if and $values.priorityClass.create (not $values.priorityClassName) }}
  {{- $_ := set $pod "priorityClassName" "canary-webhook" }}
{{- end }}
{{- $_ := set $container "image" (include "canary.image" .) }}
{{- $_ := set $container "imagePullPolicy" $values.image.pullPolicy }}
{{- $_ := set $container "resources" $values.resources }}
{{- $env := list }}
{{- range $container.env }}
  {{- $name := .name }}
  {{- $replaced := false }}
  {{- range $values.extraEnv }}{{ if eq .name $name }}{{ $replaced = true }}{{ end }}{{ end }}
  {{- if not $replaced }}{{ $env = append $env . }}{{ end }}
{{- end }}
{{- $_ := set $container "env" (concat $env $values.extraEnv) }}
{{- with $values.extraVolumes }}{{ $_ := set $pod "volumes" (concat (default list $pod.volumes) .) }}{{ end }}
{{- with $values.extraVolumeMounts }}{{ $_ := set $container "volumeMounts" (concat (default list $container.volumeMounts) .) }}{{ end }}
{{- end }}

{{- define "canary.image" -}}
{{- $image := .values.image }}
{{- $tag := $image.tag }}
{{- if not (or $tag $image.digest) }}{{ $tag = .version }}{{ end }}
{{- $image.repository }}{{ if $tag }}:{{ $tag }}{{ end }}{{ if $image.digest }}@{{ $image.digest }}{{ end }}
{{- end }}

{{- /* The first rule is the hooks' port, the second that of probes and metrics. */ -}}
{{- define "canary.networkPolicy" -}}
{{- with .values.networkPolicy.from }}{{ $_ := set (index $.object.spec.ingress 0) "from" . }}{{ end }}
{{- with .values.networkPolicy.metricsFrom }}{{ $_ := set (index $.object.spec.ingress 1) "from" . }}{{ end }}
{{- end }}
