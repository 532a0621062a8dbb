public import ArgumentParser
public import Logging

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// How a run logs on stderr.
struct LoggingOptions: ParsableArguments {
  @Option(
    help:
      "The least level that is logged: trace, debug, info, notice, warning, error, critical. Else CORRPARSE_LOG_LEVEL."
  )
  var logLevel: Logger.Level?
  @Option(
    help: ArgumentHelp(
      "How messages are written on stderr: text, or json, one object a line with the run's id. Else CORRPARSE_LOG_FORMAT.",
      valueName: "text|json"))
  var logFormat: Diagnostics.Format?

  private static let variable = "CORRPARSE_LOG_LEVEL"

  /// Refuses an unknown level in the environment, unless an argument gives a level.
  ///
  /// - Throws: A configuration error.
  static func refuseUnknownLevel(_ arguments: [String]) throws(ExitCode) {
    guard Diagnostics.value(of: "--log-level", in: arguments) == nil, let text = Environment[variable],
      Logger.Level(rawValue: text) == nil
    else { return }
    let levels = Logger.Level.allCases.map(\.rawValue)
    Diagnostics.say(
      "\(variable) is \(levels.dropLast().joined(separator: ", ")) or \(levels.last ?? ""), not '\(SecretArgument.shown(text))'"
    )
    throw ExitStatus.configuration.exit
  }

  /// The logger that the options ask for.
  func makeLogger() -> Logger {
    let level = logLevel ?? Environment[Self.variable].flatMap { Logger.Level(rawValue: $0) } ?? .info
    var logger = Logger(label: "corrparse") { _ in StandardErrorLogHandler() }
    logger.logLevel = level
    return logger
  }
}

/// One line a message on stderr: `corrparse: error: text key=value`, or JSON.
private struct StandardErrorLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    Diagnostics.log(
      "\(event.message)", event.level,
      all.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") })
  }
}
