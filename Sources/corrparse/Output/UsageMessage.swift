import ArgumentParser
import LogModel
import ObjectStore

/// The parser's messages repeat what was typed. A terminal must not obey it, and a password in it is not for the
/// screen or a log.
enum UsageMessage {
  /// What is left out: a connection string without a password names a server, which is not for everybody either. A bucket is no
  /// server, and a scheme alone no connection string: messages have both in their examples.
  private static func secrets(_ argument: String) -> [String] {
    SecretArgument.candidates(in: argument).filter { text in
      let namesServer = text.contains("://") && !text.hasSuffix("://") && !BucketPath.isOne(text)
      return namesServer || SecretArgument.isSecret(text)
    }
  }

  /// The message of a usage error that a command found while it ran. The argument parser makes the message of an error that it finds.
  static func text(of error: ValidationError, in command: any ParsableCommand.Type) -> String {
    let usage = Corrparse.usageString(for: command)
    let name = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
    return "Error: \(error.message)\nUsage: \(usage)\n  See '\(name) --help' for more information."
  }

  /// The options that take a point in time.
  private static let ofTimes = ["since", "until", "at", "before"]

  /// Names that other programs have for options.
  private static let otherNames = [
    "order": "sort", "order-by": "sort", "sort-by": "sort", "limit": "top", "head": "top", "output": "format",
  ]

  /// The commands that have these options.
  private static let lists = ["parse", "verdicts", "runs", "logs", "issues"]

  /// The parser's message about an unknown option that other programs have under that name, with the name that the command has for it.
  private static func translated(_ message: String) -> String {
    guard let start = message.firstRange(of: "Unknown option '--")?.upperBound,
      let end = message[start...].firstIndex(of: "'"), let name = otherNames[String(message[start..<end])],
      lists.contains(where: { message.contains("Usage: corrparse \($0) ") })
    else { return message }
    let line = message[end...].firstIndex(of: "\n") ?? message.endIndex
    return String(message[...end]) + ". Did you mean '--\(name)'?" + String(message[line...])
  }

  /// The parser's message about a value that an option does not take, with the nearest that it takes, or the forms of a time.
  private static func hinted(_ message: String) -> String {
    guard let start = message.firstRange(of: "The value '")?.upperBound,
      let middle = message[start...].firstRange(of: "' is invalid for '"),
      let name = message[middle.upperBound...].firstRange(of: "--")
    else { return message }
    // A line feed before that place is the value's own.
    let end = message[name.upperBound...].firstIndex(of: "\n") ?? message.endIndex
    let option = message[name.upperBound...].prefix { $0.isLetter || $0 == "-" }
    var hint = ""
    if let choices = message[..<end].firstRange(of: "Please provide one of ") {
      let parts = message[choices.upperBound..<end].split(separator: "'", omittingEmptySubsequences: false)
      let names = parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
      let near = NearestNames.of(String(message[start..<middle.lowerBound]), among: names)
      if !near.isEmpty { hint = " Did you mean \(near.joined(separator: " or "))?" }
    } else if ofTimes.contains(String(option)) {
      hint = ": give \(TimeArgument.forms)"
    } else if option == "shard" {
      hint = ": give I/N with I from 0 to N - 1; of four parts these are 0/4, 1/4, 2/4 and 3/4"
    }
    return String(message[..<end]) + hint + String(message[end...])
  }

  /// The parser's message about an option that is missing, with the argument that was meant to be it. The parser says nothing of an option
  /// that does not exist while a needed one is missing.
  private static func named(_ message: String, arguments: [String]) -> String {
    guard let start = message.firstRange(of: "Missing expected argument '--")?.upperBound else {
      return message
    }
    let option = String(message[start...].prefix { $0.isLetter || $0 == "-" })
    let end = message[start...].firstIndex(of: "\n") ?? message.endIndex
    let given = arguments.prefix { $0 != "--" }.compactMap { argument in
      argument.hasPrefix("--") ? String(argument.dropFirst(2).prefix { $0 != "=" }) : nil
    }
    guard let near = given.first(where: { !NearestNames.of($0, among: [option]).isEmpty }) else {
      return message
    }
    return message[..<end] + "; there is no --\(near), did you mean --\(option)?" + message[end...]
  }

  /// The lines of a message.
  static func lines(of message: String) -> [String] {
    message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The message with connection strings left out, and with arguments in which no line feed ends a line.
  static func safe(_ message: String, arguments: [String]) -> String {
    var message = named(translated(hinted(RawArguments.shown(message))), arguments: arguments)
    // The longest first, so that none is left over as a part of another.
    for secret in arguments.flatMap(secrets).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      message = message.replacing(secret, with: "(connection string)")
    }
    for argument in arguments
    where argument.contains(where: \.isNewline) && argument.contains(where: { !$0.isNewline }) {
      message = message.replacing(argument, with: PrintableText.escaped(argument))
    }
    return message
  }
}
