public import HTTPTransport

/// Gives metrics to a Pushgateway, for Prometheus to fetch from there.
public struct Pushgateway {
  private let client: HTTPClient
  private let address: HTTPAddress

  /// A gateway.
  /// - Parameters:
  ///   - url: Its base URL; user and password in it are used and never shown.
  ///   - certificates: A PEM file with the authorities to trust; nil for the system's.
  ///   - timeout: Seconds that the request may take.
  ///   - userAgent: Who pushes: program and version.
  /// - Throws: `invalid` for a URL that is none.
  public init(_ url: String, certificates: String?, timeout: Int, userAgent: String) throws(HTTPFailure) {
    var settings = HTTPClient.Settings()
    settings.timeout = timeout
    settings.certificates = certificates
    client = try HTTPClient(settings, userAgent: userAgent)
    address = try HTTPAddress(url)
  }

  /// Replaces the metrics of these names in a group; others of the group stay as they are (a POST: by a PUT the time of the
  /// last success would be gone after a failure).
  /// - Parameters:
  ///   - metrics: The metrics.
  ///   - job: The group's job.
  ///   - group: The group's labels after `job`, without slashes.
  /// - Returns: What went wrong, in one sentence; nil when nothing did.
  public func push(_ metrics: MetricsText, job: String, group: [MetricsText.Label]) -> String? {
    let labels = group.map { "/\($0.name)/\($0.value)" }.joined()
    do throws(HTTPFailure) {
      let response = try client.post(
        address, "/metrics/job/\(job)\(labels)", body: Array(metrics.text.utf8),
        type: "text/plain; version=0.0.4; charset=utf-8")
      if (200...299).contains(response.status) { return nil }
      let reason = String(decoding: response.body.prefix(200).prefix { $0 != 0x0A }, as: UTF8.self)
      return "\(address) answers \(response.status)\(reason.isEmpty ? "" : ": " + reason)"
    } catch {
      return "\(address): \(error)" + (error.certificateAdvice.map { "; " + $0 } ?? "")
    }
  }
}
