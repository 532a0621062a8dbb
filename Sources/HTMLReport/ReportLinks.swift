/// Where the tools are to which a report can lead. Without an address there is no link.
public struct ReportLinks: Sendable, Hashable {
  /// Base URLs without a slash at the end.
  let grafana, airflow, mlflow: String?

  /// Links to the tools whose base URLs are given.
  public init(grafana: String? = nil, airflow: String? = nil, mlflow: String? = nil) {
    func base(_ url: String?) -> String? {
      url.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }
    self.grafana = base(grafana)
    self.airflow = base(airflow)
    self.mlflow = base(mlflow)
  }

  /// Whether a text can be such a base URL.
  public static func isUsable(_ url: String) -> Bool {
    ["http://", "https://"].contains { url.hasPrefix($0) && url.count > $0.count }
      && url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
  }

  /// The tools with their addresses, for the head of the page.
  var tools: [(name: String, url: String)] {
    [
      ("Grafana", grafana.map { $0 + "/d/corrparse-overview" }), ("Airflow", airflow), ("MLflow", mlflow),
    ].compactMap { name, url in url.map { (name: name, url: $0) } }
  }

  /// The drill-down of a run, in Grafana.
  func run(_ dagID: String, _ runID: String) -> String? {
    grafana.map {
      "\($0)/d/corrparse-run?var-dag=\(Self.encoded(dagID))&var-run=\(Self.encoded(runID))&from=now-90d&to=now"
    }
  }

  /// A DAG, in Airflow.
  func dag(_ dagID: String) -> String? {
    airflow.map { "\($0)/dags/\(Self.encoded(dagID))" }
  }

  /// Percent-encoded but for what RFC 3986 leaves as it is.
  private static func encoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { made, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        made.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        made.append("%")
        made.append(hex[Int(byte >> 4)])
        made.append(hex[Int(byte & 15)])
      }
    }
  }
}
