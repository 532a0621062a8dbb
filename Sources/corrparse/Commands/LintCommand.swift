import ArgumentParser
import CorrelationGrammar
import Ingest
import LogInput
import LogModel
import SystemPackage

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Check blocks against the strict form of the grammar, for producers' CI.",
    discussion: """
      The strict form: logfmt pairs, one a line, an explicit end marker, no issue of any kind, no key that is nearly \
      known. Prints file:line:column: rule: what and why, one a line; corrparse explain RULE says more. An input without \
      any block fails, too.

      Examples:
        corrparse lint attempt=1.log
        python3 print_block.py | corrparse lint --require f1_buy,baseline_f1_buy --require-verdict -
        corrparse lint --format github attempt=1.log
        corrparse lint --format sarif attempt=1.log > lint.sarif

      Exit status: 0 clean; 1 something was found, or an input has no block; 65 a log is damaged or not there; 74 reading failed; 77 a log may not \
      be read; 64 usage.
      """)

  @Argument(help: "Logs, gzip or not; - is the standard input.", completion: .file())
  var files: [String]

  @Flag(help: "Do not fail where an input has no block.")
  var allowEmpty = false

  @Option(
    help: ArgumentHelp(
      "Keys of which strategies' blocks must have a usable value, with commas between; gates may be one of them. n_candidates, n_passed and complete are asked of runs' blocks.",
      valueName: "key,…"))
  var require: [String] = []

  @Flag(help: "Find blocks that would be unclassified.")
  var requireVerdict = false

  @Option(
    help:
      "How to print: text; github, annotations of GitHub Actions; sarif, SARIF 2.1.0 for code scanning."
  )
  var format = LintFormat.text

  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var limits: LimitsOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    try ConnectionStringAsPath.refuse(in: RawArguments.names(files))
    _ = try demands()
  }

  private func demands() throws -> LintDemands {
    let words = try Choice.words(require, of: "--require").map { KnownKey.canonical($0) ?? $0 }
    return LintDemands(
      keys: try Choice.checked(words, among: FieldKey.allCases.map(\.name) + ["gates"], "key"),
      needsVerdict: requireVerdict)
  }

  func run() throws {
    var output = StandardOutput()
    let limits = try limits.resolved()
    var run = LintRun(
      try demands(), lineFormat: try lineFormat.resolved(), readLimits: limits.read,
      limits: limits.scan)
    var writer = LintWriter(format, isColored: color.isWanted)
    var (findings, blocks, empty) = (0, 0, 0)
    var statuses: [ExitStatus] = []
    do throws(OutputError) {
      for file in RawArguments.names(files) {
        let name = file == "-" ? "<stdin>" : file
        let log = file == "-" ? ListedLog(PipedLog()) : ListedLog(named: RawArguments.path(file))
        let result = try run.lint(log) { (finding) throws(OutputError) in
          findings += 1
          writer.write(finding, in: name, to: &output)
          try output.written()
        }
        blocks += result.blocks
        if result.blocks == 0, result.reading.error == nil, !allowEmpty {
          empty += 1
          writer.write(noBlockIn: name, to: &output)
          try output.flush()
          Diagnostics.say("\(name): no block; print one, or lint with --allow-empty")
        }
        if let error = result.reading.error {
          statuses.append(ExitStatus(error.concern))
          try output.flush()
          Diagnostics.say(error.namingNearest.description)
        }
      }
      writer.end(&output)
      try output.close()
    } catch {
      try error.endCommand()
      return
    }
    Diagnostics.say(
      "\(Amount.of(blocks, "block")) in \(Amount.of(files.count, "log")), \(Amount.of(findings, "finding"))",
      .info)
    if let status = ExitStatus.first(of: statuses) { throw status.exit }
    if findings > 0 || empty > 0 { throw ExitCode(1) }
  }
}
