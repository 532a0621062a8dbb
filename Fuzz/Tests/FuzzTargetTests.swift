import Glibc
import TestSupport
import Testing

/// The fuzz targets without libFuzzer: the seeds that it left, and inputs made of them, others each day.
///
/// `make long WHAT=fuzz` goes on from here, with the address sanitizer and with inputs that look for new code.
@Suite("Fuzz targets") struct FuzzTargetTests {
  private static let newInputs = 100

  @Test("every seed keeps every promise", arguments: FuzzTarget.allCases)
  func seeds(_ target: FuzzTarget) throws {
    for (name, seed) in try FuzzSeeds.of(target) { expectKept(target, seed, "the seed \(name)") }
  }

  @Test("inputs made of the seeds keep every promise", arguments: FuzzTarget.allCases)
  func changedSeeds(_ target: FuzzTarget) throws {
    let seeds = try FuzzSeeds.of(target).map(\.bytes)
    // CORRPARSE_FUZZ_DAY takes the inputs of another day again: it is the day's number since 1970.
    let named = getenv("CORRPARSE_FUZZ_DAY").flatMap { UInt64(String(cString: $0)) }
    let day = named ?? UInt64(time(nil) / 86_400)
    var random = SeededGenerator(seed: day)
    for number in 0..<Self.newInputs {
      let input = FuzzSeeds.change(seeds, &random)
      expectKept(target, input, "input \(number) of CORRPARSE_FUZZ_DAY=\(day)")
    }
  }

  private func expectKept(_ target: FuzzTarget, _ input: [UInt8], _ name: String) {
    let broken = BrokenPromises()
    BrokenPromises.$kept.withValue(broken) { target.run(input) }
    #expect(broken.all.isEmpty, "\(target.rawValue): \(name): \(input)")
  }
}

/// The inputs in `Fuzz/Seeds`.
private enum FuzzSeeds {
  /// A target's seeds with the names of their files; throws an error where there is none.
  static func of(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast(2).joined(separator: "/") + "/Seeds/" + target.rawValue
    let seeds = try Files.files(below: folder).map { name in
      (name: name, bytes: try #require(Files.bytes(folder + "/" + name), "cannot read \(name)"))
    }
    try #require(!seeds.isEmpty, "no seed in \(folder)")
    return seeds
  }

  /// One seed with up to four changes: a bit, a piece lost or doubled, a piece of another seed put in.
  static func change(_ seeds: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
    var input = seeds[Int.random(in: seeds.indices, using: &random)]
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...input.count, using: &random)
      let source = Bool.random(using: &random) ? input : seeds[Int.random(in: seeds.indices, using: &random)]
      let piece = piece(of: source, &random)
      switch Int.random(in: 0...2, using: &random) {
      case 0 where place < input.count: input[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 1: input.removeSubrange(place..<min(input.count, place + piece.count))
      default: input.insert(contentsOf: piece, at: place)
      }
    }
    // As long as libFuzzer makes them (Scripts/fuzz.sh).
    return Array(input.prefix(2048))
  }

  private static func piece(of bytes: [UInt8], _ random: inout SeededGenerator) -> ArraySlice<UInt8> {
    let start = Int.random(in: 0...bytes.count, using: &random)
    return bytes[start..<min(bytes.count, start + Int.random(in: 1...64, using: &random))]
  }
}
