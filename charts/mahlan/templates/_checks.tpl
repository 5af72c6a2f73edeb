{{/* Values that are each fine and together wrong: said in one line instead of found out at night. */}}
{{- define "mahlan.check" -}}
{{- $partitions := int (default "4" .Values.settings.MAHLAN_PARTITIONS) -}}
{{- range $name, $service := .Values.services -}}
{{- $most := $service.autoscaling.enabled | ternary $service.autoscaling.maxReplicas $service.replicas -}}
{{- if and (ne $name "gateway") (gt (int $most) $partitions) -}}
{{- fail (printf "services.%s may have %d replicas, but a topic has %d partitions: more would stay idle" $name (int $most) $partitions) -}}
{{- end -}}
{{- if and $service.autoscaling.enabled (gt (int $service.autoscaling.minReplicas) (int $service.autoscaling.maxReplicas)) -}}
{{- fail (printf "services.%s.autoscaling.minReplicas is above maxReplicas" $name) -}}
{{- end -}}
{{- range $key := list "MAHLAN_PARTITIONS" "MAHLAN_REPLICATION" "MAHLAN_GROUP_PREFIX" -}}
{{- if hasKey $service.settings $key -}}
{{- fail (printf "services.%s.settings.%s: it must be the same for all services; set it under settings" $name $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.services.gateway.enabled -}}
{{- if not (and .Values.gateway.keysSecret .Values.secretName) -}}
{{- fail "services.gateway needs gateway.keysSecret (keys.toml, as `mahlan keys` writes it) and secretName (MAHLAN_GATEWAY_PEPPER)" -}}
{{- end -}}
{{- end -}}
{{- if le (float64 .Values.terminationGracePeriodSeconds) (float64 (default "9" .Values.settings.MAHLAN_DRAIN_TIMEOUT)) -}}
{{- fail "terminationGracePeriodSeconds must exceed settings.MAHLAN_DRAIN_TIMEOUT: a draining pod would be killed" -}}
{{- end -}}
{{- end -}}
