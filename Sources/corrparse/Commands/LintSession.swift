import Ingest
import LogInput
import LogModel

/// One run of `lint`: files and folders in, findings out.
struct LintSession: ~Copyable {
  private var run: LintRun
  private var sink: LintSink
  private let readLimits: ReadLimits
  private var statuses: [ExitStatus] = []

  init(_ run: consuming LintRun, _ readLimits: ReadLimits, _ writer: LintWriter) {
    self.run = run
    self.readLimits = readLimits
    sink = LintSink(writer: writer)
  }

  /// What is known of something that somebody named: of a file, or of all logs below a folder.
  private struct Input {
    let name: String
    var blocks = 0
    var tellsOfLostHeader = false
    var hasFailed = false
    /// The logs and the other files of a folder; nil for what is none.
    var folder: ParseTally? = ParseTally()
  }

  /// Checks what an argument names: the standard input, a file, or the logs below a folder.
  /// - Throws: What stands in the way of writing.
  mutating func lint(_ argument: String) throws(OutputError) {
    guard argument != "-" else {
      var input = Input(name: LintWriter.standardInput, folder: nil)
      try read(ListedLog(PipedLog()), as: LintWriter.standardInput, &input)
      return try askForBlock(of: input)
    }
    let path = RawArguments.path(argument)
    var input = Input(name: path.locationText)
    var options = LogFinder.Options()
    options.readLimits = readLimits
    let finder = LogFinder([.path(path)], options)
    while let (number, finding) = finder.next() {
      switch finding {
      case .log(let log):
        if case .found = log.place {
          input.folder?.countLog()
          try read(log, as: log.shownName, &input)
        } else {
          input.folder = nil
          // Alone: lines are counted in the file, whatever parts of it were rotated away.
          try read(ListedLog(named: path), as: input.name, &input)
        }
      // Reading what leads nowhere says so.
      case .failed(_, missing: let log?):
        input.folder = nil
        try read(log, as: input.name, &input)
      case .failed(let error, missing: nil): try fail(error, in: input.name, &input)
      case .ignored(let name): input.folder?.ignore(name, number: number)
      // Links, what is no file, and folders of other logs than tasks', as `parse` passes them over.
      case .skipped, .both: break
      }
    }
    try askForBlock(of: input)
    if let folder = input.folder, !input.hasFailed {
      let warning = folder.isEmpty ? folder.warning(about: [.path(path)]) : folder.warningOfNearlyLogs
      if let warning { Diagnostics.say(warning, .warning) }
      if let note = folder.noteOfIgnored { Diagnostics.say(note, .notice) }
    }
  }

  /// Writes what is left, and says how much was found.
  /// - Returns: How the program ends.
  /// - Throws: What stands in the way of writing.
  mutating func end() throws(OutputError) -> (status: ExitStatus?, findings: Int) {
    try sink.end()
    Diagnostics.say(sink.counts.text, .info)
    return (ExitStatus.first(of: statuses), sink.counts.findings)
  }

  private mutating func read(_ log: ListedLog, as name: String, _ input: inout Input) throws(OutputError) {
    let linted = try Self.read(log, as: name, by: &run, into: &sink)
    if case .found = log.place, linted.reading.error?.concern == .absence { return }
    sink.counts.logs += 1
    sink.counts.blocks += linted.blocks
    input.blocks += linted.blocks
    if linted.tellsOfLostHeader { input.tellsOfLostHeader = true }
    if let error = linted.reading.error { try fail(error, in: name, &input) }
  }

  private static func read(
    _ log: ListedLog, as name: String, by run: inout LintRun, into sink: inout LintSink
  ) throws(OutputError) -> LintedLog {
    try run.lint(log) { (finding) throws(OutputError) in try sink.write(finding, in: name) }
  }

  private mutating func fail(
    _ error: InputError, in name: String, _ input: inout Input
  ) throws(OutputError) {
    input.hasFailed = true
    statuses.append(ExitStatus(error.concern))
    try sink.fail(error.namingNearest(meant: MistypedCommand.hint).description, in: name)
  }

  /// Asks for a block where one is demanded, and nothing else tells why there is none. Of a folder some log has to have one.
  private mutating func askForBlock(of input: Input) throws(OutputError) {
    guard input.blocks == 0, !input.hasFailed, !input.tellsOfLostHeader, let finding = run.noBlock else {
      return
    }
    try sink.write(finding, in: input.name)
  }
}

/// Where findings go: to the output, and into the counts.
private struct LintSink {
  var writer: LintWriter
  var output = StandardOutput()
  var counts = LintCounts()

  mutating func write(_ finding: LintFinding, in name: String) throws(OutputError) {
    counts.add(finding)
    writer.write(finding, in: name, to: &output)
    try output.written()
  }

  /// Says what could not be read, behind what was found before.
  mutating func fail(_ text: String, in name: String) throws(OutputError) {
    writer.write(failure: text, in: name, to: &output)
    try output.flush()
    Diagnostics.say(text)
  }

  mutating func end() throws(OutputError) {
    writer.end(&output)
    try output.close()
  }
}

/// What `lint` has counted, for its last line.
private struct LintCounts {
  var logs = 0
  var blocks = 0
  /// Findings that fail.
  private(set) var findings = 0
  /// Findings that are allowed, by their rules.
  private var allowed: [String: Int] = [:]

  mutating func add(_ finding: LintFinding) {
    if finding.isAllowed {
      allowed[finding.kind, default: 0] += 1
    } else {
      findings += 1
    }
  }

  /// `3 blocks in 1 log, 2 findings; allowed: structured_header 1`.
  var text: String {
    let found =
      "\(Amount.of(blocks, "block")) in \(Amount.of(logs, "log")), \(Amount.of(findings, "finding"))"
    let rules = allowed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return found + (rules.isEmpty ? "" : "; allowed: " + rules.joined(separator: ", "))
  }
}
