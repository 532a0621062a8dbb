import ArgumentParser
import LogModel
import Logging
import Synchronization
import SystemPackage

/// Standard error: one line a message for people, escaped here and nowhere else; or one JSON object a message, for pods whose output a
/// collector reads. The only thing that a terminal obeys is the clearing of the program's own status line.
enum Diagnostics {
  /// How messages are written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  /// The severity of a message of the program's own: those of a logger's levels that are used.
  enum Severity: String {
    case info, notice, warning, error
  }

  private struct State {
    /// The status line, kept so that it can be drawn again below a message.
    var status = ""
    var format = Format.text
  }

  /// Identifies this run of the program in every line of JSON: 16 random hexadecimal digits.
  static let runID: String = {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }()

  private static let variable = "CORRPARSE_LOG_FORMAT"
  private static let state = Mutex(State())
  private static let clearing = "\r\u{1B}[K"

  /// How messages are written.
  static var format: Format { state.withLock { $0.format } }

  /// Takes the format from the arguments, else from the environment. This comes before the arguments are parsed, because a message can be
  /// about them.
  ///
  /// - Throws: A configuration error if the environment has an unknown format.
  static func configure(_ arguments: [String]) throws(ExitCode) {
    let given = value(of: "--log-format", in: arguments)
    guard let text = given ?? Environment[variable] else { return }
    if let format = Format(rawValue: text) {
      state.withLock { $0.format = format }
    } else if given == nil {
      // If the format is from an argument, the parser reports it.
      say("\(variable) is text or json, not '\(SecretArgument.shown(text))'")
      throw ExitStatus.configuration.exit
    }
  }

  /// The last value that arguments give an option, right or wrong. Nil if they do not have the option.
  static func value(of option: String, in arguments: [String]) -> String? {
    let options = arguments.prefix { $0 != "--" }
    var given: String?
    for (argument, next) in zip(options, options.dropFirst() + [""]) {
      if argument == option { given = next }
      if argument.hasPrefix(option + "=") { given = String(argument.dropFirst(option.count + 1)) }
    }
    return given
  }

  /// Says something in one line. Where standard error cannot be written to, nobody can be told.
  static func say(_ message: String, _ severity: Severity = .error) {
    write(["corrparse: " + message], json: { line(message, severity.rawValue) })
  }

  /// Writes a logger's message. The text form has the level before the message and `key=value` pairs in parentheses after it.
  static func log(_ message: String, _ level: Logger.Level, _ values: [(key: String, value: String)]) {
    let pairs = values.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    let all = pairs.isEmpty ? "" : " (\(pairs))"
    write(["corrparse: \(level): \(message)\(all)"], json: { line(message, level.rawValue, values) })
  }

  /// Writes a text of several lines.
  static func write(_ lines: [String]) {
    write(lines, json: { line(lines.joined(separator: "\n"), Severity.error.rawValue) })
  }

  /// Replaces the status line on a terminal. An empty line removes it.
  static func showStatus(_ line: String) {
    let line = PrintableText.escaped(line)
    state.withLock { state in
      if state.status.isEmpty, line.isEmpty { return }
      state.status = line
      send(clearing + line)
    }
  }

  private static func write(_ lines: [String], json: () -> String) {
    state.withLock { state in
      if state.format == .json { return send(json()) }
      let text = lines.map(PrintableText.escaped).joined(separator: "\n")
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
