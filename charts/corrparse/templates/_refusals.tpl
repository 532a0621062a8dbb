{{/* Values that are refused here and not by values.schema.json, so that the refusal can say what to do. It writes nothing. */}}
{{- define "corrparse.refusals" -}}
{{- $values := .Values -}}
{{- if not $values.image.repository }}
{{- fail "image.repository is empty: name where you have pushed the image that you built (docs/deployment.md, The image)" }}
{{- end }}
{{- if eq $values.image.tag "latest" }}
{{- fail "image.tag is latest, which names another program every day: give a version, or leave it empty for that of the chart" }}
{{- end }}
{{- range $name, $age := dict "since" $values.since "years.since" $values.years.since }}
{{- if regexMatch "^0+[mhdw]$" (toString $age) }}
{{- fail (printf "%s is %s, an age of nothing, so no log would be read: give how far back to look, such as 2d" $name $age) }}
{{- end }}
{{- end }}
{{- $before := toString $values.prune.before }}
{{- if and $values.prune.enabled (regexMatch "^[0-9]+[mhdw]$" $before) }}
{{- $hours := get (dict "m" 0.0166667 "h" 1.0 "d" 24.0 "w" 168.0) (regexFind "[mhdw]$" $before) }}
{{- if lt (mulf (float64 (regexFind "^[0-9]+" $before)) $hours) 912.0 }}
{{- fail (printf "prune.before is %s, and signals are judged by the last 38 days: give 38d at least" $before) }}
{{- end }}
{{- end }}
{{- include "corrparse.refusedSettings" . }}
{{- include "corrparse.refusedAddresses" . }}
{{- end }}

{{/* Where a password goes that stands among the settings. */}}
{{- define "corrparse.secretFor" -}}
{{- $values := .values -}}
{{- if contains "DATABASE_URL" .name -}}
into the secret {{ $values.database.secret }} (docs/deployment.md, The secret)
{{- else if hasPrefix "PG" .name -}}
into the connection string, {{ $values.database.key }} of the secret {{ $values.database.secret }}
{{- else if hasPrefix "AWS_" .name -}}
into the secret {{ $values.bucket.secret }} (bucket.secret)
{{- else if hasPrefix "MLFLOW_" .name -}}
into the secret {{ $values.mlflow.secret }} (mlflow.secret)
{{- else -}}
into the secret {{ $values.settingsSecret }} (settingsSecret; docs/deployment.md, The secret)
{{- end -}}
{{- end }}

{{/* Settings with a password, and those that the chart writes itself, here or as a variable of a pod. */}}
{{- define "corrparse.refusedSettings" -}}
{{- $values := .Values -}}
{{- $written := include "corrparse.ownSettings" . | fromYaml -}}
{{- $own := dict
      "CORRPARSE_LOG_ROOT" "logs.claim or bucket.url"
      "CORRPARSE_SINCE" "since"
      "AWS_REGION" "bucket.region"
      "AWS_ENDPOINT_URL_S3" "bucket.endpoint" }}
{{- $ofPods := dict
      "PROMETHEUS_URL" "observe.url"
      "MLFLOW_TRACKING_URI" "mlflow.url"
      "CORRPARSE_PRUNE_BEFORE" "prune.before"
      "CORRPARSE_BACKFILL_SINCE" "years.since"
      "SHARDS" "years.shards"
      "JOB_COMPLETION_INDEX" "years.shards" }}
{{- range $name, $value := $values.settings }}
{{- $cure := include "corrparse.secretFor" (dict "values" $values "name" $name) }}
{{- if regexMatch "(?i)PASSW|SECRET|TOKEN|DATABASE_URL" $name }}
{{- fail (printf "settings.%s would stand in a ConfigMap, for everybody to read: put it %s" $name $cure) }}
{{- end }}
{{- $further := include "corrparse.secretFor" (dict "values" $values "name" "") }}
{{- if regexMatch "://[^/?#[:space:]]*@" $value }}
{{- fail (printf "settings.%s is a URL with a user, and would stand in a ConfigMap, for everybody to read: put it %s" $name $further) }}
{{- end }}
{{- if regexMatch "(^|[[:space:],;='\"])[^/?#@:[:space:]]+:[^/?#@[:space:]]*@[^[:space:]]" $value }}
{{- fail (printf "settings.%s has a user and a password, and would stand in a ConfigMap, for everybody to read: put it %s" $name $further) }}
{{- end }}
{{- if regexMatch "(?i)(passw(or)?d|secret|token)[[:space:]]*=" $value }}
{{- fail (printf "settings.%s has a password in it, and would stand in a ConfigMap, for everybody to read: put it %s" $name $cure) }}
{{- end }}
{{- if or (hasKey $written $name) (hasKey $ofPods $name) }}
{{- fail (printf "settings.%s would be said twice, since the chart sets it: give it as %s" $name (get (merge $own $ofPods) $name)) }}
{{- end }}
{{- end }}
{{- $gateway := get ($values.settings | default dict) "CORRPARSE_PUSHGATEWAY" }}
{{- if not (regexMatch "^$|^https?://." $gateway) }}
{{- fail "settings.CORRPARSE_PUSHGATEWAY is no http:// or https:// address, and no log would be read: give one, as http://pushgateway:9091" }}
{{- end }}
{{- end }}

{{/* Addresses with a user in them or with a port that is none. */}}
{{- define "corrparse.refusedAddresses" -}}
{{- $values := .Values -}}
{{- $keys := include "corrparse.secretFor" (dict "values" $values "name" "AWS_") }}
{{- $further := include "corrparse.secretFor" (dict "values" $values "name" "") }}
{{- $logins := printf "as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD into the secret %s (mlflow.secret)" $values.mlflow.secret }}
{{- $cures := dict
      "observe.url" (printf "leave it empty and put it as PROMETHEUS_URL %s" $further)
      "mlflow.url" (printf "give it without them, and put them %s" $logins)
      "mlflow.linkUrl" "give it without them, since a browser asks for them"
      "bucket.endpoint" (printf "give it without them, and put the keys %s" $keys)
      "bucket.url" (printf "give it without them, and put the keys %s" $keys) }}
{{- $addresses := dict }}
{{- range $name, $cure := $cures }}
{{- $path := splitList "." $name }}
{{- $address := toString (get (get $values (first $path)) (last $path)) }}
{{- if regexMatch "^[A-Za-z0-9]+://[^/?#]*@" $address }}
{{- fail (printf "%s has a user in it, and would stand in a manifest, for everybody to read: %s" $name $cure) }}
{{- end }}
{{- $_ := set $addresses $name $address }}
{{- end }}
{{- range $name := list "CORRPARSE_PUSHGATEWAY" "AWS_ENDPOINT_URL_S3" "AWS_ENDPOINT_URL" }}
{{- $_ := set $addresses (printf "settings.%s" $name) (get ($values.settings | default dict) $name) }}
{{- end }}
{{- range $name, $address := $addresses }}
{{- if regexMatch "^https?://" $address }}
{{- $port := int64 (include "corrparse.portOf" $address) }}
{{- if or (lt $port 1) (gt $port 65535) }}
{{- fail (printf "%s has the port %d, and ports are 1 to 65535" $name $port) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
