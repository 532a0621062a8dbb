/// What surrounds a log's messages (2-log-envelopes, Envelopes). Raw values are the names of that page.
public enum LogEnvelope: String, CaseIterable, Sendable, Hashable {
  case airflow2Text = "airflow2-text"
  case airflow3JSON = "airflow3-json"
  case airflow2JSON = "airflow2-json"
  case apiJSON = "api-json"
  case airflow3Console = "airflow3-console"
  case uiDownload = "ui-download"
  case cri
  case dockerJSON = "docker-json"
  case custom
  case bare
}
