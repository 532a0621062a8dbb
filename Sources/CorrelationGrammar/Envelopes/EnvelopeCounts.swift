import LogModel

/// How many records of each envelope a log has; of one that wraps others, how many lines.
struct EnvelopeCounts {
  private var counts: [Int]

  init(_ envelopes: EnvelopeList) {
    counts = Array(repeating: 0, count: envelopes.definitions.count)
  }

  /// Makes ready for another log.
  mutating func reset() {
    for index in counts.indices { counts[index] = 0 }
  }

  /// Counts records of the envelope with a number in the list.
  mutating func count(_ envelope: Int, _ number: Int = 1) {
    counts[envelope] += number
  }

  /// The envelopes that were found, in the order of the list.
  func found(in envelopes: EnvelopeList) -> [(envelope: LogEnvelope, count: Int)] {
    var found: [(envelope: LogEnvelope, count: Int)] = []
    for index in counts.indices where counts[index] > 0 {
      found.append((envelopes.definitions[index].name, counts[index]))
    }
    return found
  }
}
