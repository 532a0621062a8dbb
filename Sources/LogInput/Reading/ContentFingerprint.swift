/// Identifies the content of a log by length and hash of the decompressed bytes (4-database, Ledger).
///
/// Compression and chunks make no difference to it, and it stays the same in every version of the program: the hash is XXH64 with
/// seed 0 (xxHash specification 0.1.1). It protects against mistakes. It does not protect against somebody who builds two logs with one
/// hash.
public struct ContentFingerprint: Sendable, Hashable {
  /// XXH64 of the content.
  public let hash: UInt64
  /// The content's length in bytes.
  public let length: UInt64

  /// 16 bytes: the hash, then the length, each with its most significant byte first.
  public var bytes: [UInt8] {
    [hash, length].flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
  }
}

extension ContentFingerprint: CustomStringConvertible {
  /// 32 lower-case hexadecimal digits: the hash, then the length.
  public var description: String {
    [hash, length].map { number in
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }.joined()
  }
}

/// Computes a fingerprint over chunks.
struct ContentHasher {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
  private static let stripe = 32

  private var length: UInt64 = 0
  private var lanes = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
  /// The bytes behind the last whole stripe of 32 bytes, in little-endian words.
  private var tail: [4 of UInt64] = [0, 0, 0, 0]
  private var tailCount = 0

  /// Adds the content's next bytes.
  mutating func update(_ bytes: Span<UInt8>) {
    length &+= UInt64(bytes.count)
    var position = 0
    while tailCount > 0, position < bytes.count {
      keep(bytes[position])
      position += 1
    }
    let raw = unsafe bytes.bytes
    var (lane1, lane2, lane3, lane4) = lanes
    while bytes.count - position >= Self.stripe {
      lane1 = Self.round(lane1, Self.word(raw, position))
      lane2 = Self.round(lane2, Self.word(raw, position + 8))
      lane3 = Self.round(lane3, Self.word(raw, position + 16))
      lane4 = Self.round(lane4, Self.word(raw, position + 24))
      position += Self.stripe
    }
    lanes = (lane1, lane2, lane3, lane4)
    while position < bytes.count {
      keep(bytes[position])
      position += 1
    }
  }

  /// The fingerprint of all bytes so far.
  func finalize() -> ContentFingerprint {
    var hash = Self.prime5
    if length >= UInt64(Self.stripe) {
      let (lane1, lane2, lane3, lane4) = lanes
      hash = lane1.rotated(1) &+ lane2.rotated(7) &+ lane3.rotated(12) &+ lane4.rotated(18)
      for lane in [lane1, lane2, lane3, lane4] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    }
    hash &+= length
    var position = 0
    while tailCount - position >= 8 {
      hash ^= Self.round(0, tail[position / 8])
      hash = hash.rotated(27) &* Self.prime1 &+ Self.prime4
      position += 8
    }
    if tailCount - position >= 4 {
      hash ^= (tail[position / 8] & 0xffff_ffff) &* Self.prime1
      hash = hash.rotated(23) &* Self.prime2 &+ Self.prime3
      position += 4
    }
    while position < tailCount {
      hash ^= (tail[position / 8] >> (8 * (position % 8)) & 0xff) &* Self.prime5
      hash = hash.rotated(11) &* Self.prime1
      position += 1
    }
    hash = (hash ^ hash >> 33) &* Self.prime2
    hash = (hash ^ hash >> 29) &* Self.prime3
    return ContentFingerprint(hash: hash ^ hash >> 32, length: length)
  }

  /// Keeps one byte of a stripe that is not whole yet, and adds the stripe once it is whole.
  private mutating func keep(_ byte: UInt8) {
    tail[tailCount / 8] |= UInt64(byte) << (8 * (tailCount % 8))
    tailCount += 1
    guard tailCount == Self.stripe else { return }
    lanes.0 = Self.round(lanes.0, tail[0])
    lanes.1 = Self.round(lanes.1, tail[1])
    lanes.2 = Self.round(lanes.2, tail[2])
    lanes.3 = Self.round(lanes.3, tail[3])
    (tail, tailCount) = ([0, 0, 0, 0], 0)
  }

  @inline(__always) private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
    // The offset is checked; any bytes make a valid number.
    UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always) private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    (lane &+ word &* prime2).rotated(31) &* prime1
  }
}

extension UInt64 {
  @inline(__always) fileprivate func rotated(_ count: UInt64) -> UInt64 {
    self &<< count | self &>> (64 - count)
  }
}
