import CByteScan

/// How a line of an envelope can begin, as data.
///
/// The search over whole chunks is made from the openings of all envelopes: a line that begins in none of their ways is a bare
/// line. A recogniser is asked only about lines that its opening admits, so that a line is the same for the search and for the
/// recogniser.
struct Opening: Sendable {
  /// Bytes of one set, one behind the other. A run takes as many as there are, so the byte behind it must not be in its set.
  struct Run: Sendable {
    let bytes: ByteSet
    let least: Int
    let most: Int

    /// From `least` to `most` bytes of a set.
    static func of(_ bytes: ByteSet, _ least: Int = 1, upTo most: Int? = nil) -> Run {
      Run(bytes: bytes, least: least, most: most ?? least)
    }

    /// At least so many bytes of a set.
    static func of(_ bytes: ByteSet, atLeast least: Int) -> Run {
      Run(bytes: bytes, least: least, most: .max)
    }

    /// One of these characters.
    static func one(of characters: String) -> Run { of(ByteSet(characters)) }
  }

  /// Each way is runs, one behind the other.
  let ways: [[Run]]

  /// The ways to begin; without any no line begins so.
  init(_ ways: [Run]...) {
    self.ways = ways
  }

  /// A date, `2026-03-28`, as far as its second dash.
  static let date = Opening([.of(.digits, 4), .one(of: "-"), .of(.digits, 2), .one(of: "-")])

  /// An object of JSON, which may stand behind white space.
  static let object = Opening(
    [.one(of: "{")], [.of(.blanks), .one(of: "{")],
    [.of(.blanks), .of(ByteSet(" \t\r"), atLeast: 1), .one(of: "{")])
}

/// The openings of some envelopes, found by the first byte of a line.
struct OpeningTable: Sendable {
  /// For each first byte the ways that it begins, one bit each.
  private(set) var first = [UInt32](repeating: 0, count: 256)
  private(set) var ways: [line_opening] = []
  /// Which ways each opening has.
  private var places: [Range<Int>] = []

  /// How many ways there can be: one bit each.
  private static let mostWays = 32

  init(_ openings: [Opening]) {
    for opening in openings {
      let start = ways.count
      for way in opening.ways { add(way) }
      places.append(start..<ways.count)
    }
    precondition(ways.count <= Self.mostWays, "the openings of all envelopes have at most 32 ways")
  }

  private mutating func add(_ runs: [Opening.Run]) {
    var way = line_opening()
    for run in runs {
      let isAdded = unsafe line_opening_add(
        &way, byte_run(bytes: run.bytes.forScan, least: run.least, most: run.most))
      precondition(isAdded, "a way to begin has at most \(LINE_RUN_LIMIT) runs")
    }
    let bit = UInt32(1) << UInt32(ways.count)
    for byte in UInt8.min...UInt8.max where runs[0].bytes.contains(byte) { first[Int(byte)] |= bit }
    ways.append(way)
  }

  /// Whether an opening admits lines with this first byte.
  func mayAdmit(_ opening: Int, first byte: UInt8) -> Bool {
    places[opening].contains { first[Int(byte)] >> UInt32($0) & 1 == 1 }
  }

  /// Whether an opening admits a line.
  func admits(_ opening: Int, _ line: Span<UInt8>) -> Bool {
    for way in places[opening] where ByteScan.begins(line, way, of: ways) == line_begins_so { return true }
    return false
  }

  /// Whether an opening may admit a line of which only the beginning is known.
  func mayAdmit(_ opening: Int, beginning: Span<UInt8>) -> Bool {
    for way in places[opening] where ByteScan.begins(beginning, way, of: ways) != line_begins_otherwise {
      return true
    }
    return false
  }
}
