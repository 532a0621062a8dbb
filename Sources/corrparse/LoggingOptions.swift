public import ArgumentParser
public import Logging
import RecordFormats
import SystemPackage

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// How a run logs on stderr.
struct LoggingOptions: ParsableArguments {
  @Option(
    help:
      "The least level that is logged: trace, debug, info, notice, warning, error, critical. Else CORRPARSE_LOG_LEVEL."
  )
  var logLevel: Logger.Level?

  /// The logger that the options ask for.
  func makeLogger() -> Logger {
    let level = logLevel ?? Environment["CORRPARSE_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .info
    var logger = Logger(label: "corrparse") { _ in StandardErrorLogHandler() }
    logger.logLevel = level
    return logger
  }
}

/// One line a message on stderr: `corrparse: error: text key=value`.
private struct StandardErrorLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var text = "\(event.level): \(event.message)"
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(value)" }
    Diagnostics.say(PrintableText.escaped(text))
  }
}
