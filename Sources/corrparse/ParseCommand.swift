public import ArgumentParser
import CorrelationGrammar
import Ingest
import LogInput
public import RecordFormats
import SystemPackage

extension RecordFormat: ExpressibleByArgument {}

struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Print the records of logs with their verdicts. No database.",
    discussion: """
      Reads the standard input, or the files and folders named (- is the standard input), gzip or not. Prints a \
      table on a terminal and NDJSON otherwise.

      Examples:
        zcat attempt=1.log.gz | corrparse
        corrparse attempt=1.log.gz other.log
        corrparse parse --format ndjson /opt/airflow/logs | jq .verdict.primary
        tail -f attempt=1.log | corrparse --format table

      Exit status: 0 done, whatever the verdicts; 65 some input could not be read or was damaged (named on stderr, \
      the rest was processed); 74 writing failed; 64 usage.
      """)

  @Argument(help: "Files and folders; - or none: the standard input.", completion: .file())
  var paths: [String] = []

  @Option(help: "How to print records: table, ndjson, csv or markdown.")
  var format: RecordFormat?

  @Flag(name: .shortAndLong, help: "Say on stderr what was read and what was passed over.")
  var verbose = false

  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    try ConnectionStringAsPath.refuse(in: paths)
  }

  func run() throws {
    let format = format ?? (StandardOutput.isTerminal ? .table : .ndjson)
    let session = ParseSession(
      format: format, isVerbose: verbose, lineFormat: try lineFormat.resolved(), isColored: color.isWanted)
    do throws(OutputError) {
      try session.run(paths.isEmpty ? ["-"] : paths)
    } catch {
      switch error {
      case .brokenPipe: return
      case .failed(let errno):
        Diagnostics.say(
          "standard output cannot be written: \(errno.description); records are missing from it")
        throw ExitStatus.inputOutput.exit
      }
    }
    if let status = session.failure { throw status.exit }
  }
}

/// One run of `parse`: its output, and what went wrong on the way.
private final class ParseSession {
  let format: RecordFormat
  let isVerbose: Bool
  let lineFormat: LineFormat?
  let isColored: Bool
  private var output = StandardOutput()
  /// What the exit status will say; nil while all is well.
  private(set) var failure: ExitStatus?

  init(format: RecordFormat, isVerbose: Bool, lineFormat: LineFormat?, isColored: Bool) {
    self.format = format
    self.isVerbose = isVerbose
    self.lineFormat = lineFormat
    self.isColored = isColored
  }

  func run(_ names: [String]) throws(OutputError) {
    var parsing = ParseRun(lineFormat: lineFormat)
    format.appendHead(to: &output.buffer)
    for name in names {
      try parsing.parse(
        name == "-" ? .standardInput : .path(RawArguments.path(name)),
        record: { (record) throws(OutputError) in
          self.format.append(record, isColored: self.isColored, to: &self.output.buffer)
          try self.output.written()
        },
        notice: { (notice) throws(OutputError) in self.take(notice) },
        chunkEnd: { () throws(OutputError) in
          // A live pipe or a growing file is watched: what is known is shown at once.
          if name == "-" { try self.output.flush() }
        })
    }
    try output.close()
  }

  private func take(_ notice: ParseNotice) {
    switch notice {
    case .finished(let source, let scan): finished(source, scan)
    case .failed(let error):
      Diagnostics.say(error.description)
      failure = .damagedInput
    case .skipped(let path, let reason):
      if isVerbose { Diagnostics.say("\(PrintableText.escaped(path)): passed over: \(reason)") }
    }
  }

  private static func description(_ told: ToldOutcome) -> String {
    let (identity, outcome) = (told.identity, told.outcome)
    let names = [identity.dagID, identity.runID, identity.taskID].map(PrintableText.escaped)
    let index = identity.mapIndex.map { ", map index \($0)" } ?? ""
    return
      "task \(names.joined(separator: " "))\(index), try \(identity.tryNumber): \(outcome.state.rawValue)"
      + (outcome.isStated ? " (stated)" : "")
  }

  private func finished(_ source: String, _ scan: LogScan) {
    let name = PrintableText.escaped(source == "-" ? "standard input" : source)
    if format == .ndjson, !scan.issues.isEmpty || scan.status != .complete {
      NDJSONFormat.appendSource(
        source, status: scan.status.rawValue, issues: scan.issues, to: &output.buffer)
    }
    if let error = scan.reading.error { Diagnostics.say(error.description) }
    if format != .ndjson || isVerbose {
      for issue in scan.issues {
        Diagnostics.say("\(name):\(issue.line): byte \(issue.offset): \(issue.kind.rawValue)")
      }
    }
    if isVerbose {
      Diagnostics.say(
        "\(name): \(scan.status.rawValue), \(scan.reading.wrapping.rawValue), "
          + "\(scan.reading.decompressedBytes) bytes, \(scan.blocks) blocks, \(scan.replays) of them replays")
      let envelopes = scan.envelopes.map { "\($0.envelope.rawValue) \($0.count)" }
      Diagnostics.say(
        "\(name): recognised: \(envelopes.isEmpty ? "nothing" : envelopes.joined(separator: ", "))")
      for told in scan.toldOutcomes {
        Diagnostics.say("\(name): \(Self.description(told))")
      }
    }
    switch scan.status {
    case .complete, .growing: break
    case .truncated, .corrupt, .failed: failure = .damagedInput
    }
  }
}
