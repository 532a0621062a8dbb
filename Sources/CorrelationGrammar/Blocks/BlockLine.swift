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
    /// Begins like a JSON object; further lines may complete it.
    case objectStart
    /// A bare token, which may be the rest of a cut value. Pairs that stand behind it begin at `rest`.
    case token(rest: Int?)
    /// Begins with a separator, and may be the rest of gates.
    case separated
    /// A key with `:` and nothing more, such as `thresholds:`.
    case title
    /// Begins with a key and is not read, because it is too long or may be cut.
    case unread
    /// Anything else: prose, other programs' output.
    case other
  }

  /// Whether the last value of the body-line directly before may have been cut there (1-correlation-data, Cut values).
  enum Cut: Equatable {
    case no
    /// A text is taken for cut only where the block goes on.
    case ifBlockGoesOn
    case yes
    /// The value is the token of a joined pair: the line may be the value too, whatever it holds.
    case ofJoinedPair

    /// Whether the line's token is the rest of the value, so that the pairs behind the token are the block's.
    var isRest: Bool {
      switch self {
      case .ifBlockGoesOn, .yes: true
      case .no, .ofJoinedPair: false
      }
    }
  }

  var kind: Kind
  var position: LogPosition
  /// The keys of a line of pairs, of an object, of the pairs on a header or behind a token, or the one of a line that is not
  /// read.
  var keys = LineKeys()
  /// What the line says of the value before it.
  var cut = Cut.no
  /// Whatever the line holds, it feeds no block.
  var isForeign = false
  /// An array of several objects, of which nothing is read.
  var isSeveral = false
  /// A group marker was taken off. What is left is no token.
  var isGrouped = false
  /// A near-miss header only where a block is open: a text is glued to another one on the line (``GluedMark``).
  var isGlued = false

  /// Whether the line carries a block on that has these keys: it is a body-line of keys of ours, none of them in the block
  /// yet.
  func continuesBlock(with keys: KeySet) -> Bool {
    switch kind {
    case .pairs, .object: self.keys.areNew(to: keys)
    case .header, .nearMiss, .endMarker, .rule, .section, .objectStart, .token, .separated, .title, .unread,
      .other:
      false
    }
  }

  /// Whether the line's first key is its beginning.
  var beginsWithKey: Bool {
    switch kind {
    case .pairs, .object, .unread: true
    case .header, .nearMiss, .endMarker, .rule, .section, .objectStart, .token, .separated, .title, .other:
      false
    }
  }

  /// Whether a line of one word can be the value that a flush cut off a pair.
  var mayBeRestOfPair: Bool {
    switch kind {
    case .token, .separated, .title, .unread, .other: true
    case .header, .nearMiss, .endMarker, .rule, .section, .pairs, .object, .objectStart: false
    }
  }

  /// Whether the line ends a block that has body-lines, or ends what is looked at behind a foreign line.
  var isRule: Bool {
    if case .rule(let count) = kind { count >= 3 } else { false }
  }
}

/// The keys of one line, as far as the machine asks for them.
struct LineKeys {
  /// The keys of ours.
  private(set) var known = KeySet()
  /// The key with which the line begins.
  private(set) var first: KeyName?
  /// The line also has keys that are not ours.
  private(set) var hasOthers = false
  /// The line ends with a key whose value a flush may have cut off: `recall_buy=` on a print stream.
  private(set) var endsWithoutValue = false

  /// No keys.
  init() {}

  /// The one key that is known of a line.
  init(_ key: KeyName) { insert(key) }

  /// The keys of a line of pairs. Only on a print stream a flush may have cut the last value off. `key` stands before the
  /// pairs, where a key has to be spelt together with the line before.
  init(_ pairs: [LoggedPair], of text: Span<UInt8>, isPrint: Bool, behind key: KeyName? = nil) {
    if let key { insert(key) }
    for pair in pairs where pair.name != .event || !text.is("correlation_data", in: pair.value) {
      insert(pair.name)
    }
    if isPrint, let last = pairs.last { endsWithoutValue = last.value.isEmpty && last.form == .bare }
  }

  private mutating func insert(_ name: KeyName) {
    if first == nil { first = name }
    if name.isKnown { known.insert(name) } else { hasOthers = true }
  }

  /// Whether there are keys, all of them ours, and none is in the block yet.
  func areNew(to keys: KeySet) -> Bool {
    !hasOthers && !known.isEmpty && known.isDisjoint(with: keys)
  }

  /// Whether the line begins with a key of ours that is not in the block yet.
  func beginNew(to keys: KeySet) -> Bool {
    guard let first, first.isKnown else { return false }
    return !keys.contains(first)
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

  // No name has a number above 63.
  @inline(__always) private static func bit(of name: KeyName) -> UInt64 { 1 &<< UInt64(name.number) }
}

/// What the machine has to know of the log record in which a line stands.
struct BlockRecord: Equatable {
  /// The record's number in its log.
  var number: Int
  /// A record of `print()` in Airflow 2, which may be a piece of one write.
  var isPrint = false
  /// A record of a line stream, on which an object may be spread over records (2-log-envelopes, Sources and streams).
  var isLine = false
  /// A record of a stdout or stderr stream; its level is the channel's.
  var isStandardStream = false
  /// A record of a stdout or stderr stream of Airflow 3, whose lines come late and apart.
  var isLate = false
  /// Level WARNING or above.
  var isWarning = false

  /// Whether the record interrupts a block of which it holds nothing.
  var interrupts: Bool { isWarning && !isStandardStream }
}

extension LogRecordContext {
  /// Whether the record interrupts a block of which it holds nothing (``BlockRecord/interrupts``).
  var isGrave: Bool { isWarning && !isStandardStream }
}

extension BlockRecord {
  init(_ context: LogRecordContext) {
    self.init(
      number: context.number, isPrint: context.isPrint, isLine: context.isLineStream,
      isStandardStream: context.isStandardStream, isLate: context.isLate, isWarning: context.isWarning)
  }
}

extension LogRecordContext {
  /// Whether each line is a record of its own, so that an object may be spread over records (2-log-envelopes, Sources and
  /// streams).
  var isLineStream: Bool {
    isPrint || isStandardStream || streamKey.envelope == .bare || streamKey.hasLane
  }
}
