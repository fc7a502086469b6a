{{/* Names, labels, and what all pods have in common. */}}

{{- define "belfry.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains "belfry" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-belfry" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What never changes, since selectors cannot: {root, part}. */}}
{{- define "belfry.selector" -}}
app.kubernetes.io/name: belfry
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "belfry.labels" -}}
{{ include "belfry.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "belfry.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ printf "%s@%s" .repository .digest }}
{{- else -}}
{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "belfry.secret" -}}
{{ required "existingSecret is needed: the name of a Secret with db-dsn, migrate-db-dsn and secret-key" .Values.existingSecret }}
{{- end -}}

{{/* The configuration file; Belfry itself says which keys it does not know. */}}
{{- define "belfry.config" -}}
{{- if .Values.config }}{{ toYaml .Values.config }}{{ else }}{}{{ end }}
{{- end -}}

{{- define "belfry.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "belfry.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* A Job's pod: {root, part, keys of the Secret, args, env, resources}. It stands on nothing
     of the chart, since hooks run before the chart's own objects are there. */}}
{{- define "belfry.jobPod" -}}
metadata:
  labels:
    {{- include "belfry.labels" . | nindent 4 }}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- include "belfry.podSecurity" .root | nindent 4 }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .part }}
      image: {{ include "belfry.image" .root | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      env:
        {{- range .env }}
        - {name: {{ .name }}, value: {{ .value | quote }}}
        {{- end }}
      resources:
        {{- toYaml .root.Values.migrate.resources | nindent 8 }}
      securityContext:
        {{- include "belfry.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        - {name: secret, mountPath: /run/secrets/belfry, readOnly: true}
  volumes:
    - name: secret
      secret:
        secretName: {{ include "belfry.secret" .root }}
        defaultMode: 0440
        items:
          {{- range .keys }}
          - {key: {{ . }}, path: {{ . }}}
          {{- end }}
{{- end -}}
