import ArgumentParser
import HTTPTransport

/// Where the figures of a run go besides its summary.
struct MetricsOptions: ParsableArguments {
  private static let variable = "CORRPARSE_PUSHGATEWAY"

  @Option(
    help: ArgumentHelp(
      "Write the summary as Prometheus text to this file, for the textfile collector, when the run ends in whatever way.",
      valueName: "file"))
  var metricsFile: String?

  @Option(
    help: ArgumentHelp(
      "Push the same to the Pushgateway at this base URL; else CORRPARSE_PUSHGATEWAY. User and password in it are used and never shown.",
      valueName: "url"))
  var pushgateway: String?

  @Option(
    help: ArgumentHelp(
      "A label of the group in the Pushgateway, as environment=staging, so that environments that share one do not replace each other's metrics; may be given several times.",
      valueName: "name=value"))
  var pushgatewayLabel: [String] = []

  @OptionGroup var certificates: CertificatesOption

  /// Metrics never decide how a run ends, so whatever can be seen to be wrong is said before the run.
  func validate() throws {
    try ConnectionStringAsPath.refuse(in: [metricsFile].compactMap(\.self))
    if let metricsFile, let obstacle = ReplacedFile(RawArguments.path(metricsFile)).obstacle {
      throw ValidationError("--metrics-file: \(obstacle)")
    }
    _ = try labels()
    guard let gateway else { return }
    let address: HTTPAddress
    do throws(HTTPFailure) {
      address = try HTTPAddress(gateway)
    } catch {
      guard pushgateway == nil else { throw ValidationError("--pushgateway: \(error)") }
      Diagnostics.say("\(Self.variable): \(error)")
      throw ExitStatus.configuration.exit
    }
    try certificates.requireUsable(for: address)
  }

  /// The labels that the option gives, which make a group of their own.
  /// - Throws: A usage error for what is no label, and for one that the program sets.
  func labels() throws -> [(name: String, value: String)] {
    try pushgatewayLabel.map { label in
      let parts = label.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let first = parts[0].utf8.first, !(0x30...0x39).contains(first),
        parts[0].utf8.allSatisfy({ UInt8(ascii: "_") == $0 || Self.isLetterOrDigit($0) }),
        parts[1].utf8.allSatisfy({ Self.signs.contains($0) || Self.isLetterOrDigit($0) })
      else {
        throw ValidationError(
          "--pushgateway-label takes NAME=VALUE of letters, digits and _, in the value . and - too, not \(label)"
        )
      }
      guard !["job", "command", "shard", "instance"].contains(parts[0]) else {
        throw ValidationError("--pushgateway-label: \(parts[0]) is a label of the program's own")
      }
      return (parts[0], parts[1])
    }
  }

  private static let signs = Set("_.-".utf8)

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// The gateway that counts.
  var gateway: String? { pushgateway ?? Environment[Self.variable] }
}
