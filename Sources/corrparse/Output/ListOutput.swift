import ArgumentParser
import Diagnosis
import DiagnosticWriter
import LogModel
import RecordFormats

/// Writes a list of the database: rows or their summary, and the totals.
struct ListOutput {
  let list: StoredList
  let columns: [TableColumn]
  let options: ListOptions
  /// By what the line of totals counts.
  let totals: [String]
  private var output = StandardOutput()
  private var failure: OutputError?
  private var shown = 0
  private var legends = VerdictLegends()
  private var hasUnknownPassed = false
  private var leftOut: [String] = []

  init(_ list: StoredList, columns: [TableColumn], totals: [String], options: ListOptions) {
    self.list = list
    self.columns = columns
    self.totals = totals
    self.options = options
  }

  /// Asks and writes.
  /// - Throws: The exit status of what failed.
  mutating func write(_ question: StoredQuestion, from database: DatabaseOptions, _ logging: LoggingOptions)
    throws
  {
    var question = question
    question.sort = try options.order(among: list.sortKeys, columns).map { ($0.key, $0.isDescending) }
    question.top = options.top
    let connection = try database.connectForList(asking: question.verdict.cryptos, logging)
    var tally = RowTally(by: kinds)
    let printer = RowPrinter(
      options.resolvedFormat, options.style, values: list.rowValues, columns: columns)
    var bytes: [UInt8] = []
    if !options.isSummary {
      printer.appendHead(to: &bytes)
      leftOut = printer.leftOut
    }
    output.document(bytes)
    let list = list
    let isVerdict = list.noun == StoredList.verdicts.noun
    var messages: [String] = []
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let reader = ListReader(connection)
      func group(_ row: StoredRow, _ count: Int) {
        if isVerdict {
          tally.add(verdict: row, count: count)
        } else {
          tally.add(Self.names(of: row, list), count: count)
        }
      }
      try reader.read(list, question, isCountOnly: options.isSummary, group: group) {
        (row) throws(DatabaseError) in write(row, printer)
      }
      messages = try EmptyAnswer(list: list, question: question).messages(rows: tally.total, reader)
    }
    if tally.total == 0 { messages += Self.hints(of: question.keys) }
    try end(tally, messages)
  }

  private var kinds: [String] {
    list.noun == StoredList.verdicts.noun
      ? RowTally.verdictKinds : list.groups.map { ListColumns.words[$0.name] ?? $0.name }
  }

  private static func names(of row: StoredRow, _ list: StoredList) -> [(kind: String, name: String)] {
    list.groups.compactMap { group in
      row.text(group.name).map { (ListColumns.words[group.name] ?? group.name, $0) }
    }
  }

  private mutating func write(_ row: StoredRow, _ printer: RowPrinter) {
    guard failure == nil else { return }
    var bytes: [UInt8] = []
    printer.append(row, to: &bytes)
    output.document(bytes)
    shown += 1
    if list.noun == StoredList.verdicts.noun { legends.note(row) }
    if list.noun == StoredList.runs.noun, row.text("passed") == nil || row.text("candidates") == nil {
      hasUnknownPassed = true
    }
    do throws(OutputError) { try output.written() } catch { failure = error }
  }

  /// What to say of keys that no issue is about: blocks may have any key, and a known one may be meant.
  private static func hints(of keys: [String]) -> [String] {
    let known = FieldKey.allCases.map(\.name) + ["gates"]
    return keys.filter { !known.contains($0) }.map { key in
      let begun = known.filter { $0.hasPrefix(key + "_") }
      let near = begun.isEmpty ? NearestNames.of(key, among: known) : begun
      return "no issue is about a key \(key)"
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?")
    }
  }

  private mutating func end(_ tally: RowTally, _ messages: [String]) throws {
    var bytes: [UInt8] = []
    if options.isSummary {
      let summary = RowPrinter(
        options.resolvedFormat, options.style, values: SummaryRow.values, columns: SummaryRow.columns)
      summary.appendHead(to: &bytes)
      for row in tally.rows { summary.append(row, to: &bytes) }
    }
    let line = tally.totals(list.noun, shown: options.isSummary ? nil : shown, by: totals)
    ListEnd.append(
      [line] + legends.lines
        + (hasUnknownPassed ? [ListColumns.legendOfPassed] : []) + ListEnd.leftOut(shown > 0 ? leftOut : []),
      format: options.resolvedFormat,
      width: options.style.width, to: &bytes)
    output.document(bytes)
    for text in messages { Diagnostics.say(text, .warning) }
    if let failure {
      try failure.endCommand()
    } else {
      try output.closeOrExit()
    }
  }
}

extension DatabaseOptions {
  /// Connects for a list, and refuses a crypto of which nothing is known.
  func connectForList(asking cryptos: [String], _ logging: LoggingOptions) throws -> Connection {
    var found: Connection?
    var mistake: String?
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let connection = try connectForReading(logging.makeLogger())
      found = connection
      for crypto in cryptos {
        guard let others = try ListReader(connection).cryptosInsteadOf(crypto) else { continue }
        mistake = "there is no record of crypto \(crypto)" + MeantName.hint(crypto, among: others, "cryptos")
        return
      }
    }
    if let mistake { throw ValidationError(mistake) }
    guard let found else { throw ExitStatus.software.exit }
    return found
  }
}
