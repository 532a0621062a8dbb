{{/* The name of all objects: that of the release, with corrparse in it. Kubernetes adds up to 24 characters for a DAG or a job. */}}
{{- define "corrparse.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "corrparse" $name) }}{{ $name = printf "%s-corrparse" $name }}{{ end -}}
{{- $name | trunc 28 | trimSuffix "-" -}}
{{- end }}

{{- define "corrparse.labels" -}}
app.kubernetes.io/name: corrparse
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "corrparse.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What every job does when its pod fails; .own: exit codes that are one shard's matter. */}}
{{- define "corrparse.failures" -}}
podFailurePolicy:
  rules:
    # A drained node is nobody's failure.
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
    {{- if .shard }}
    # A damaged log after everything else of the shard was stored (65), a bug (70): this shard is not tried again, the others go on.
    - action: FailIndex
      onExitCodes:
        containerName: corrparse
        operator: In
        values: [65, 70]
    {{- end }}
    # Trying again changes nothing: wrong usage (64), a damaged log (65), a bug (70), missing rights (77), configuration or schema (78).
    - action: FailJob
      onExitCodes:
        containerName: corrparse
        operator: In
        values: {{ if .shard }}[64, 71, 77, 78]{{ else }}[64, 65, 70, 71, 77, 78]{{ end }}
{{- end }}

{{/* The settings that other values say. */}}
{{- define "corrparse.ownSettings" -}}
CORRPARSE_LOG_ROOT: {{ .Values.bucket.url | default "/logs" | quote }}
CORRPARSE_SINCE: {{ .Values.since | quote }}
{{- if .Values.bucket.url }}
{{- with .Values.bucket.region }}
AWS_REGION: {{ . | quote }}
{{- end }}
{{- with .Values.bucket.endpoint }}
AWS_ENDPOINT_URL_S3: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/*
A pod. root: the chart's context; component; account; args, env: lists; resources; key: that of the secret; reads: whether it
reads logs; asks: whether it talks to servers besides the database; secret: one whose variables the program reads, if there is one.
*/}}
{{- define "corrparse.pod" -}}
{{- $values := .root.Values -}}
{{- $claim := and .reads $values.logs.claim -}}
metadata:
  labels:
    {{- include "corrparse.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ .account }}
  automountServiceAccountToken: false
  # The program ends within 20 s of SIGTERM.
  terminationGracePeriodSeconds: 45
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    {{- if and $claim (not (kindIs "invalid" $values.logs.group)) }}
    supplementalGroups: [{{ $values.logs.group }}]
    {{- end }}
    seccompProfile:
      type: RuntimeDefault
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- if .reads }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  containers:
    - name: corrparse
      image: {{ include "corrparse.image" .root }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command: ["/usr/local/bin/corrparse"]
      args: {{ toJson .args }}
      envFrom:
        - configMapRef:
            name: {{ include "corrparse.name" .root }}-settings
        {{- if .asks }}
        # Variables that hold a password, if there are any.
        - secretRef:
            name: {{ $values.settingsSecret }}
            optional: true
        {{- end }}
        {{- if and .reads $values.bucket.url }}
        - secretRef:
            name: {{ $values.bucket.secret }}
            # Where pods have an identity there is none.
            optional: true
        {{- end }}
        {{- with .secret }}
        - secretRef:
            name: {{ . }}
            optional: true
        {{- end }}
      env:
        {{- range .env }}
        - name: {{ .name }}
          value: {{ .value | quote }}
        {{- end }}
        - name: DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ $values.database.secret }}
              key: {{ .key }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: ["ALL"]
      volumeMounts:
        {{- if $claim }}
        - name: logs
          mountPath: /logs
          readOnly: true
        {{- end }}
        - name: database-ca
          mountPath: /etc/corrparse
          readOnly: true
  volumes:
    {{- if $claim }}
    - name: logs
      persistentVolumeClaim:
        claimName: {{ $values.logs.claim }}
        readOnly: true
    {{- end }}
    - name: database-ca
      configMap:
        name: {{ $values.database.ca }}
        optional: true
{{- end }}

{{/* A rule of a network policy. to: peers, none for any address; port: as it is given, else that of url, else the usual one. */}}
{{- define "corrparse.egress" -}}
{{- $port := .port -}}
{{- if and .url (not $port) }}{{ $port = include "corrparse.portOf" .url }}{{ end -}}
- ports:
    - protocol: TCP
      port: {{ $port | default .usual }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* The rules of the name service and of PostgreSQL. */}}
{{- define "corrparse.databaseEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{ include "corrparse.egress" (dict "usual" .Values.networkPolicy.databasePort "to" .Values.networkPolicy.databaseTo) }}
{{- end }}

{{/* The port of a URL: as it says, else its scheme's. */}}
{{- define "corrparse.portOf" -}}
{{- $host := regexReplaceAll "^[A-Za-z]+://([^/?#]*@)?([^/?#]*).*$" . "${2}" -}}
{{- regexFind ":[0-9]+$" $host | trimPrefix ":" | default (ternary "80" "443" (hasPrefix "http://" (lower .))) -}}
{{- end }}

{{/* The resources of pods that read no logs. */}}
{{- define "corrparse.small" -}}
requests: {cpu: 100m, memory: 64Mi, ephemeral-storage: 16Mi}
limits: {cpu: "1", memory: 128Mi, ephemeral-storage: 64Mi}
{{- end }}
