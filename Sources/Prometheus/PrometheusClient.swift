public import DiagnosticWriter
import Glibc
public import HTTPTransport
public import LogModel

/// Why a Prometheus server gave no observation.
public struct PrometheusFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is; each belongs to one exit code.
  public enum Kind: Sendable, Hashable {
    /// No answer, or none that helps, after bounded retries.
    case unreachable
    /// The server does not let us.
    case forbidden
    /// URL, query, certificate: to be changed.
    case configuration
    /// The server has nothing of what was asked for.
    case noData
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// What happened and what to try.
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// The same, given up after so many tries.
  func givenUp(after tries: Int) -> PrometheusFailure {
    PrometheusFailure(kind, "\(description); \(HTTPFailure.advice(after: tries))")
  }
}

/// Makes infra observations from a Prometheus server.
public struct PrometheusClient {
  private static let attempts = 3

  private let client: HTTPClient
  private let address: HTTPAddress
  /// Hears of inputs that are left out, and why.
  private let warn: (String) -> Void

  /// A client.
  /// - Parameters:
  ///   - client: Asks.
  ///   - address: The server's base URL.
  ///   - warn: Hears of inputs that are left out, and why.
  public init(_ client: HTTPClient, _ address: HTTPAddress, warn: @escaping (String) -> Void) {
    self.client = client
    self.address = address
    self.warn = warn
  }

  /// Asks for every input as of one instant.
  ///
  /// An input without a value, or with one out of its range, is left out. Counts are rounded, since `increase` extrapolates;
  /// percentages are rounded to six places, so that a threshold is not passed by the rounding errors of binary numbers.
  /// - Parameters:
  ///   - queries: What to ask.
  ///   - time: The instant.
  /// - Returns: An observation with at least one of the values that are judged.
  /// - Throws: Why there is none.
  public func observe(_ queries: InfraQueries, at time: LogTime) throws(PrometheusFailure) -> InfraObservation
  {
    var observation = InfraObservation(observedAt: time, origin: "prometheus " + address.host)
    observation.oomKills = try count("oom_kills", queries.oomKills, time)
    observation.podsDown = try count("pods_down", queries.podsDown, time)
    observation.pvcPercent = try percent("pvc_pct", queries.pvcPercent, time)
    observation.cpuPercent = try percent("cpu_pct", queries.cpuPercent, time)
    observation.memoryPercent = try percent("memory_pct", queries.memoryPercent, time)
    // Memory alone tells nothing of infra_health.
    guard
      observation.oomKills != nil || observation.podsDown != nil || observation.pvcPercent != nil
        || observation.cpuPercent != nil
    else {
      throw PrometheusFailure(
        .noData,
        "\(address) has no data for any of the queries: are kube-state-metrics and the kubelet scraped? "
          + "Else give queries of your own")
    }
    return observation
  }

  private func count(_ name: String, _ query: String, _ time: LogTime) throws(PrometheusFailure) -> Int64? {
    guard let value = try value(name, query, time) else { return nil }
    guard value >= 0, value < 1e15 else { return leaveOut(name, value) }
    return Int64(value.rounded())
  }

  private func percent(_ name: String, _ query: String, _ time: LogTime) throws(PrometheusFailure)
    -> ExactDecimal?
  {
    guard let value = try value(name, query, time) else { return nil }
    let millionths = (value * 1_000_000).rounded()
    guard millionths >= 0, millionths <= 100_000_000 else { return leaveOut(name, value) }
    return ExactDecimal(coefficient: Int128(millionths), scale: 6)
  }

  private func leaveOut<Value>(_ name: String, _ value: Double) -> Value? {
    warn("\(name): \(value) is out of its range and left out")
    return nil
  }

  private func value(_ name: String, _ query: String, _ time: LogTime) throws(PrometheusFailure) -> Double? {
    switch try ask(query, time) {
    case .value(let value) where value.isNaN:
      warn("\(name): the server's value is not a number and left out")
      return nil
    case .value(let value): return value
    case .empty:
      warn("\(name): \(address) has no data for it")
      return nil
    case .several(let count):
      throw PrometheusFailure(
        .configuration, "\(name): the query gives \(count) series; aggregate them to one: \(query)")
    case .failed(let reason):
      throw PrometheusFailure(.configuration, "\(name): the server refuses the query: \(reason): \(query)")
    }
  }

  private func ask(_ query: String, _ time: LogTime) throws(PrometheusFailure) -> InstantAnswer {
    var attempt = 1
    while true {
      do throws(PrometheusFailure) {
        return try askOnce(query, time)
      } catch {
        guard error.kind == .unreachable else { throw error }
        guard attempt < Self.attempts else { throw error.givenUp(after: attempt) }
        usleep(UInt32(500_000 << (attempt - 1)))
        attempt += 1
      }
    }
  }

  private func askOnce(_ query: String, _ time: LogTime) throws(PrometheusFailure) -> InstantAnswer {
    let response: HTTPResponse
    do throws(HTTPFailure) {
      response = try client.get(
        address, "/api/v1/query",
        query: [(name: "query", value: query), (name: "time", value: time.description)])
    } catch {
      throw PrometheusFailure(
        error.kind == .unreachable ? .unreachable : .configuration,
        "\(address): \(error)" + (error.certificateAdvice.map { "; " + $0 } ?? ""))
    }
    switch response.status {
    case 401, 403:
      throw PrometheusFailure(
        .forbidden, "\(address) answers \(response.status): give a token by --bearer-token-file")
    case 429, 500...599:
      throw PrometheusFailure(.unreachable, "\(address) answers \(response.status)")
    default:
      guard let answer = InstantAnswer(response.body) else {
        throw PrometheusFailure(
          .configuration,
          "\(address) answers \(response.status) and not as a Prometheus server does: is that its base URL?")
      }
      return answer
    }
  }
}
