import TestSupport
import Testing

@testable import LogInput

@Suite struct ContentFingerprintTests {
  /// Made with the reference implementation (python-xxhash, `xxh64(…, seed=0)`) over bytes `(7 i + 3) mod 256`.
  static let vectors: [(count: Int, hash: UInt64)] = [
    (0, 0xef46_db37_51d8_e999), (1, 0x1f25_c8d0_bc1f_4bb6), (3, 0x31d2_363f_52e5_64c9),
    (4, 0x9bb6_4b7d_66ee_9fda), (7, 0x9a7b_1499_59ce_60d8), (8, 0xdab9_9d95_c6f9_0092),
    (31, 0xa2aa_5f33_cc4a_6119), (32, 0x23c3_c17e_f790_fd97), (33, 0x50a7_cfc7_ba58_8784),
    (63, 0x5e3e_54b4_31c7_493c), (64, 0x0eb6_4b3e_f6ee_b01f), (100, 0xa61f_8d4c_170f_e531),
    (1000, 0x5f23_5fa0_33f1_a3fb),
  ]

  @Test(arguments: vectors)
  func `it is XXH64 and the length, however the content is cut`(count: Int, hash: UInt64) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + 3) }
    for cut in Chunking.all(for: count) {
      var hasher = ContentHasher()
      cut.forEachChunk(of: bytes) { hasher.update($0) }
      #expect(hasher.finalize() == ContentFingerprint(hash: hash, length: UInt64(count)), "\(cut)")
    }
  }

  @Test func `it does not depend on the wrapping`() {
    let content = lines(0..<500)
    let half = content.count / 2
    let members = Gzip.member(Array(content[..<half])) + Gzip.member(Array(content[half...]), level: 1)
    let expected = decode(content).reading.fingerprint
    #expect(expected != nil)
    for wrapped in [Gzip.member(content), members, Gzip.member(members), Gzip.member(content, level: 0)] {
      #expect(decode(wrapped, bufferBytes: 777).reading.fingerprint == expected)
    }
    #expect(decode(content + [10]).reading.fingerprint != expected)
  }

  @Test func `its text is 32 hexadecimal digits`() {
    #expect(
      ContentFingerprint(hash: 0x0eb6_4b3e_f6ee_b01f, length: 64).description
        == "0eb64b3ef6eeb01f0000000000000040")
  }
}
