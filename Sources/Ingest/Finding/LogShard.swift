public import LogModel

/// One of N disjoint parts of all logs, so that N processes can share a backfill.
///
/// The part of a log depends on its task attempt alone, so that all logs of one attempt are in the same part. Without an attempt it
/// depends on the path below the root. Neither the order of the listing nor the version of the program makes a difference.
public struct LogShard: Sendable, Hashable {
  /// Which part, from 0.
  public let index: Int
  /// How many parts there are.
  public let count: Int

  /// A part; nil unless `0 <= index < count`.
  public init?(index: Int, count: Int) {
    guard count >= 1, (0..<count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// Whether a log is in this part.
  public func contains(_ identity: TaskIdentity?, name: String) -> Bool {
    var hash = FowlerNollVo()
    if let identity {
      hash.add(identity.dagID)
      hash.add(identity.runID)
      hash.add(identity.taskID)
      hash.add(String(identity.mapIndex ?? -1))
      hash.add(String(identity.tryNumber))
    } else {
      hash.add(name)
    }
    return hash.mixed % UInt64(count) == UInt64(index)
  }
}

/// The hash FNV-1a of 64 bits, with a last step by which the low bits depend on all bits. The standard library's hashing cannot be used,
/// because it differs from run to run.
private struct FowlerNollVo {
  private var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Adds a text and a mark for its end, so that `ab`, `c` and `a`, `bc` differ.
  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(0)
  }

  private mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  /// The hash after the last step, which is that of MurmurHash3.
  var mixed: UInt64 {
    var value = self.value
    value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return value ^ (value >> 33)
  }
}
