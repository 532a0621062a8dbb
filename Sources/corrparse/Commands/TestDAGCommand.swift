import ArgumentParser
import DiagnosticWriter

struct TestDAGCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test-dag",
    abstract: "Which DAGs test strategies: the golden signals and the global state look at their runs.",
    discussion: """
      At first these are launch__discovery, launch__backtesting and launch__walkforward. One that never runs keeps the condition \
      no_passing_candidates unknown, and so the state: remove what you do not use.

      Examples:
        corrparse test-dag list
        corrparse test-dag set launch__nightly
        corrparse test-dag set launch__walkforward --remove
      """,
    subcommands: [TestDAGListCommand.self, TestDAGSetCommand.self], defaultSubcommand: TestDAGListCommand.self
  )
}

struct TestDAGListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Print them, one a line. Those that never ran are named on stderr.",
    discussion: """
      Examples:
        corrparse test-dag list
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func run() throws {
    var output = StandardOutput()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let dags = try TestDAGs(database.connectForReading(logging.makeLogger())).listed()
      for name in dags.names { output.line(StyledText(name)) }
      if !dags.strangers.isEmpty {
        Diagnostics.say(
          "no log tells of a run of " + dags.strangers.joined(separator: ", "))
      }
    }
    try output.closeOrExit()
  }
}

struct TestDAGSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Make a DAG one that tests strategies, or one no longer. Safe to run twice.",
    discussion: """
      Examples:
        corrparse test-dag set launch__nightly
        corrparse test-dag set launch__walkforward --remove

      Exit status: 0 done, or so already; 69 database unreachable; 75 try again later; 77 missing rights; 78 schema and program \
      do not fit.
      """)

  @Argument(help: "The DAG's name in Airflow.")
  var dag: String

  @Flag(help: "It tests no longer; its runs stay stored.")
  var remove = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    // A name that is stored can be removed, even if it could not be added today.
    guard remove || TestDAGs.isName(dag) else {
      throw ValidationError("a DAG's name has 1 to 250 letters, digits, dashes, dots and underscores")
    }
  }

  func run() throws {
    var output = StandardOutput()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let dags = TestDAGs(try database.connectToSchema(logging.makeLogger()))
      let isChanged = try remove ? dags.remove(dag) : dags.add(dag)
      output.line(isChanged ? "\(remove ? "-" : "+") \(dag)" : "nothing to change")
    }
    try output.closeOrExit()
  }
}
