import LogModel

/// Names a program whose lines other lines wrap.
struct LaneKey: Hashable {
  /// The lane of the wrapping lines.
  var outer: Int
  /// The envelope of the wrapping lines, by its number in the list.
  var wrapper: Int
  /// The program's name.
  var program: [UInt8]
}

/// The lanes of one log but for the one whose lines are being read, whose place holds an empty one.
struct LaneTable {
  private var lanes = [RecordLane()]
  private var numbers: [LaneKey: Int] = [:]

  var count: Int { lanes.count }

  /// The number of a program's lane.
  func number(of key: LaneKey) -> Int? { numbers[key] }

  /// Whether a program has a lane. Nearly always the lane at hand is the one.
  func contains(_ key: LaneKey, current: borrowing RecordLane) -> Bool {
    current.key == key || numbers[key] != nil
  }

  /// A lane for a program; gives its number.
  mutating func add(_ key: LaneKey, in outer: RecordLane, _ wrapper: EnvelopeDefinition) -> Int {
    let number = lanes.count
    numbers[key] = number
    lanes.append(RecordLane(key, number: number, in: outer, wrapper))
    return number
  }

  /// Puts a lane back in its place, and gives the one with a number.
  mutating func exchange(_ lane: inout RecordLane, for number: Int) {
    swap(&lane, &lanes[lane.number])
    swap(&lane, &lanes[number])
  }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    for number in lanes.indices { lanes[number].markDamaged() }
  }
}
