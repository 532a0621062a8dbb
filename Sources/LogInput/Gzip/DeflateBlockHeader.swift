#if CORRPARSE_ISAL
  /// Looks through the header of a deflate block (RFC 1951, section 3.2.3) before ISA-L decodes it.
  ///
  /// ISA-L accepts codes that zlib refuses, such as incomplete ones. A header is called `whole` only if zlib accepts it. Every other
  /// header, and a valid but unusual one, is called `doubtful`, and zlib decides.
  struct DeflateBlockHeader {
    enum Finding {
      /// More bytes are needed.
      case incomplete
      /// The header ends within the bytes and is in order.
      case whole
      /// The header may be invalid. zlib has to decide.
      case doubtful
    }

    /// The bits of the header that was kept, from its first one; the last byte is filled up with zeros.
    private(set) var bytes: [UInt8] = []
    /// How many bits the header has that was read last.
    private(set) var bitCount = 0
    /// Whether the block is the stream's last.
    private(set) var isLast = false

    /// Symbol and length for each pattern of the next 7 bits, in the code that the code lengths are written in.
    private var lengthCode: [(symbol: UInt8, length: UInt8)] = Array(repeating: (0, 0), count: 128)
    private var lengths: [UInt8] = Array(repeating: 0, count: 286 + 30)

    /// The longest header in bytes, with the bits before it that share its first byte.
    static let mostBytes = 600

    /// Reads a header.
    /// - Parameters:
    ///   - bits: Its first bits.
    ///   - count: How many they are.
    ///   - input: What follows them.
    ///   - position: Where in the input they go on.
    /// - Returns: What the header was found to be.
    mutating func read(bits: UInt64, count: Int, _ input: Span<UInt8>, from position: Int) -> Finding {
      var reader = BitReader(bits: bits, count: count, position: position)
      let finding = read(&reader, input)
      if finding == .whole { bitCount = reader.taken }
      return finding
    }

    /// Keeps the bits of the header that was read last, and is `whole`. The parameters are those of ``read(bits:count:_:from:)``.
    mutating func keep(bits: UInt64, count: Int, _ input: Span<UInt8>, from position: Int) {
      bytes.removeAll(keepingCapacity: true)
      var reader = BitReader(bits: bits, count: count, position: position)
      while reader.taken < bitCount {
        bytes.append(UInt8(reader.take(min(8, bitCount - reader.taken), input) ?? 0))
      }
    }

    private mutating func read(_ reader: inout BitReader, _ input: Span<UInt8>) -> Finding {
      guard let last = reader.take(1, input), let kind = reader.take(2, input) else { return .incomplete }
      isLast = last == 1
      switch kind {
      case 0:
        guard reader.skipToByte(of: input), let length = reader.take(16, input),
          let complement = reader.take(16, input)
        else { return .incomplete }
        return length ^ complement == 0xffff ? .whole : .doubtful
      case 1: return .whole
      case 2: return readCodes(&reader, input)
      default: return .doubtful
      }
    }

    private mutating func readCodes(_ reader: inout BitReader, _ input: Span<UInt8>) -> Finding {
      guard let counts = reader.take(14, input) else { return .incomplete }
      let symbolCount = Int(counts & 31) + 257
      let distanceCount = Int(counts >> 5 & 31) + 1
      guard symbolCount <= 286, distanceCount <= 30 else { return .doubtful }
      if let finding = readLengthCode(Int(counts >> 10) + 4, &reader, input) { return finding }
      let total = symbolCount + distanceCount
      var index = 0
      while index < total {
        let entry = lengthCode[Int(reader.peek(input) & 127)]
        guard reader.take(Int(entry.length), input) != nil else { return .incomplete }
        if entry.symbol < 16 {
          lengths[index] = entry.symbol
          index += 1
          continue
        }
        let repeated: UInt8
        let least: Int
        let extra: UInt32?
        switch entry.symbol {
        case 16:
          guard index > 0 else { return .doubtful }
          (repeated, least, extra) = (lengths[index - 1], 3, reader.take(2, input))
        case 17: (repeated, least, extra) = (0, 3, reader.take(3, input))
        default: (repeated, least, extra) = (0, 11, reader.take(7, input))
        }
        guard let extra else { return .incomplete }
        let end = index + least + Int(extra)
        guard end <= total else { return .doubtful }
        while index < end {
          lengths[index] = repeated
          index += 1
        }
      }
      return areInOrder(symbolCount: symbolCount, total: total) ? .whole : .doubtful
    }

    /// Reads the code that the code lengths are written in. Returns nil, or the verdict on the header if this code is not in order.
    private mutating func readLengthCode(
      _ count: Int, _ reader: inout BitReader, _ input: Span<UInt8>
    ) -> Finding? {
      let order: [19 of Int] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
      var codeLengths: [19 of UInt8] = .init(repeating: 0)
      for index in 0..<count {
        guard let length = reader.take(3, input) else { return .incomplete }
        codeLengths[order[index]] = UInt8(length)
      }
      // Codes of one length follow each other, and shorter codes come before longer ones. The stream has the highest bit of a code first.
      var code = 0
      for length in 1...7 {
        for symbol in codeLengths.indices where codeLengths[symbol] == length {
          guard code < 128 else { return .doubtful }
          let step = 1 << length
          var place = Self.reversed7(code)
          while place < 128 {
            lengthCode[place] = (UInt8(symbol), UInt8(length))
            place += step
          }
          code += 128 >> length
        }
      }
      return code == 128 ? nil : .doubtful
    }

    private static func reversed7(_ code: Int) -> Int {
      var reversed = 0
      for bit in 0..<7 where code >> bit & 1 == 1 { reversed |= 64 >> bit }
      return reversed
    }

    /// Whether both codes are complete, and there is a symbol for the end of the block. The code of distances may also have one symbol
    /// of one bit, or none.
    private func areInOrder(symbolCount: Int, total: Int) -> Bool {
      guard lengths[256] > 0 else { return false }
      var sum = 0
      for index in 0..<symbolCount { sum += Self.share(of: lengths[index]) }
      guard sum == 1 << 15 else { return false }
      (sum, _) = (0, 0)
      for index in symbolCount..<total { sum += Self.share(of: lengths[index]) }
      let isAloneOrNone = sum == 0 || sum == 1 << 14 && lengths[symbolCount..<total].contains(1)
      return sum == 1 << 15 || isAloneOrNone
    }

    /// The share of the code space that a code of this length takes, in parts of 2^15.
    private static func share(of length: UInt8) -> Int { length == 0 ? 0 : 1 << (15 - Int(length)) }
  }

  /// Takes bits off some first ones and the bytes behind them.
  private struct BitReader {
    private var bits: UInt64
    private var count: Int
    private var position: Int
    private(set) var taken = 0

    init(bits: UInt64, count: Int, position: Int) {
      (self.bits, self.count, self.position) = (bits, count, position)
    }

    /// The next bits, at least 16 where so many are there.
    ///
    /// Above the counted bits, `bits` may already hold bits of the next byte. The next refill puts the same bits in the same place, which
    /// changes nothing.
    @inline(__always) mutating func peek(_ input: Span<UInt8>) -> UInt64 {
      if count >= 16 { return bits }
      if position <= input.count - 8 {
        let word = unsafe input.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        bits |= UInt64(littleEndian: word) << count
        let whole = (63 - count) / 8
        count += whole * 8
        position += whole
        return bits
      }
      while count <= 56, position < input.count {
        bits |= UInt64(input[position]) << count
        count += 8
        position += 1
      }
      return bits
    }

    /// Takes at most 16 bits; nil where they are not all there.
    @inline(__always) mutating func take(_ wanted: Int, _ input: Span<UInt8>) -> UInt32? {
      let next = peek(input)
      guard wanted <= count else { return nil }
      bits = next >> wanted
      count -= wanted
      taken += wanted
      return UInt32(next & (1 << wanted - 1))
    }

    /// Leaves out what is left of a byte. The first bits end with one.
    mutating func skipToByte(of input: Span<UInt8>) -> Bool { take(count % 8, input) != nil }
  }
#endif
