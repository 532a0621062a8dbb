import ArgumentParser
import Ingest
import LogInput
import LogModel
import SystemPackage

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Check blocks against the strict form of the grammar, for producers' CI.",
    discussion: """
      The strict form: logfmt pairs, one a line, an explicit end marker, no issue of any kind. Prints \
      file:line:column: kind: what and why, one a line. An input without any block fails, too.

      Examples:
        corrparse lint attempt=1.log
        python3 print_block.py | corrparse lint -

      Exit status: 0 clean; 1 something was found, or an input has no block; 65 a log is damaged or not there; 74 reading failed; 77 a log may not \
      be read; 64 usage.
      """)

  @Argument(help: "Logs, gzip or not; - is the standard input.", completion: .file())
  var files: [String]

  @Flag(help: "Do not fail where an input has no block.")
  var allowEmpty = false

  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var limits: LimitsOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    try ConnectionStringAsPath.refuse(in: RawArguments.names(files))
  }

  func run() throws {
    var output = StandardOutput()
    let limits = try limits.resolved()
    var run = LintRun(lineFormat: try lineFormat.resolved(), readLimits: limits.read, limits: limits.scan)
    var (findings, blocks, empty) = (0, 0, 0)
    var statuses: [ExitStatus] = []
    let isColored = color.isWanted
    do throws(OutputError) {
      for file in RawArguments.names(files) {
        let name = file == "-" ? "<stdin>" : file
        let log = file == "-" ? ListedLog(PipedLog()) : ListedLog(named: RawArguments.path(file))
        let result = try run.lint(log) { (finding) throws(OutputError) in
          findings += 1
          output.line(Self.text(finding, in: name, isColored: isColored))
          try output.written()
        }
        blocks += result.blocks
        if result.blocks == 0, result.reading.error == nil, !allowEmpty {
          empty += 1
          try output.flush()
          Diagnostics.say("\(name): no block; print one, or lint with --allow-empty")
        }
        if let error = result.reading.error {
          statuses.append(ExitStatus(error.concern))
          try output.flush()
          Diagnostics.say(error.namingNearest.description)
        }
      }
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

  private static func text(_ finding: LintFinding, in name: String, isColored: Bool) -> StyledText {
    let place = StyledText("\(name):\(finding.line):\(finding.column): ", code: isColored ? "1" : nil)
    var text: StyledText = "\(place)\(StyledText(finding.kind, code: isColored ? "1;31" : nil))"
    if let key = finding.key { text += ": \(key)" }
    if let raw = finding.raw, !raw.isEmpty { text += ": `\(raw)`" }
    text += "; \(advice(finding.kind))"
    return text
  }

  private static func advice(_ kind: String) -> String {
    switch StyleNote.Kind(rawValue: kind) {
    case .severalPairs: return "print one pair a line"
    case .colonPair, .blanksAtSign: return "print key=value"
    case .numberRepr: return "print float(x), or f\"{x:.4f}\", rather than the number's representation"
    case .bullet, .section, .banner: return "print nothing but pairs between header and end marker"
    case .jsonBody, .structuredHeader, .pairsOnHeader: return "print the pairs as lines of their own"
    case nil: break
    }
    switch IssueKind(rawValue: kind) {
    case .malformedPair: return "the value is not of the key's form"
    case .malformedNumber: return "print a plain decimal with a point, as 0.55"
    case .missingValue: return "leave the key out where there is no value"
    case .nonFinite: return "leave the key out where the number is not finite"
    case .maskedValue: return "a secret has the same text; take it out of Airflow's secrets"
    case .outOfRange: return "the value is outside the key's domain"
    case .unitAmbiguous, .unitInferred: return "give percent points a % sign, or print all three shares alike"
    case .duplicateKey: return "print each key once"
    case .invalidUTF8: return "print UTF-8"
    case .lineTooLong, .blockTooLong: return "keep blocks under 256 lines and 64 KiB"
    case .interleaved: return "print a block in one call, or under a lock"
    case .unsupportedVersion: return "this program knows version 1"
    case .incompleteBlock, .emptyBlock: return "print the whole block at once"
    case .interrupted, .cutShort: return "print the whole block before other records"
    case .cutValue: return "print each value whole, in one line and one write"
    case .rejoinedPair: return "print a pair with one call"
    case .orphanEnd: return "an end marker follows a block of the same source"
    case .unrecognisedHeader: return "print === CORRELATION DATA === and nothing else on the line"
    case .unreadHeader: return "print the header as a line of its own, in an envelope that corrparse reads"
    case .damagedSource, .trailingGarbage: return "the file is damaged"
    case .futureTime: return "set the clock of the worker"
    case .replaysUnchecked: return "the log has more blocks than are remembered to know repeated ones"
    case .identityConflict: return "the file is not where its task's log belongs"
    case .rotatedLog: return "let nothing truncate the log of a running task"
    case nil: return "end the block with === END CORRELATION DATA ==="
    }
  }
}
