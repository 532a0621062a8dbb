import ArgumentParser
import LogModel
import Logging
import RecordFormats
import Synchronization
import SystemPackage

/// Standard error: one line a message for people, nothing a terminal would obey but the program's own status line; or one JSON
/// object a message, for pods whose output a collector reads.
enum Diagnostics {
  /// How messages are written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  /// How much a message of the program's own is to worry its reader: of a logger's levels the ones that are used.
  enum Severity: String {
    case info, notice, warning, error
  }

  private struct State {
    /// The line that is drawn over, kept to be drawn again below what is said.
    var status = ""
    var format = Format.text
  }

  /// Names this run of the program in every line of JSON: 16 hexadecimal digits, other ones each time.
  static let runID: String = {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }()

  private static let variable = "CORRPARSE_LOG_FORMAT"
  private static let state = Mutex(State())
  private static let clearing = "\r\u{1B}[K"

  /// How messages are written.
  static var format: Format { state.withLock { $0.format } }

  /// Takes the format from the arguments, else from the environment. Before they are parsed, as a message may be about them.
  ///
  /// - Throws: A configuration error when the environment has a format that is none.
  static func configure(_ arguments: [String]) throws(ExitCode) {
    let given = value(of: "--log-format", in: arguments)
    guard let text = given ?? Environment[variable] else { return }
    if let format = Format(rawValue: text) {
      state.withLock { $0.format = format }
    } else if given == nil {
      // Of an argument the parser says it.
      say("\(variable) is text or json, not '\(SecretArgument.shown(text))'")
      throw ExitStatus.configuration.exit
    }
  }

  /// The last value that arguments give an option, right or wrong; nil where they give none.
  static func value(of option: String, in arguments: [String]) -> String? {
    let options = arguments.prefix { $0 != "--" }
    var given: String?
    for (argument, next) in zip(options, options.dropFirst() + [""]) {
      if argument == option { given = next }
      if argument.hasPrefix(option + "=") { given = String(argument.dropFirst(option.count + 1)) }
    }
    return given
  }

  /// Says something; a standard error that cannot be written to is nobody's to hear of.
  static func say(_ message: String, _ severity: Severity = .error) {
    write("corrparse: " + message, json: { line(message, severity.rawValue) })
  }

  /// Says what a logger says: in text with its level before it and `key=value` after it.
  static func log(_ message: String, _ level: Logger.Level, _ values: [(key: String, value: String)]) {
    let all = values.map { " \($0.key)=\($0.value)" }.joined()
    write(
      PrintableText.escaped("corrparse: \(level): \(message)\(all)"),
      json: { line(message, level.rawValue, values) })
  }

  /// Writes a text of one or more lines.
  static func write(_ text: String) {
    write(text, json: { line(text, Severity.error.rawValue) })
  }

  /// Shows a status line on a terminal in place of the last one; an empty one takes it away.
  static func showStatus(_ line: String) {
    state.withLock { state in
      if state.status.isEmpty, line.isEmpty { return }
      state.status = line
      send(clearing + line)
    }
  }

  private static func write(_ text: String, json: () -> String) {
    state.withLock { state in
      if state.format == .json { return send(json()) }
      send(state.status.isEmpty ? text + "\n" : clearing + text + "\n" + state.status)
    }
  }

  private static func line(
    _ message: String, _ level: String, _ values: [(key: String, value: String)] = []
  ) -> String {
    JSONWriter.text(.escaped) { json in
      json.beginObject()
      json.member("time", LogTime.now.description)
      json.member("level", level)
      json.member("run_id", runID)
      json.member("message", message)
      if !values.isEmpty {
        json.key("context")
        json.beginObject()
        for value in values {
          json.key(given: value.key)
          json.value(value.value)
        }
        json.endObject()
      }
      json.endObject()
      json.endLine()
    }
  }

  private static func send(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }
}
