/// Metrics in Prometheus' text format, for the textfile collector and the Pushgateway.
public struct MetricsText: Sendable {
  /// A label and its value.
  public typealias Label = (name: String, value: String)

  /// The text so far.
  public private(set) var text = ""
  private let common: [Label]

  /// No metrics yet.
  /// - Parameter common: Labels that every sample has.
  public init(_ common: [Label]) {
    self.common = common
  }

  /// Adds a gauge with one sample.
  /// - Parameters:
  ///   - name: The metric's name.
  ///   - help: What it tells, in one line without a backslash.
  ///   - value: Its value.
  public mutating func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
    gauge(name, help, [(labels: [], value: value)])
  }

  /// Adds a gauge with several samples.
  /// - Parameters:
  ///   - name: The metric's name.
  ///   - help: What it tells, in one line without a backslash.
  ///   - samples: Its values, each with labels of its own.
  public mutating func gauge(
    _ name: String, _ help: String, _ samples: [(labels: [Label], value: some CustomStringConvertible)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    for sample in samples { text += "\(series(name, sample.labels)) \(sample.value)\n" }
  }

  /// The value of a gauge with one sample in another text; nil if that text does not have the gauge.
  public func value(of name: String, in other: String) -> String? {
    let start = series(name, []) + " "
    return other.split(separator: "\n").first { $0.hasPrefix(start) }.map {
      String($0.dropFirst(start.count))
    }
  }

  private func series(_ name: String, _ labels: [Label]) -> String {
    let all = (common + labels).map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
    return all.isEmpty ? name : "\(name){\(all.joined(separator: ","))}"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\"", with: "\\\"")
  }
}
