/// How a block ended (1-correlation-data, How a block ends). Raw values are part of the NDJSON and database
/// contracts.
public enum BlockEnd: String, CaseIterable, Sendable, Hashable {
  case explicit
  case newHeader = "implicit:new_header"
  case otherLine = "implicit:other_line"
  case recordEnd = "implicit:record_end"
  case failure = "implicit:failure"
  case endOfInput = "implicit:end_of_input"
  case limit = "implicit:limit"
}

/// One gate of a strategy and what it said.
public struct Gate: Sendable, Hashable {
  /// The gate's name as logged; `overall` for a bare `gates=PASS`.
  public let name: String
  /// Whether the strategy passed it.
  public let passed: Bool

  /// A gate by name.
  public init(name: String, passed: Bool) {
    self.name = name
    self.passed = passed
  }
}

/// A key that the grammar does not type, kept as logged.
public struct ExtraPair: Sendable, Hashable {
  /// The key as logged.
  public let key: String
  /// The value's text.
  public let text: String

  /// A pair as logged.
  public init(key: String, text: String) {
    self.key = key
    self.text = text
  }
}

/// One CORRELATION DATA block as a typed record (ADR-30).
///
/// An absent field is never guessed. Where a value was logged and could not be used, `issues` says why (ADR-25).
public struct CorrelationRecord: Sendable, Hashable {
  /// The number of the block's header in its log, from 1, replays included.
  public var block: Int
  /// The physical line that holds the header, from 1, in the decompressed log.
  public var line: Int
  /// The byte at which that line begins, from 0, in the decompressed log.
  public var offset: Int
  /// The header's text, for issues of the whole block.
  public var headerText: String
  /// The time of the header's log record, or of the last one before it in its stream; nil for bare text.
  public var headerTime: LogTime?
  /// The grammar version that the header names; 1 where it names none.
  public var grammarVersion: Int
  /// How the block ended.
  public var end: BlockEnd
  /// The gates in the order logged; nil without usable gates.
  public var gates: [Gate]? {
    get { gateList?.array }
    set { gateList = newValue.map { GateList($0) } }
  }
  /// The same for readers and writers that make no array of them.
  package var gateList: GateList?
  /// Keys outside the grammar, in the order logged.
  public var extras: [ExtraPair]
  /// What was wrong, in the order found.
  public var issues: [GrammarIssue]

  /// The places where the block is not in the strict form. Empty unless ``ScanLimits/notesStyle`` asks for them.
  public var styleNotes: [StyleNote]

  /// The task instance that the header's line names; nil where it names none.
  public var identity: TaskIdentity?

  private var values: FieldSet

  /// A record without fields.
  public init(
    block: Int = 1, line: Int = 1, offset: Int = 0, headerText: String = "=== CORRELATION DATA ===",
    headerTime: LogTime? = nil, grammarVersion: Int = 1,
    end: BlockEnd = .explicit, gates: [Gate]? = nil, extras: [ExtraPair] = [], issues: [GrammarIssue] = [],
    identity: TaskIdentity? = nil
  ) {
    self.block = block
    self.line = line
    self.offset = offset
    self.headerText = headerText
    self.headerTime = headerTime
    self.grammarVersion = grammarVersion
    self.end = end
    gateList = gates.map { GateList($0) }
    self.extras = extras
    self.issues = issues
    self.identity = identity
    // Each property is set once: the compiler would copy the whole record at its end if a property had a value before.
    styleNotes = []
    values = FieldSet()
  }

  /// The usable value of a field; nil where it was not logged or an issue made it absent.
  public subscript(key: FieldKey) -> FieldValue? {
    get { values[key] }
    set { values[key] = newValue }
  }

  /// Says that the block has bytes of a gzip member that proved damaged, unless it says so already.
  public mutating func markDamaged() {
    guard !issues.contains(where: { $0.kind == .damagedSource }) else { return }
    issues.insert(
      GrammarIssue(kind: .damagedSource, line: line, offset: offset, raw: headerText), at: issues.startIndex)
  }

  /// About how many bytes of memory the record takes.
  public var memory: Int {
    let texts = extras.reduce(0) { $0 + $1.key.utf8.count + $1.text.utf8.count }
    let known = 1024 + headerText.utf8.count + (identity?.nameBytes ?? 0)
    return known + texts + extras.count * 64 + (issues.count + styleNotes.count) * 384
      + (gateList?.count ?? 0)
      * 64
  }

  /// The fields that are there, in the table's order.
  public var fields: [(key: FieldKey, value: FieldValue)] {
    var fields: [(key: FieldKey, value: FieldValue)] = []
    values.forEach { fields.append(($0, $1)) }
    return fields
  }

  /// Puts a field in, or another value in place of its own.
  package mutating func insert(_ value: FieldValue, _ key: FieldKey) { values.insert(value, key) }

  /// Puts in a decimal in lowest terms, of at most 18 digits after the point.
  package mutating func insert(decimal coefficient: Int64, scale: Int, _ key: FieldKey) {
    values.insert(coefficient, kind: UInt8(scale), key)
  }

  /// Puts in an integer.
  package mutating func insert(integer number: Int64, _ key: FieldKey) {
    values.insert(number, kind: FieldNumbers.Kind.integer, key)
  }

  /// The value of a decimal or integer field, as a decimal.
  public func decimal(_ key: FieldKey) -> ExactDecimal? {
    var numbers = numbers
    return numbers.decimal(key)
  }

  /// The fields that are there, and those of their values that are numbers.
  package var numbers: FieldNumbers { values.numbers }

  /// The fields that are there.
  package var present: FieldKeys { values.present }

  /// Hands on every field in the table's order, with its value if it is there.
  package func forEachKey(_ body: (FieldValue?) -> Void) { values.forEachKey(body) }

  /// The room that the fields need as an object of JSON.
  package var jsonRoom: Int { values.jsonRoom }

  /// Appends the fields as an object of JSON. It needs room for ``jsonRoom``.
  package func writeFields(to out: inout OutputSpan<UInt8>) { values.writeObject(to: &out) }

  /// The kind of the issue that made a field absent. Nil where the field is present or was not logged.
  public func reasonForAbsence(of key: FieldKey) -> IssueKind? {
    present.contains(key) ? nil : issues.reasonForAbsence(of: key)
  }
}

extension [GrammarIssue] {
  /// The kind of the issue of a record that made a field absent. Nil where the field was not logged.
  package func reasonForAbsence(of key: FieldKey) -> IssueKind? {
    if let whole = first(where: { $0.kind.makesBlockAbsent }) { return whole.kind }
    return first { $0.key == key.name && $0.kind.makesFieldAbsent }?.kind
  }
}
