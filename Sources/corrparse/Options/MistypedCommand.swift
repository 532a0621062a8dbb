import ArgumentParser
import Glibc
import LogModel

/// Recognises mistyped commands. The parser of arguments would take one for the name of a log, because without a command corrparse
/// parses.
enum MistypedCommand {
  /// The message about a mistyped command; nil if there is none.
  static func message(in arguments: [String]) -> String? {
    guard let first = arguments.first else { return nil }
    if first == "help" { return message(of: arguments.dropFirst(), in: Corrparse.self, mayBeFile: false) }
    return message(of: arguments[...], in: Corrparse.self, mayBeFile: true)
  }

  /// The message about the first word, or about a later one if it names a command. If the word `mayBeFile`, it is a mistyped command
  /// only if it is like one and there is no such file.
  private static func message(
    of words: ArraySlice<String>, in command: any ParsableCommand.Type, mayBeFile: Bool
  ) -> String? {
    let commands = command.configuration.subcommands
    guard let word = words.first, !word.hasPrefix("-"), !commands.isEmpty else { return nil }
    if let known = commands.first(where: { name(of: $0) == word }) {
      return message(of: words.dropFirst(), in: known, mayBeFile: false)
    }
    if word == "help", command == Corrparse.self { return nil }
    let near = NearestNames.of(word, among: commands.map(name))
    if mayBeFile {
      let isWord = word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
      guard isWord, unsafe access(word, F_OK) != 0 else { return nil }
      if near.isEmpty {
        guard isOption(word) else { return nil }
        return
          "Error: there is no command and no file '\(word)'; did you mean --\(word)?\nUsage: \(Corrparse.usageString(for: command))"
      }
    }
    let path = command == Corrparse.self ? "" : name(of: command) + " "
    let hint =
      near.isEmpty
      ? "the commands are \(commands.map(name).joined(separator: ", "))"
      : "did you mean \(near.map { "'\(path)\($0)'" }.joined(separator: " or "))?"
    return
      "Error: there is no command '\(path)\(word)'; \(hint)\nUsage: \(Corrparse.usageString(for: command))"
  }

  /// What to say of a command's word that is a file or folder here too; nil where it is none, or where logs are named behind it, so that it
  /// is clear what is meant. The command counts.
  static func noteOfPath(in arguments: [String]) -> String? {
    guard let word = arguments.first, word != "help",
      Corrparse.configuration.subcommands.contains(where: { name(of: $0) == word }),
      unsafe access(word, F_OK) == 0
    else { return nil }
    let namesPaths = takingPaths.contains(word) && arguments.dropFirst().contains { !$0.hasPrefix("-") }
    guard !namesPaths else { return nil }
    return "\(word) is taken as the command; the file or folder of this name is ./\(word)"
  }

  /// The commands of which the words behind are paths.
  private static let takingPaths = ["parse", "ingest", "lint", "corpus"]

  /// What to say of a path that is not there, where its word means something else in another place of the command line; nil where it does not.
  static func hint(ofMissing path: String) -> String? {
    if Corrparse.configuration.subcommands.contains(where: { name(of: $0) == path }) {
      return "\(path) is a command, which goes first: corrparse \(path)"
    }
    if DiagnosisFilter.codes.contains(where: { $0.lowercased() == path.lowercased() }) {
      return "\(path) is a code; an option takes several with commas between: --code A,\(path)"
    }
    return ["asc", "desc"].contains(path)
      ? "the direction goes behind the key with a comma: --sort KEY,\(path)" : nil
  }

  /// Whether `parse` has an option of this name.
  private static func isOption(_ word: String) -> Bool {
    let help = Corrparse.helpMessage(for: ParseCommand.self, columns: 200)
    return help.split { $0 == " " || $0 == "\n" || $0 == "," }.contains { $0 == "--\(word)" }
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? ""
  }
}
