{{/* What every container of the chart has in common, services and the topics job alike. */}}

{{- define "mahlan.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "mahlan.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Takes (dict "values" .Values "settings" {…}): the environment of one container. Later ones win. */}}
{{- define "mahlan.environment" -}}
{{- $all := deepCopy .values.settings -}}
{{- range $name, $value := .settings -}}{{- $_ := set $all $name $value -}}{{- end -}}
{{- $_ := set $all "KAFKA_BOOTSTRAP_SERVERS" .values.kafka.bootstrapServers -}}
{{- $_ := set $all "ORT_DISABLE_TELEMETRY" "1" -}}
{{- $_ := set $all "MAHLAN_HOST" "0.0.0.0" -}}
{{- $_ := set $all "MAHLAN_PORT" "9100" -}}
{{- if .values.campaigns }}{{ $_ := set $all "MAHLAN_CAMPAIGNS_DIR" "/etc/mahlan/campaigns" }}{{ end -}}
{{- if .values.modelsClaim }}{{ $_ := set $all "MAHLAN_MODELS_DIR" "/var/lib/mahlan/models" }}{{ end -}}
{{- if .values.modelsRegistry }}{{ $_ := set $all "MAHLAN_MODELS_REGISTRY" "/etc/mahlan/models/registry.toml" }}{{ end -}}
{{- with .values.trustedKeys }}{{ $_ := set $all "MAHLAN_SCORER_TRUSTED_KEYS" (join "," .) }}{{ end -}}
{{- if .values.kafka.caSecret }}{{ $_ := set $all "MAHLAN_KAFKA_CA_FILE" "/etc/mahlan/kafka/ca.crt" }}{{ end -}}
{{- range $name, $value := $all }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "mahlan.secret" -}}
{{- with .Values.secretName }}
envFrom:
  - secretRef:
      name: {{ . }}
{{- end }}
{{- end -}}

{{- define "mahlan.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .Values.campaigns }}
- {name: campaigns, mountPath: /etc/mahlan/campaigns, readOnly: true}
{{- end }}
{{- if .Values.modelsClaim }}
- {name: models, mountPath: /var/lib/mahlan/models, readOnly: true}
{{- end }}
{{- if .Values.modelsRegistry }}
{{- /* The folder, not the file: what is mounted by subPath never changes. */}}
- {name: models-registry, mountPath: /etc/mahlan/models, readOnly: true}
{{- end }}
{{- if .Values.kafka.caSecret }}
- {name: kafka-ca, mountPath: /etc/mahlan/kafka, readOnly: true}
{{- end }}
{{- end -}}

{{- define "mahlan.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- if .Values.campaigns }}
- name: campaigns
  configMap:
    name: {{ include "mahlan.name" . }}-campaigns
{{- end }}
{{- if .Values.modelsClaim }}
- name: models
  persistentVolumeClaim:
    claimName: {{ .Values.modelsClaim }}
    readOnly: true
{{- end }}
{{- if .Values.modelsRegistry }}
- name: models-registry
  configMap:
    name: {{ include "mahlan.name" . }}-models
{{- end }}
{{- if .Values.kafka.caSecret }}
- name: kafka-ca
  secret:
    secretName: {{ .Values.kafka.caSecret }}
{{- end }}
{{- end -}}

{{- define "mahlan.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The pod of one service: (dict "root" $ "name" … "settings" {…} "resources" {…}), and where it has them
     "http" PORT, "podIP" true, "mounts" […], "volumes" […]. */}}
{{- define "mahlan.template" -}}
metadata:
  labels:
    {{- include "mahlan.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
  {{- with .root.Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  # Service links would inject MAHLAN_…_SERVICE_HOST and the like: unknown settings, which end a service.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "mahlan.podSecurity" .root | nindent 4 }}
  {{- include "mahlan.placement" .root | trim | nindent 2 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "mahlan.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .name }}
  containers:
    - name: {{ .name }}
      image: {{ include "mahlan.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: [run, {{ .name }}]
      env:
        {{- if .podIP }}
        # Before what is made of it.
        - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        {{- end }}
        {{- include "mahlan.environment" (dict "values" .root.Values "settings" .settings) | trim | nindent 8 }}
      {{- include "mahlan.secret" .root | trim | nindent 6 }}
      ports:
        - {name: status, containerPort: 9100}
        {{- if .http }}
        - {name: http, containerPort: {{ .http }}}
        {{- end }}
      startupProbe:
        httpGet: {path: /livez, port: status}
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: {path: /livez, port: status}
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /readyz, port: status}
        periodSeconds: 5
        timeoutSeconds: 3
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        {{- include "mahlan.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        {{- include "mahlan.mounts" .root | nindent 8 }}
        {{- with .mounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "mahlan.volumes" .root | nindent 4 }}
    {{- with .volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
