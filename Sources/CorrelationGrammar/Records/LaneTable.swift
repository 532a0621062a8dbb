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
  /// About how many bytes of memory each lane took when it was last left, and all together.
  private var memory = [0]
  private var memoryOfAll = 0

  /// So many bytes are held of lines and records of which the end has not come.
  private static let mostMemory = 8 << 20
  /// A lane that takes less is left alone.
  private static let littleMemory = 2048

  /// Makes ready for another log.
  mutating func reset() {
    if lanes.count > 1 || memoryOfAll > 0 { self = LaneTable() }
  }

  /// Whether the lanes hold so much that some of them have to let go of it.
  var isCrowded: Bool { memoryOfAll > Self.mostMemory }

  /// The lanes that hold more than a little.
  var large: [Int] { memory.indices.filter { memory[$0] > Self.littleMemory } }

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
    memory.append(0)
    lanes.append(RecordLane(key, number: number, in: outer, wrapper))
    return number
  }

  /// Puts a lane back in its place, and gives the one with a number.
  mutating func exchange(_ lane: inout RecordLane, for number: Int) {
    note(lane)
    swap(&lane, &lanes[lane.number])
    swap(&lane, &lanes[number])
  }

  /// Takes note of the memory that a lane takes.
  mutating func note(_ lane: borrowing RecordLane) {
    memoryOfAll += lane.memory - memory[lane.number]
    memory[lane.number] = lane.memory
  }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    for number in lanes.indices { lanes[number].markDamaged() }
  }
}
