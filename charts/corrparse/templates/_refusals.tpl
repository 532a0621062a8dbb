{{/* Values that are refused here and not by values.schema.json, so that the refusal can say what to do. It writes nothing. */}}
{{- define "corrparse.refusals" -}}
{{- $values := .Values -}}
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
{{- $further := printf "into the secret %s (settingsSecret; docs/deployment.md, The secret)" $values.settingsSecret }}
{{- $keys := printf "into the secret %s (bucket.secret)" $values.bucket.secret }}
{{- $logins := printf "as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD into the secret %s (mlflow.secret)" $values.mlflow.secret }}
{{- $database := printf "into the connection string, %s of the secret %s" $values.database.key $values.database.secret }}
{{- range $name, $value := $values.settings }}
{{- if regexMatch "PASSWORD|SECRET|TOKEN|DATABASE_URL" $name }}
{{- $cure := $further }}
{{- if hasPrefix "PG" $name }}{{ $cure = $database }}{{ end }}
{{- if contains "DATABASE_URL" $name }}{{ $cure = printf "into the secret %s (docs/deployment.md, The secret)" $values.database.secret }}{{ end }}
{{- if hasPrefix "AWS_" $name }}{{ $cure = $keys }}{{ end }}
{{- if hasPrefix "MLFLOW_" $name }}{{ $cure = printf "into the secret %s (mlflow.secret)" $values.mlflow.secret }}{{ end }}
{{- fail (printf "settings.%s would stand in a ConfigMap, for everybody to read: put it %s" $name $cure) }}
{{- end }}
{{- if regexMatch "://[^/?#[:space:]]*@" $value }}
{{- fail (printf "settings.%s is a URL with a user, and would stand in a ConfigMap, for everybody to read: put it %s" $name $further) }}
{{- end }}
{{- end }}
{{- $cures := dict
      "observe.url" (printf "leave it empty and put it as PROMETHEUS_URL %s" $further)
      "mlflow.url" (printf "give it without them, and put them %s" $logins)
      "mlflow.linkUrl" "give it without them, since a browser asks for them"
      "bucket.endpoint" (printf "give it without them, and put the keys %s" $keys)
      "bucket.url" (printf "give it without them, and put the keys %s" $keys) }}
{{- range $name, $cure := $cures }}
{{- $path := splitList "." $name }}
{{- if regexMatch "^[A-Za-z0-9]+://[^/?#]*@" (toString (get (get $values (first $path)) (last $path))) }}
{{- fail (printf "%s has a user in it, and would stand in a manifest, for everybody to read: %s" $name $cure) }}
{{- end }}
{{- end }}
{{- end }}
