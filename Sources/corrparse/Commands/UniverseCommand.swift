import ArgumentParser
import DiagnosticWriter

struct UniverseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "universe",
    abstract: "Which cryptos there are, and to which group each belongs.",
    discussion: """
      The users' own table is the source of truth; these commands keep corrparse's copy in step with it.

      Examples:
        corrparse universe list
        corrparse universe set DOGEUSDC defi
        psql "$DATABASE_URL" --csv -c 'SELECT crypto, "group" FROM cvntrade_universes' | corrparse universe import -
      """,
    subcommands: [UniverseListCommand.self, UniverseSetCommand.self, UniverseImportCommand.self],
    defaultSubcommand: UniverseListCommand.self)
}

struct UniverseListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Print groups and cryptos as CSV, which import reads. Cryptos in no group are named on stderr.",
    discussion: """
      Examples:
        corrparse universe list > universe.csv
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func run() throws {
    var output = StandardOutput()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let universe = try Universe(database.connectForReading(logging.makeLogger())).listed()
      output.line("crypto,group")
      // Names have neither commas nor line feeds, so that only a quote has to be escaped for CSV.
      for entry in universe.entries {
        output.line("\(Self.field(entry.crypto)),\(Self.field(entry.group))")
      }
      if !universe.strangers.isEmpty {
        Diagnostics.say(
          "records are there of cryptos in no group: "
            + universe.strangers.joined(separator: ", "), .notice)
      }
    }
    try output.closeOrExit()
  }

  private static func field(_ name: String) -> String {
    name.contains("\"") ? "\"" + name.replacing("\"", with: "\"\"") + "\"" : name
  }
}

struct UniverseSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Put a crypto into a group, or take it out of the universe.",
    discussion: """
      Examples:
        corrparse universe set DOGEUSDC defi
        corrparse universe set DOGEUSDC --remove
      """)

  @Argument(help: "The crypto pair, as logged.")
  var crypto: String

  @Argument(help: "The group.")
  var group: String?

  @Flag(help: "Take the crypto out of the universe; its records stay.")
  var remove = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    guard (group != nil) != remove else { throw ValidationError("give either a group or --remove") }
    guard UniverseEntry.isName(crypto), group.map(UniverseEntry.isName) ?? true else {
      throw ValidationError("names have 1 to 128 characters without blank, = or ,")
    }
  }

  func run() throws {
    var output = StandardOutput()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let universe = Universe(try database.connectToSchema(logging.makeLogger()))
      let entry = group.flatMap { UniverseEntry(crypto: crypto, group: $0) }
      let change =
        if let entry { try universe.set(entry) } else { try universe.remove(crypto) }
      [change].compactMap(\.self).write(to: &output)
    }
    try output.closeOrExit()
  }
}

struct UniverseImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make the universe what a file says: all of it, or nothing on any error.",
    discussion: """
      CSV with a header that names the columns crypto and group (or crypto_group; others are passed over), or NDJSON \
      with these keys, told by the first character. Cryptos that the file does not name are removed, with --yes; \
      without it a file that lacks one changes nothing. Prints what changes: + added, ~ moved, - removed.

      Examples:
        corrparse universe import universe.csv --dry-run
        corrparse universe import --yes - < universe.ndjson

      Exit status: 0 done; 65 the file cannot be read or used, or lacks cryptos and --yes was not given, and nothing was changed; \
      69, 75, 77, 78 as of ingest.
      """)

  @Argument(help: "The file; - is the standard input.")
  var file: String

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Remove the cryptos that the file does not name.")
  var yes = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    guard !(yes && dryRun) else { throw ValidationError("give either --yes or --dry-run") }
    try ConnectionStringAsPath.refuse(in: [file])
  }

  func run() throws {
    let text: String
    do throws(UniverseFileError) {
      text = try UniverseFile.text(of: file)
    } catch {
      throw fail(error)
    }
    var output = StandardOutput()
    var failure: UniverseFileError?
    var removals = 0
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let universe = Universe(try database.connectToSchema(logging.makeLogger()))
      switch try UniverseFile.entries(in: text, universe) {
      case .success(let entries):
        let changes = try universe.replace(with: entries, isDryRun: dryRun, mayRemove: yes)
        changes.write(to: &output)
        removals = changes.count(where: \.isRemoval)
      case .failure(let error): failure = error
      }
    }
    if let failure { throw fail(failure) }
    try output.closeOrExit()
    guard removals > 0, !yes, !dryRun else { return }
    Diagnostics.say(
      "the file lacks \(Amount.of(removals, "crypto")) of the universe; nothing was changed: give --yes to remove what it lacks, "
        + "or mend the file")
    throw ExitStatus.damagedInput.exit
  }

  private func fail(_ error: UniverseFileError) -> ExitCode {
    let name = file == "-" ? "standard input" : file
    let place = error.line.map { ":\($0)" } ?? ""
    Diagnostics.say("\(name)\(place): \(error.reason); nothing was changed")
    return ExitStatus.damagedInput.exit
  }
}

extension [UniverseChange] {
  /// Writes one line for each change, or one that says that there is none.
  fileprivate func write(to output: inout StandardOutput) {
    if isEmpty { output.line("nothing to change") }
    for change in self {
      switch change {
      case .added(let entry): output.line("+ \(entry.crypto) \(entry.group)")
      case .moved(let entry, let old): output.line("~ \(entry.crypto) \(old) -> \(entry.group)")
      case .removed(let entry): output.line("- \(entry.crypto) \(entry.group)")
      }
    }
  }
}
