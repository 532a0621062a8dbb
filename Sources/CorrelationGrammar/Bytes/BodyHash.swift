/// A 128-bit hash of a block's body-lines, by which a block that an upload repeated is known again
/// (2-log-envelopes, Replays).
///
/// Two FNV-1a style lanes with different primes and an avalanche at the end. The hash is the same on every machine, and two different
/// bodies practically never have the same one.
struct BodyHash: Hashable {
  private var first: UInt64 = 0xCBF2_9CE4_8422_2325
  private var second: UInt64 = 0x9AE1_6A3B_2F90_404F

  /// Adds a line; where lines begin and end counts.
  mutating func add(_ line: Span<UInt8>) {
    for index in 0..<line.count { mix(line[index]) }
    mix(0x0A)
  }

  private mutating func mix(_ byte: UInt8) {
    first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    second = (second ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
    second ^= second >> 29
  }
}
