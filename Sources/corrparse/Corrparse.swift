import ArgumentParser
import Diagnosis
import Glibc

struct Corrparse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corrparse",
    abstract: "Turns the CORRELATION DATA of Airflow task logs into diagnoses.",
    discussion: """
      Without a command, corrparse parses.

      Examples:
        zcat attempt=1.log.gz | corrparse
        corrparse ingest --migrate /opt/airflow/logs
        corrparse backfill --since 7d
        corrparse --generate-completion-script zsh > _corrparse
      """,
    version: "corrparse \(Version.program) (grammar 1, taxonomy \(Taxonomy.current.version))",
    subcommands: [
      ParseCommand.self, IngestCommand.self, BackfillCommand.self, ReclassifyCommand.self,
      StateCommand.self, VerdictsCommand.self, RunsCommand.self, LogsCommand.self, IssuesCommand.self,
      NextCommand.self,
      UniverseCommand.self, TestDAGCommand.self, PruneCommand.self, MigrateCommand.self, ExplainCommand.self,
      LintCommand.self,
      ObserveCommand.self, ReportCommand.self,
      CorpusCommand.self, VersionCommand.self,
    ],
    defaultSubcommand: ParseCommand.self)

  /// Does what the arguments say, and ends the program unless it is done.
  static func main() {
    // A reader that goes away, and a limit on the size of files, are errors of write(2), told by its caller, not the end of the
    // process.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    StopSignals.install()
    let arguments = RawArguments.all
    do {
      try Diagnostics.configure(arguments)
      try LoggingOptions.refuseUnknownLevel(arguments)
      if let message = MistypedCommand.message(in: arguments) {
        fail(ExitStatus.usage.exit, message, arguments)
      }
      if let note = MistypedCommand.noteOfPath(in: arguments) { Diagnostics.say(note, .notice) }
      var command = try parseAsRoot(RawArguments.forParser)
      do {
        try command.run()
      } catch let error as ValidationError {
        let message = UsageMessage.text(of: error, in: type(of: command))
        fail(exitCode(for: error), message, arguments)
      }
    } catch {
      // Help and version are data too: argument-parser's own way out would not notice a full disk.
      let code = exitCode(for: error)
      if code.isSuccess { show(fullMessage(for: error)) }
      fail(code, fullMessage(for: error), arguments)
    }
  }

  private static func fail(_ code: ExitCode, _ message: String, _ arguments: [String]) -> Never {
    let message = UsageMessage.safe(message, arguments: arguments)
    if !message.isEmpty { Diagnostics.write(UsageMessage.lines(of: message)) }
    Glibc.exit(code.rawValue)
  }

  private static func show(_ text: String) -> Never {
    var output = StandardOutput()
    if !text.isEmpty { output.document((text + "\n").utf8) }
    do {
      try output.closeOrExit()
      exit()
    } catch {
      exit(withError: error)
    }
  }
}

/// The program's version.
enum Version {
  /// As `git describe` told it when this was built, or the last release of CHANGELOG.md (Scripts/version.sh).
  static let program = ProgramVersion.described
}
