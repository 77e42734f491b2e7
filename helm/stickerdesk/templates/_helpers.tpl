{{- define "stickerdesk.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else }}{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}{{ end }}{{ end }}
{{- end }}

{{/* Labels that select: (list . "gateway") */}}
{{- define "stickerdesk.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "stickerdesk.labels" -}}
{{- $root := index . 0 -}}
{{ include "stickerdesk.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{- define "stickerdesk.image" -}}
{{- $root := index . 0 -}}
{{ printf "%s-%s:%s" $root.Values.image.repository (index . 1) (default $root.Chart.AppVersion $root.Values.image.tag) }}
{{- end }}

{{- define "stickerdesk.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "stickerdesk.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}

{{/* What every pod of ours has in common: (list . "gateway") */}}
{{- define "stickerdesk.pod" -}}
{{- $root := index . 0 -}}
serviceAccountName: {{ include "stickerdesk.fullname" $root }}
automountServiceAccountToken: false
terminationGracePeriodSeconds: {{ add $root.Values.drainSeconds 20 }}
securityContext:
  {{- include "stickerdesk.podSecurity" $root | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- $own := index $root.Values (index . 1) | default dict }}
{{- with merge (dict) (dig "nodeSelector" dict $own) $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat $root.Values.tolerations (dig "tolerations" list $own) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "stickerdesk.selector" . | nindent 8 }}
{{- end }}

{{- define "stickerdesk.podMetadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "stickerdesk.labels" . | nindent 2 }}
annotations:
  kubectl.kubernetes.io/default-container: {{ index . 1 }}
  {{- if $root.Values.metrics.enabled }}
  prometheus.io/scrape: "true"
  prometheus.io/port: {{ ternary "8002" "9100" (eq (index . 1) "triton") | quote }}
  prometheus.io/path: /metrics
  {{- end }}
  {{- with $root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Environment that every service shares; its own follows. */}}
{{- define "stickerdesk.env" -}}
- name: STICKERDESK_LOG_LEVEL
  value: {{ .Values.log.level }}
- name: STICKERDESK_LOG_FORMAT
  value: json
- name: STICKERDESK_DRAIN_S
  value: {{ .Values.drainSeconds | quote }}
- name: STICKERDESK_DATA_DIR
  value: /data
- name: STICKERDESK_METRICS_LISTEN
  value: "0.0.0.0:9100"
{{- with .Values.otlpEndpoint }}
- name: STICKERDESK_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- if .Values.tls.secretName }}
- name: STICKERDESK_TLS_CERTIFICATE
  value: /etc/stickerdesk/tls/tls.crt
- name: STICKERDESK_TLS_KEY
  value: /etc/stickerdesk/tls/tls.key
- name: STICKERDESK_TLS_AUTHORITY
  value: /etc/stickerdesk/tls/ca.crt
{{- end }}
{{- end }}

{{/* Kubernetes' gRPC probes have no certificate: with TLS between the services, health has a port of its own. */}}
{{- define "stickerdesk.healthEnv" -}}
{{- if .Values.tls.secretName }}
- name: STICKERDESK_HEALTH_LISTEN
  value: "0.0.0.0:7001"
{{- end }}
{{- end }}

{{- define "stickerdesk.tlsMount" -}}
{{- if .Values.tls.secretName }}
- { name: tls, mountPath: /etc/stickerdesk/tls, readOnly: true }
{{- end }}
{{- end }}

{{- define "stickerdesk.tlsVolume" -}}
{{- with .Values.tls.secretName }}
- name: tls
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- define "stickerdesk.extraEnv" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  {{- /* Helm holds numbers as floats: 536870912 would become "5.36870912e+08" */}}
  value: {{ ternary (int64 (default 0 $value)) $value (kindIs "float64" $value) | quote }}
{{- end }}
{{- end }}

{{- define "stickerdesk.redisEnv" -}}
- name: STICKERDESK_REDIS_URL
  {{- if .Values.redis.existingSecret }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.redis.existingSecret }}
      key: url
  {{- else if .Values.redis.externalUrl }}
  value: {{ .Values.redis.externalUrl | quote }}
  {{- else }}
  value: redis://{{ include "stickerdesk.fullname" . }}-valkey:6379/0
  {{- end }}
{{- end }}

{{/* The tenants file: read again when the Secret changes, so it is mounted whole and not by subPath. */}}
{{- define "stickerdesk.tenantsEnv" -}}
{{- if .Values.tenants.existingSecret }}
- name: STICKERDESK_TENANTS_FILE
  value: /etc/stickerdesk/tenants/tenants.yaml
{{- end }}
{{- end }}

{{- define "stickerdesk.tenantsMount" -}}
{{- if .Values.tenants.existingSecret }}
- { name: tenants, mountPath: /etc/stickerdesk/tenants, readOnly: true }
{{- end }}
{{- end }}

{{- define "stickerdesk.tenantsVolume" -}}
{{- with .Values.tenants.existingSecret }}
- name: tenants
  secret: { secretName: {{ . }} }
{{- end }}
{{- end }}

{{- define "stickerdesk.ownRedis" -}}
{{- if not (or .Values.redis.externalUrl .Values.redis.existingSecret) }}true{{ end }}
{{- end }}

{{- define "stickerdesk.tritonEnv" -}}
- name: STICKERDESK_TRITON_URL
  value: {{ default (printf "%s-triton:8001" (include "stickerdesk.fullname" .)) .Values.triton.externalUrl | quote }}
{{- end }}

{{- define "stickerdesk.grpcProbes" -}}
{{- $port := ternary 7001 7000 (not (empty .Values.tls.secretName)) -}}
startupProbe:
  grpc: { port: {{ $port }} }
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  grpc: { port: {{ $port }} }
  periodSeconds: 5
  timeoutSeconds: 3
livenessProbe: # a hung event loop does not answer it; a port would still be open
  grpc: { port: {{ $port }}, service: liveness }
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
{{- end }}

{{- define "stickerdesk.headlessService" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "stickerdesk.fullname" $root }}-{{ $component }}
  labels:
    {{- include "stickerdesk.labels" (list $root $component) | nindent 4 }}
spec:
  clusterIP: None
  selector:
    {{- include "stickerdesk.selector" (list $root $component) | nindent 4 }}
  ports:
    - name: {{ index . 3 }}
      port: {{ index . 2 }}
      targetPort: {{ index . 3 }}
      {{- if eq (index . 3) "grpc" }}
      appProtocol: grpc
      {{- end }}
{{- end }}

{{- define "stickerdesk.pdb" -}}
{{- $root := index . 0 -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "stickerdesk.fullname" $root }}-{{ index . 1 }}
  labels:
    {{- include "stickerdesk.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "stickerdesk.selector" . | nindent 6 }}
{{- end }}
