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

  @OptionGroup var certificates: CertificatesOption

  /// Metrics never decide how a run ends, so whatever can be seen to be wrong is said before the run.
  func validate() throws {
    try ConnectionStringAsPath.refuse(in: [metricsFile].compactMap(\.self))
    if let metricsFile, let obstacle = ReplacedFile(RawArguments.path(metricsFile)).obstacle {
      throw ValidationError("--metrics-file: \(obstacle)")
    }
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

  /// The gateway that counts.
  var gateway: String? { pushgateway ?? Environment[Self.variable] }
}
