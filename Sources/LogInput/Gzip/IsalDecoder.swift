#if CORRPARSE_ISAL
  private import CISAL

  /// Inflates sound streams through ISA-L and hands doubtful ones over to zlib.
  ///
  /// ISA-L accepts some streams that zlib refuses. When ISA-L fails, or the input ends, the bytes that it has given depend on the pieces
  /// in which the input came. Therefore ISA-L gets one block at a time, after ``DeflateBlockHeader`` has accepted its header. If a call of
  /// ISA-L fails, zlib repeats that call and goes on. So it is always zlib that decides where damage is and which bytes come before it.
  ///
  /// A stream that is one block, as that of a short log is, is given to ISA-L at once. Where ISA-L cannot decode it so, nothing is taken of
  /// that attempt, and the stream is decoded like every other.
  @safe final class IsalDecoder: DeflateDecoder {
    private let state: UnsafeMutableRawPointer
    /// No block of the stream has begun.
    private var isAtStart = true
    private var header = DeflateBlockHeader()
    /// The part of a block header that has come so far.
    private var carry: [UInt8] = []
    /// zlib, once it has taken over for the rest of the stream.
    private lazy var zlib = ZlibDecoder()
    private var isZlibs = false
    /// The window as it was before the last call, and how many of its bytes are valid.
    private var window: [UInt8] = []
    private var windowCount = 0

    init() {
      unsafe state = .allocate(byteCount: corrparse_isal_size(), alignment: 16)
      unsafe corrparse_isal_begin(state)
    }

    deinit {
      unsafe state.deallocate()
    }

    var unusedBytes: Int { isZlibs ? zlib.unusedBytes : 0 }

    func reset() {
      unsafe corrparse_isal_begin(state)
      isAtStart = true
      carry.removeAll(keepingCapacity: true)
      isZlibs = false
    }

    func decode(_ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8]) -> (
      count: Int, progress: DeflateProgress
    ) {
      var count = 0
      while !isZlibs {
        count += drain(into: &output, at: count)
        if unsafe corrparse_isal_pending(state) > 0 { return (count, .paused) }
        if unsafe corrparse_isal_is_at_end(state) != 0 {
          if header.isLast {
            giveBack(&position)
            return (count, .ended)
          }
          unsafe corrparse_isal_expect_header(state)
        }
        if count == output.count { return (count, .paused) }
        unsafe corrparse_isal_settle(state)
        let isWaiting =
          if unsafe corrparse_isal_is_at_header(state) != 0 {
            beginBlock(input, &position, into: &output, &count)
          } else {
            goOn(input, &position, into: &output, &count)
          }
        if isWaiting { return (count, .paused) }
      }
      return zlib.decode(input, from: &position, into: &output, at: count)
    }

    func decodeRest(into output: inout [UInt8]) -> (count: Int, progress: DeflateProgress) {
      if !isZlibs {
        let count = drain(into: &output, at: 0)
        if count > 0 { return (count, .paused) }
        // ISA-L keeps no output back within a stored block.
        guard unsafe corrparse_isal_is_stored(state) == 0 else { return (0, .paused) }
        let isAtHeader =
          unsafe corrparse_isal_is_at_header(state) != 0 || corrparse_isal_is_at_end(state) != 0
        keepWindow()
        handOver(isAtHeader: isAtHeader, unsafe corrparse_isal_get_bits(state), carry)
      }
      return zlib.decodeRest(into: &output)
    }

    /// Takes over the output that ISA-L holds back. Returns how many bytes that were.
    private func drain(into output: inout [UInt8], at count: Int) -> Int {
      unsafe output.withUnsafeMutableBufferPointer { output in
        guard let start = output.baseAddress else { return 0 }
        return unsafe Int(
          corrparse_isal_drain(state, start + count, UInt32(clamping: output.count - count)))
      }
    }

    /// Checks the next block's header and decodes the first bytes of the block. Returns whether more input is needed.
    private func beginBlock(
      _ input: Span<UInt8>, _ position: inout Int, into output: inout [UInt8], _ count: inout Int
    ) -> Bool {
      let ahead = unsafe corrparse_isal_get_bits(state)
      let carried = carry.count
      if carried > 0 {
        let end = min(input.count, position + DeflateBlockHeader.mostBytes)
        for index in position..<end { carry.append(input[index]) }
      }
      let finding =
        carried > 0
        ? header.read(bits: ahead.bits, count: Int(ahead.count), carry.span, from: 0)
        : header.read(bits: ahead.bits, count: Int(ahead.count), input, from: position)
      switch finding {
      case .incomplete:
        if carried == 0 { for index in position..<input.count { carry.append(input[index]) } }
        position = input.count
        return true
      case .doubtful:
        keepWindow()
        carry.removeLast(carry.count - carried)
        handOver(isAtHeader: true, ahead, carry)
        return false
      case .whole: break
      }
      defer { isAtStart = false }
      if isAtStart, header.isLast, carried == 0, ahead.count == 0,
        decodeWhole(input, &position, into: &output, &count)
      {
        return false
      }
      if carried == 0 {
        header.keep(bits: ahead.bits, count: Int(ahead.count), input, from: position)
        decodeBlock(input, &position, from: ahead, [], into: &output, &count)
      } else {
        header.keep(bits: ahead.bits, count: Int(ahead.count), carry.span, from: 0)
        // Give ISA-L the header alone, which ends within these bytes.
        carry.removeLast(carry.count - (header.bitCount - Int(ahead.count) + 7) / 8)
        position += carry.count - carried
        let beginning = carry
        carry.removeAll(keepingCapacity: true)
        var start = 0
        decodeBlock(beginning.span, &start, from: ahead, beginning, into: &output, &count)
      }
      return false
    }

    /// Decodes a stream of one block at once. False where that does not succeed: then nothing was done, and the stream has to be decoded as
    /// any other.
    private func decodeWhole(
      _ input: Span<UInt8>, _ position: inout Int, into output: inout [UInt8], _ count: inout Int
    ) -> Bool {
      let step = unsafe input.extracting(position...).withUnsafeBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
          guard let start = output.baseAddress else {
            return corrparse_isal_step(taken: 0, given: 0, code: 1)
          }
          return unsafe corrparse_isal_inflate_whole(
            state, input.baseAddress, UInt32(clamping: input.count), start + count,
            UInt32(clamping: output.count - count))
        }
      }
      guard step.code == 0 else {
        unsafe corrparse_isal_begin(state)
        return false
      }
      position += Int(step.taken)
      count += Int(step.given)
      return true
    }

    /// Lets ISA-L read a header and what follows. It is told that the block is the last one, so that it stops behind it.
    private func decodeBlock(
      _ input: Span<UInt8>, _ position: inout Int, from ahead: corrparse_isal_bits, _ carried: [UInt8],
      into output: inout [UInt8], _ count: inout Int
    ) {
      let start = position
      var marked = ahead
      if marked.count == 0 {
        marked = corrparse_isal_bits(bits: UInt64(input[position]), count: 8)
        position += 1
      }
      marked.bits |= 1
      unsafe corrparse_isal_set_bits(state, marked)
      keepWindow()
      if run(input, &position, into: &output, &count) < 0 {
        position = start
        handOver(isAtHeader: true, ahead, carried)
      }
    }

    /// Goes on within a block. Returns whether more input is needed.
    private func goOn(
      _ input: Span<UInt8>, _ position: inout Int, into output: inout [UInt8], _ count: inout Int
    ) -> Bool {
      let (start, ahead) = (position, unsafe corrparse_isal_get_bits(state))
      keepWindow()
      guard run(input, &position, into: &output, &count) >= 0 else {
        position = start
        handOver(isAtHeader: false, ahead, [])
        return false
      }
      return unsafe corrparse_isal_is_at_end(state) == 0 && count < output.count
    }

    /// One call of ISA-L. Where it fails, the counts stay as they were.
    private func run(
      _ input: Span<UInt8>, _ position: inout Int, into output: inout [UInt8], _ count: inout Int
    ) -> CInt {
      unsafe input.extracting(position...).withUnsafeBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
          guard let start = output.baseAddress else { return 0 }
          let step = unsafe corrparse_isal_inflate(
            state, input.baseAddress, UInt32(clamping: input.count), start + count,
            UInt32(clamping: output.count - count))
          guard step.code >= 0 else { return step.code }
          position += Int(step.taken)
          count += Int(step.given)
          // Behind the stream's last block nothing goes on.
          if !header.isLast, unsafe corrparse_isal_is_at_end(state) != 0 {
            unsafe corrparse_isal_keep_window(state, start + count, step.given)
          }
          return step.code
        }
      }
    }

    /// Gives back the bytes that ISA-L has read ahead of the end of the stream. They all belong to the present input, because the
    /// stream had not ended at the end of the input before.
    private func giveBack(_ position: inout Int) {
      var ahead = unsafe corrparse_isal_get_bits(state)
      position -= Int(ahead.count / 8)
      ahead.count = 0
      unsafe corrparse_isal_set_bits(state, ahead)
    }

    /// Saves the place at which zlib could go on.
    private func keepWindow() {
      if window.isEmpty { window = Array(repeating: 0, count: Int(corrparse_isal_window)) }
      windowCount = unsafe window.withUnsafeMutableBufferPointer { window in
        guard let start = window.baseAddress else { return 0 }
        return unsafe Int(corrparse_isal_copy_window(state, start))
      }
    }

    private func handOver(isAtHeader: Bool, _ ahead: corrparse_isal_bits, _ carried: [UInt8]) {
      var place = ZlibDecoder.Place()
      place.window = Array(window[..<windowCount])
      if !isAtHeader { place.header = header.bytes }
      place.bitCount = Int(ahead.count % 8)
      place.bits = UInt8(ahead.bits & (1 << UInt64(place.bitCount) - 1))
      for index in 0..<UInt64(ahead.count / 8) {
        place.bytes.append(UInt8(truncatingIfNeeded: ahead.bits >> (UInt64(place.bitCount) + 8 * index)))
      }
      place.bytes += carried
      zlib.reset(to: place)
      carry.removeAll(keepingCapacity: true)
      isZlibs = true
    }
  }
#endif
