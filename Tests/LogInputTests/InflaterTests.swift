#if CORRPARSE_ISAL
  import TestSupport
  import Testing

  @testable import LogInput

  /// Whatever the bytes and however they come, ISA-L and zlib give the same: content, members, damage and its place.
  @Suite struct InflaterTests {
    private struct Outcome: Equatable {
      var content: [UInt8]
      var events: [RecordingSink.Event]
      var damage: LogDelivery.Damage?
      var status: LogStatus
      var wrapping: LogReading.Wrapping
      var garbage: LogReading.TrailingGarbage?

      init(_ bytes: [UInt8], _ cut: Chunking?, _ bufferBytes: Int, _ inflater: Inflater) {
        let decoded = decode(bytes, cut: cut, bufferBytes: bufferBytes, inflater: inflater)
        (content, events, damage) = (decoded.content, decoded.events, decoded.damage)
        (status, wrapping) = (decoded.reading.status, decoded.reading.wrapping)
        garbage = decoded.reading.trailingGarbage
      }
    }

    /// Records what differs; says whether nothing does.
    @discardableResult
    private func compare(
      _ bytes: [UInt8], cut: Chunking? = nil, bufferBytes: Int = 65_536, _ name: @autoclosure () -> String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
      let isal = Outcome(bytes, cut, bufferBytes, .isal)
      let zlib = Outcome(bytes, cut, bufferBytes, .zlib)
      guard isal != zlib else { return true }
      let same = zip(isal.content, zlib.content).prefix { $0 == $1 }.count
      Issue.record(
        """
        \(name()), \(cut?.description ?? "whole"), output of \(bufferBytes): the first \(same) bytes are the same, \
        isal gives \(isal.content.count) and \(isal.events.suffix(2)) \(String(describing: isal.damage)), \
        zlib \(zlib.content.count) and \(zlib.events.suffix(2)) \(String(describing: zlib.damage))
        """, sourceLocation: sourceLocation)
      return false
    }

    private func compareChunkings(_ bytes: [UInt8], sizes: [Int], randomCuts: Int, _ name: String) {
      for size in sizes {
        for cut in Chunking.few(for: bytes.count, randomCuts: randomCuts) {
          guard compare(bytes, cut: cut, bufferBytes: size, name) else { return }
        }
      }
    }

    @Test(arguments: GzipStreamCase.all)
    func `every chunking and any buffer`(stream: GzipStreamCase) {
      compareChunkings(stream.bytes, sizes: [1, 2, 7, 300, 65_536], randomCuts: 20, stream.testDescription)
      for cut in Chunking.all(for: stream.bytes.count, randomCuts: 0) {
        compare(stream.bytes, cut: cut, stream.testDescription)
      }
    }

    @Test(arguments: DeflateSample.small)
    func `every cut of a file`(sample: DeflateSample) {
      for end in 0...sample.archive.count {
        let part = Array(sample.archive[..<end])
        guard compare(part, "\(sample) cut at \(end)"),
          compare(part, bufferBytes: 5, "\(sample) cut at \(end)")
        else { return }
      }
    }

    @Test(arguments: DeflateSample.small)
    func `every bit flipped`(sample: DeflateSample) {
      let bytes = sample.archive
      let middle = Chunking(name: "halves", ranges: [0..<bytes.count / 2, bytes.count / 2..<bytes.count])
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << (bit % 8)
        compare(flipped, "\(sample) bit \(bit)")
        compare(flipped, cut: middle, bufferBytes: 9, "\(sample) bit \(bit)")
      }
    }

    @Test(arguments: DeflateSample.large)
    func `a long file whole, cut, and with seeded flips`(sample: DeflateSample) {
      let bytes = sample.archive
      var generator = SeededGenerator(seed: UInt64(bytes.count))
      for size in [1000, 32_768, 40_000, 65_536, 262_144] {
        for piece in [500, 4096, 65_536, bytes.count] {
          let starts = stride(from: 0, to: bytes.count, by: piece)
          let cut = Chunking(
            name: "pieces of \(piece)", ranges: starts.map { $0..<min($0 + piece, bytes.count) })
          compare(bytes, cut: cut, bufferBytes: size, "\(sample)")
        }
      }
      for _ in 0..<60 {
        let end = Int.random(in: 0...bytes.count, using: &generator)
        compare(Array(bytes[..<end]), bufferBytes: 50_000, "\(sample) cut at \(end)")
        var flipped = bytes
        let bit = Int.random(in: 0..<bytes.count * 8, using: &generator)
        flipped[bit / 8] ^= 1 << (bit % 8)
        let piece = Int.random(in: 1000...100_000, using: &generator)
        let starts = stride(from: 0, to: bytes.count, by: piece)
        let cut = Chunking(
          name: "pieces of \(piece)", ranges: starts.map { $0..<min($0 + piece, bytes.count) })
        compare(flipped, cut: cut, bufferBytes: 50_000, "\(sample) bit \(bit)")
      }
    }

    @Test(arguments: [0, 1, 9])
    func `streams of one block, about as long as the output`(level: Int) {
      let text = lines(0..<40)
      for count in [0, 1, 999, 1000, 1001, 2000] {
        let content = Array(text.prefix(count))
        let archive = Gzip.member(content, level: level)
        for end in max(0, archive.count - 12)...archive.count {
          compare(Array(archive[..<end]), bufferBytes: 1000, "\(count) bytes, cut at \(end)")
        }
        compare(
          archive + archive + Gzip.member(text, level: level), bufferBytes: 1000, "\(count) bytes, members")
        compare(archive + [0x1f, 0x8b, 0x41], bufferBytes: 1000, "\(count) bytes, garbage")
        compare(Gzip.member(archive, level: level), bufferBytes: 1000, "\(count) bytes, gzip in gzip")
      }
    }

    @Test func `any bytes as a deflate stream`() {
      // Fixed and stored blocks come up often by chance, dynamic ones with codes that no compressor writes too.
      var generator = SeededGenerator(seed: 6)
      for _ in 0..<4000 {
        let count = Int.random(in: 1...200, using: &generator)
        let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        compare(Gzip.Header().bytes + noise, "noise \(noise)")
        compare(
          Gzip.Header().bytes + noise, cut: Chunking.few(for: count + 10, randomCuts: 0)[1], bufferBytes: 3,
          "noise \(noise)")
      }
    }

    @Test func `the corpus, its archives and its logs compressed`() {
      var compared = 0
      for item in Corpus.cases {
        guard let name = item.inputName, let content = item.bytes(name) else { continue }
        let archives = name.hasSuffix(".gz") ? [content] : [1, 9].map { Gzip.member(content, level: $0) }
        for archive in archives {
          compareChunkings(archive, sizes: [11, 65_536], randomCuts: 4, item.name)
          compared += 1
        }
      }
      #expect(compared > 100)
    }

    @Test func `the seeds of the fuzz target`() {
      let folder = Corpus.folder + "/../../Fuzz/Seeds/gzip"
      let seeds = Files.files(below: folder)
      #expect(seeds.count > 10)
      for name in seeds {
        guard let bytes = Files.bytes(folder + "/" + name) else {
          Issue.record("cannot be read: \(name)")
          continue
        }
        compareChunkings(bytes, sizes: [1, 100, 65_536], randomCuts: 20, name)
        for end in 0...bytes.count { compare(Array(bytes[..<end]), "\(name) cut at \(end)") }
      }
    }

    @Test(.enabled(if: SampleLogs.folder != nil))
    func `the shared samples`() throws {
      let root = try #require(SampleLogs.folder) + "/logs"
      var compared = 0
      for path in Files.files(below: root) {
        let content = try #require(Files.bytes(root + "/" + path))
        let archive = content.starts(with: [0x1f, 0x8b]) ? content : Gzip.member(content)
        compareChunkings(archive, sizes: [100, 65_536], randomCuts: 2, path)
        compared += 1
      }
      #expect(compared > 100)
    }
  }
#endif
