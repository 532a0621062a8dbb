import ArgumentParser
import CorrelationGrammar
import Diagnosis
import Ingest
import LogInput
import LogModel

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Check blocks against the strict form of the grammar, for producers' CI.",
    discussion: """
      The strict form: logfmt pairs, one a line, an explicit end marker, no issue of any kind, no key that is nearly \
      known. Prints file:line:column: rule: what and why, one a line; corrparse explain RULE says more. An input without \
      any block fails, too. A folder is one input: the logs below it are checked, and one of them has to have a block.

      Examples:
        corrparse lint attempt=1.log
        corrparse lint /opt/airflow/logs/dag_id=launch__discovery
        python3 print_block.py | corrparse lint --require f1_buy,baseline_f1_buy --require-verdict -
        corrparse lint --allow structured_header --allow-key gpu_pct attempt=1.log
        corrparse lint --format github attempt=1.log
        corrparse lint --format sarif attempt=1.log > lint.sarif

      Exit status: 0 clean; 1 something was found, or an input has no block; 65 a log is damaged or not there; 74 reading failed; 77 a log may not \
      be read; 64 usage.
      """)

  @Argument(
    help: "Logs, gzip or not, and folders with logs; - is the standard input.", completion: .file())
  var paths: [String]

  @Flag(help: "Do not fail where an input has no block.")
  var allowEmpty = false

  @Option(
    help: ArgumentHelp(
      "Rules whose findings do not fail, with commas between; they are counted in the last line, and marked in the other formats.",
      valueName: "rule,…"))
  var allow: [String] = []

  @Option(
    help: ArgumentHelp(
      "Keys of your own that are nearly known ones, with commas between: nearly_known_key is allowed of them.",
      valueName: "key,…"))
  var allowKey: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Keys of which blocks must have a usable value, with commas between; gates may be one of them. n_candidates, n_passed and complete are \
      asked of runs' summaries, all others of every other block. A summary has n_candidates or n_passed, and no key of a tested strategy: \
      \(Classifier.testedStrategyKeys.joined(separator: ", ")).
      """,
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
    try ConnectionStringAsPath.refuse(in: RawArguments.names(paths))
    _ = try demands()
  }

  private func demands() throws -> LintDemands {
    let words = try Choice.words(require, of: "--require").map { KnownKey.canonical($0) ?? $0 }
    return LintDemands(
      keys: try Choice.checked(words, among: FieldKey.allCases.map(\.name) + ["gates"], "key"),
      needsVerdict: requireVerdict, needsBlock: !allowEmpty, allowed: try allowance())
  }

  private func allowance() throws -> LintAllowance {
    let rules = try Choice.checked(
      Choice.words(allow, of: "--allow"), among: LintRule.all.map(\.name), "rule")
    let keys = try Choice.words(allowKey, of: "--allow-key")
    if let known = keys.first(where: { KnownKey.canonical($0) != nil }) {
      throw ValidationError("--allow-key names keys of your own, and \(known) is a key that corrparse reads")
    }
    return LintAllowance(rules: Set(rules), ownKeys: keys)
  }

  func run() throws {
    let limits = try limits.resolved()
    let run = LintRun(
      try demands(), lineFormat: try lineFormat.resolved(), readLimits: limits.read, limits: limits.scan)
    var session = LintSession(run, limits.read, LintWriter(format, isColored: color.isWanted))
    let outcome: (status: ExitStatus?, findings: Int)
    do throws(OutputError) {
      for path in RawArguments.names(paths) { try session.lint(path) }
      outcome = try session.end()
    } catch {
      try error.endCommand()
      return
    }
    if let status = outcome.status { throw status.exit }
    if outcome.findings > 0 { throw ExitCode(1) }
  }
}
