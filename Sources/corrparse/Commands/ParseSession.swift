import CorrelationGrammar
import Ingest
import LogInput
import LogModel
import RecordFormats
import Synchronization
import Threading

/// One run of `parse`: logs in, text out, on as many threads as there are jobs.
struct ParseSession: Sendable {
  let printer: RecordPrinter
  /// What is printed in place of records; nil: records.
  let issues: IssueListing?
  let selection: RecordSelection
  let isSummary: Bool
  let isVerbose: Bool
  let lineFormat: LineFormat?
  let pathTemplate: PathTemplate?
  let inflater: Inflater
  let limits: (read: ReadLimits, scan: ScanLimits)
  private let ordered = OrderedOutput()
  private let tally = ParseTally()
  /// Requested when the object store is not to be asked for anything more.
  private let halt = StopFlag()

  init(
    printer: RecordPrinter, issues: IssueListing?, selection: RecordSelection, isSummary: Bool,
    isVerbose: Bool,
    lineFormat: LineFormat?,
    pathTemplate: PathTemplate?, inflater: Inflater, limits: (read: ReadLimits, scan: ScanLimits)
  ) {
    self.printer = printer
    self.issues = issues
    self.selection = selection
    self.isSummary = isSummary
    self.isVerbose = isVerbose
    self.lineFormat = lineFormat
    self.pathTemplate = pathTemplate
    self.inflater = inflater
    self.limits = limits
  }

  /// How what was read makes the program end; nil where every input was read whole.
  var status: ExitStatus? {
    ExitStatus.first(of: ordered.concerns.map(ExitStatus.init) + (ordered.sawDamage ? [.damagedInput] : []))
  }

  /// Reads everything that is asked for.
  /// - Throws: What stands in the way of writing.
  func run(_ requests: [LogRequest], jobs: Int) throws(OutputError) {
    var head: [UInt8] = []
    if !isSummary {
      if let issues { issues.appendHead(to: &head) } else { printer.appendHead(to: &head) }
    }
    ordered.begin(head)
    var options = LogFinder.Options()
    options.pathTemplate = pathTemplate
    options.readLimits = limits.read
    let finder = LogFinder(requests, options)
    let failure = Mutex<OutputError?>(nil)
    let cores = Cores(jobs)
    Threads.run(jobs) { _ in
      do throws(OutputError) {
        try work(finder, cores)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    try ordered.close(ending)
    for warning in selection.warnings { Diagnostics.say(warning, .warning) }
    if let warning = tally.warningOfNearlyLogs { Diagnostics.say(warning, .warning) }
    if !isVerbose, let note = tally.noteOfIgnored { Diagnostics.say(note, .notice) }
    if halt.isRequested { Diagnostics.say("the object store is not asked for further logs") }
    let archived = ordered.archived
    if archived > 0 { Diagnostics.say(Self.text(archived: archived), .warning) }
    if status == nil, archived == 0, let warning = tally.warning(about: requests) {
      Diagnostics.say(warning, .warning)
    }
  }

  private func write(_ record: ClassifiedRecord, to log: inout LogOutput) {
    guard let issues else {
      printer.append(record, to: &log.bytes)
      return
    }
    listing(to: &log) { issues.append(record, to: &$0) }
  }

  /// Lists issues, which a summary only counts.
  private func listing(to log: inout LogOutput, _ body: (inout [UInt8]) -> Void) {
    var none: [UInt8] = []
    if isSummary { body(&none) } else { body(&log.bytes) }
  }

  /// What comes after the last log: the records that waited for their order, or the summary, and the totals.
  private var ending: [UInt8] {
    var bytes: [UInt8] = []
    if isSummary {
      let summary = RowPrinter(
        printer.format, printer.style, values: SummaryRow.values, columns: SummaryRow.columns)
      summary.appendHead(to: &bytes)
      for row in issues?.summary ?? selection.tally.rows { summary.append(row, to: &bytes) }
    } else {
      for record in selection.rest { printer.append(record, to: &bytes) }
    }
    let lines = issues?.ending ?? selection.ending + (isSummary ? [] : ListEnd.leftOut(printer.leftOut))
    ListEnd.append(lines, format: printer.format, width: printer.style.width, to: &bytes)
    return bytes
  }

  /// `3 archived logs were passed over; …`
  static func text(archived count: Int) -> String {
    "\(count) archived log\(count == 1 ? " was" : "s were") passed over; to read one, restore it and name it"
  }

  private func work(_ finder: LogFinder, _ cores: Cores) throws(OutputError) {
    var parsing: ParseRun?
    var log = LogOutput()
    while !halt.isRequested, let (number, finding) = finder.next() {
      // A thread for which there is nothing to do needs no buffers.
      if parsing == nil {
        parsing = ParseRun(
          readLimits: limits.read, limits: limits.scan, lineFormat: lineFormat, inflater: inflater,
          cores: cores)
      }
      if isVerbose, case .log(let found) = finding, !found.rotatedParts.isEmpty {
        let parts = found.rotatedParts.map { ".\($0)" }.joined(separator: ", ")
        log.say("\(found.shownName): read behind its rotated parts \(parts)")
      }
      // A live pipe or a growing file is watched: what is known is shown at once.
      let isWatched = if case .log(let found) = finding { found.place == .standardInput } else { false }
      try parsing?.parse(
        finding,
        record: { (record) throws(OutputError) in
          if isWatched { tally.countPiped(record.record) }
          guard selection.printsNow(record, number: number) else { return }
          write(record, to: &log)
          try ordered.add(&log, number: number, isWatched: false)
        },
        notice: { (notice) throws(OutputError) in take(notice, for: &log, number) },
        chunkEnd: { () throws(OutputError) in
          if isWatched { try ordered.add(&log, number: number, isWatched: true) }
        })
      try ordered.end(&log, number: number)
    }
  }

  private func take(_ notice: ParseNotice, for log: inout LogOutput, _ number: Int) {
    switch notice {
    case .finished(let found, let scan): finished(found, scan, for: &log)
    case .failed(let error):
      log.say(error.namingNearest(meant: MistypedCommand.hint).description)
      log.concern = error.concern
      if let issues { listing(to: &log) { issues.append(error, to: &$0) } }
    case .skipped(let path, let reason):
      if isVerbose { log.say("\(path): passed over: \(reason)") }
    case .ignored(let name):
      tally.ignore(name, number: number)
      if isVerbose { log.say("\(name): passed over: not a log's name") }
    case .archived(let path):
      log.isArchived = true
      if isVerbose { log.say("\(path): passed over: archived") }
    case .both(let path):
      log.say(
        "\(path): an object and a prefix of this name; both are read")
    }
  }

  private func finished(_ found: ListedLog, _ scan: LogScan, for log: inout LogOutput) {
    tally.count(scan)
    if let issues {
      listing(to: &log) {
        issues.append(scan, of: found.shownName, found.given?.identity ?? scan.toldIdentity, to: &$0)
      }
    } else if isSummary {
      selection.count(scan)
    }
    if let warning = tally.warningOfJoinedLogs(scan), found.shownName == "-" { log.say(warning, .warning) }
    // Most logs have nothing more to say. To name them would cost more than to have read the short ones.
    if !isVerbose, scan.status == .complete, scan.issues.isEmpty, scan.reading.error == nil { return }
    let (source, given) = (found.shownName, found.given)
    let name = source == "-" ? "standard input" : source
    if printer.format == .ndjson, issues == nil, !isSummary, !scan.issues.isEmpty || scan.status != .complete
    {
      NDJSONFormat.appendSource(source, status: scan.status.rawValue, issues: scan.issues, to: &log.bytes)
    }
    if let error = scan.reading.error {
      log.say(error.namingNearest(meant: MistypedCommand.hint).description)
      // What else is wrong with a log shows in its status.
      if error.concern.isOfRun { log.concern = error.concern }
      if case .store(let trouble) = error.concern, trouble.reach == .store { halt.request() }
    }
    if let conflict = IdentityConflict(scan.issues, of: given, location: source) {
      log.say(conflict.description, .warning)
    }
    let warnings = SourceWarnings(scan, of: found, limits.read, inflater: inflater)
    for text in warnings.texts(location: source) { log.say(text, .warning) }
    if issues == nil || isVerbose, printer.format != .ndjson || isSummary || isVerbose {
      for issue in scan.issues where issue.kind != .identityConflict && !warnings.tell(issue.kind) {
        let more = issue.count > 1 ? ", and \(issue.count - 1) more that are not named" : ""
        log.say("\(name):\(issue.line): byte \(issue.offset): \(issue.kind.rawValue)\(more)")
      }
    }
    if isVerbose { for line in description(of: scan, given, name: name) { log.say(line) } }
    switch scan.status {
    case .complete, .growing: break
    case .truncated, .corrupt, .failed: log.sawDamage = true
    }
  }

  private func description(of scan: LogScan, _ given: GivenTask?, name: String) -> [String] {
    let envelopes = scan.envelopes.map { "\($0.envelope.rawValue) \($0.count)" }
    let reading = scan.reading
    return [
      "\(name): \(scan.status.rawValue), \(reading.wrapping.rawValue), \(reading.decompressedBytes) bytes, "
        + "\(scan.blocks) blocks, \(scan.replays) of them replays",
      "\(name): recognised: \(envelopes.isEmpty ? "nothing" : envelopes.joined(separator: ", "))",
    ] + scan.outcomes(of: given?.identity).map { "\(name): \(description(of: $0.identity, $0.outcome))" }
  }

  private func description(of identity: TaskIdentity, _ outcome: TaskOutcome) -> String {
    let names = [identity.dagID, identity.runID, identity.taskID]
    let index = identity.mapIndex.map { ", map index \($0)" } ?? ""
    return
      "task \(names.joined(separator: " "))\(index), try \(identity.tryNumber): \(outcome.state.rawValue)"
      + (outcome.isStated ? " (stated)" : "")
  }
}
