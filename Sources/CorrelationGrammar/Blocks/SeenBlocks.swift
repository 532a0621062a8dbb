/// The blocks that a stream had, by which a replay is known: the same block twice in one source stream (2-log-envelopes, Replays).
struct SeenBlocks {
  private struct Block: Hashable {
    var headerTime: [UInt8]
    var body: BodyHash
  }

  private var seen: Set<Block> = []

  /// Takes note of a block; true where the stream had the same one before. Without a header's time or a body no block is a replay.
  mutating func isReplay(_ block: borrowing OpenBlock) -> Bool {
    guard block.isRecognisable else { return false }
    let time = Self.sameForm(block.header.timeText)
    return !seen.insert(Block(headerTime: time, body: block.body.hash)).inserted
  }

  /// Airflow 3's console writes one instant with a blank or with a `T`, and UTC as `Z` or as `+00:00`.
  private static func sameForm(_ time: [UInt8]) -> [UInt8] {
    var form = time.map { $0 == 0x20 ? UInt8(ascii: "T") : $0 }
    for zone: StaticString in ["+00:00", "+0000"]
    where form.span.has(zone, at: form.count - zone.utf8CodeUnitCount) {
      form.removeLast(zone.utf8CodeUnitCount)
      form.append(UInt8(ascii: "Z"))
      break
    }
    return form
  }
}
