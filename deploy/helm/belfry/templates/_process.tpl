{{/* Deployment, PodDisruptionBudget and HorizontalPodAutoscaler of a part, serve or worker:
     {root, part, values}. */}}
{{- define "belfry.process" -}}
{{- $name := printf "%s-%s" (include "belfry.fullname" .root) .part -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "belfry.labels" . | nindent 4 }}
spec:
  {{- if not .values.autoscaling.enabled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  selector:
    matchLabels:
      {{- include "belfry.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "belfry.labels" . | nindent 8 }}
      annotations:
        checksum/config: {{ include "belfry.config" .root | sha256sum }}
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "belfry.processPod" . | nindent 6 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels:
    {{- include "belfry.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "belfry.selector" . | nindent 6 }}
{{- if .values.autoscaling.enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels:
    {{- include "belfry.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ $name }}}
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .values.autoscaling.cpuPercent }}}
    {{- with dig "queue" (dict "enabled" false) .values.autoscaling }}
    {{- if .enabled }}
    - type: External
      external:
        metric: {name: {{ .metric }}}
        target: {type: Value, value: {{ .target | quote }}}
    {{- end }}
    {{- end }}
{{- end }}
{{- end -}}

{{- define "belfry.processPod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 75
securityContext:
  {{- include "belfry.podSecurity" .root | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: belfry
    image: {{ include "belfry.image" .root | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: [{{ .part }}]
    env:
      {{- include "belfry.processEnv" . | nindent 6 }}
    ports:
      {{- if eq .part "serve" }}
      - {name: http, containerPort: 8080}
      {{- end }}
      - {name: metrics, containerPort: 9464}
    # Whoever cannot reach the database is not ready, but starting again would not help him.
    startupProbe:
      httpGet: {path: /healthz, port: metrics}
      periodSeconds: 2
      failureThreshold: 60
    livenessProbe:
      httpGet: {path: /healthz, port: metrics}
      periodSeconds: 10
      timeoutSeconds: 3
      failureThreshold: 3
    readinessProbe:
      httpGet: {path: /readyz, port: metrics}
      periodSeconds: 5
      timeoutSeconds: 3
      failureThreshold: 2
    resources:
      {{- toYaml .values.resources | nindent 6 }}
    securityContext:
      {{- include "belfry.containerSecurity" .root | nindent 6 }}
    volumeMounts:
      - {name: config, mountPath: /etc/belfry, readOnly: true}
      - {name: secret, mountPath: /run/secrets/belfry, readOnly: true}
      - {name: tmp, mountPath: /tmp}
      {{- if .root.Values.temporal.tlsSecret }}
      - {name: temporal-tls, mountPath: /run/secrets/temporal, readOnly: true}
      {{- end }}
volumes:
  - name: config
    configMap: {name: {{ include "belfry.fullname" .root }}}
  - name: secret
    secret:
      secretName: {{ include "belfry.secret" .root }}
      defaultMode: 0440
      items:
        - {key: db-dsn, path: db-dsn}
        - {key: secret-key, path: secret-key}
  # Large exports are put together there.
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  {{- with .root.Values.temporal.tlsSecret }}
  - name: temporal-tls
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "belfry.selector" . | nindent 8 }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "belfry.processEnv" -}}
- {name: BELFRY_CONFIG, value: /etc/belfry/belfry.yaml}
- {name: BELFRY_DB_DSN_FILE, value: /run/secrets/belfry/db-dsn}
- {name: BELFRY_SECRET_KEY_FILE, value: /run/secrets/belfry/secret-key}
- {name: BELFRY_TEMPORAL_ADDRESS, value: {{ required "temporal.address is needed: host:port of Temporal's frontend" .root.Values.temporal.address | quote }}}
- {name: BELFRY_TEMPORAL_NAMESPACE, value: {{ .root.Values.temporal.namespace | quote }}}
- {name: BELFRY_TEMPORAL_TASK_QUEUE, value: {{ .root.Values.temporal.taskQueue | quote }}}
- {name: BELFRY_PUBLIC_URL, value: {{ required "publicURL is needed: where people reach Belfry" .root.Values.publicURL | quote }}}
- {name: BELFRY_METRICS_LISTEN, value: ":9464"}
{{- if eq .part "serve" }}
- {name: BELFRY_LISTEN, value: ":8080"}
- {name: BELFRY_DRAIN_DELAY, value: {{ .values.drainDelay | quote }}}
{{- end }}
{{- if .root.Values.temporal.tlsSecret }}
- {name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /run/secrets/temporal/tls.crt}
- {name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /run/secrets/temporal/tls.key}
- {name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: /run/secrets/temporal/ca.crt}
{{- end }}
- {name: GOMEMLIMIT, value: {{ .values.goMemLimit | quote }}}
{{- with .root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
