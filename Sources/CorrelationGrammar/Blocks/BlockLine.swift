import LogModel

/// One message line as ``BlockMachine`` sees it: what it is and which keys it brings.
struct BlockLine {
  /// What a line can be to a block.
  enum Kind: Equatable {
    /// A block's header.
    case header
    /// Looks like a header and is none.
    case nearMiss
    /// `=== END CORRELATION DATA ===`.
    case endMarker
    /// A line of so many `=`.
    case rule(count: Int)
    /// A body-line that only groups.
    case section
    /// A body-line of pairs.
    case pairs
    /// A JSON object that is a body-line.
    case object
    /// Begins like a JSON object; further lines of its record may complete it.
    case objectStart
    /// Begins with a key and is not read, because it is too long or may be cut.
    case unread
    /// Anything else: prose, other programs' output.
    case other
  }

  var kind: Kind
  var position: LogPosition
  /// The keys of a line of pairs, of an object, or of the pairs on a header.
  var keys = LineKeys()

  /// Whether the line carries a block on that has these keys: it is a body-line of keys of ours, none of them in the block
  /// yet.
  func continuesBlock(with keys: KeySet) -> Bool {
    switch kind {
    case .pairs, .object: self.keys.areNew(to: keys)
    case .header, .nearMiss, .endMarker, .rule, .section, .objectStart, .unread, .other: false
    }
  }
}

/// The keys of one line, as far as the machine asks for them.
struct LineKeys {
  /// The keys of ours.
  private(set) var known = KeySet()
  /// The line also has keys that are not ours.
  private(set) var hasOthers = false
  /// The line ends with a key whose value a flush may have cut off: `recall_buy=` on a print stream.
  private(set) var endsWithoutValue = false

  /// No keys.
  init() {}

  /// The keys of a line of pairs. Only on a print stream a flush may have cut the last value off.
  init(_ pairs: [LoggedPair], isPrint: Bool) {
    for pair in pairs {
      known.insert(pair.name)
      if !pair.name.isKnown { hasOthers = true }
    }
    if isPrint, let last = pairs.last { endsWithoutValue = last.value.isEmpty && last.form == .bare }
  }

  /// Whether there are keys, all of them ours, and none is in the block yet.
  func areNew(to keys: KeySet) -> Bool {
    !hasOthers && !known.isEmpty && known.isDisjoint(with: keys)
  }
}

/// A set of key names; the names outside the grammar count as one.
struct KeySet: Equatable {
  private var bits: UInt64 = 0

  var isEmpty: Bool { bits == 0 }

  func contains(_ name: KeyName) -> Bool { bits & Self.bit(of: name) != 0 }

  func isDisjoint(with other: KeySet) -> Bool { bits & other.bits == 0 }

  mutating func insert(_ name: KeyName) { bits |= Self.bit(of: name) }

  mutating func formUnion(_ other: KeySet) { bits |= other.bits }

  private static func bit(of name: KeyName) -> UInt64 { 1 << UInt64(name.number) }
}

/// What the machine has to know of the log record in which a line stands.
struct BlockRecord {
  /// The record's number in its log.
  var number: Int
  /// A record of `print()` in Airflow 2, which may be a piece of one write.
  var isPrint = false
  /// A record of a stdout or stderr stream; its level is the channel's.
  var isStandardStream = false
  /// A record of a stdout or stderr stream of Airflow 3, whose lines come late and apart.
  var isLate = false
  /// Level WARNING or above.
  var isWarning = false

  /// Whether the record interrupts a block of which it holds nothing.
  var interrupts: Bool { isWarning && !isStandardStream }
}

extension BlockRecord {
  init(_ context: LogRecordContext) {
    self.init(
      number: context.number, isPrint: context.isPrint, isStandardStream: context.isStandardStream,
      isLate: context.isLate, isWarning: context.isWarning)
  }
}
