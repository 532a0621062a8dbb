import ArgumentParser

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

  func validate() throws { try ConnectionStringAsPath.refuse(in: [metricsFile].compactMap(\.self)) }

  /// The gateway that counts.
  var gateway: String? { pushgateway ?? Environment[Self.variable] }
}
