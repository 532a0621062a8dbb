private import CZlib

/// Inflates through zlib, from the start of a stream or from a place in the middle that ISA-L has reached.
@safe final class ZlibDecoder: DeflateDecoder {
  /// A place within a stream.
  struct Place {
    /// The last 32 KiB before it, or all there is.
    var window: [UInt8] = []
    /// The header of the open block, from its first bit; empty between blocks.
    var header: [UInt8] = []
    /// The bits from here to the next whole byte, from the lowest on.
    var bits: UInt8 = 0
    /// How many these are, at most 7.
    var bitCount = 0
    /// The bytes behind these bits that come before the next input.
    var bytes: [UInt8] = []
  }

  // zlib remembers the address of its stream, which has to stay the same.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Input that comes before the caller's, and how much of it has been taken.
  private var held: [UInt8] = []
  private var heldPosition = 0

  /// A decoder at the start of a stream.
  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let code = unsafe inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    // Only a lack of memory or a foreign zlib can make this fail, never an input.
    precondition(code == Z_OK, "zlib \(ZLIB_VERSION) cannot be started: code \(code)")
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  var unusedBytes: Int { held.count - heldPosition }

  func reset() {
    _ = unsafe inflateReset(stream)
    (held, heldPosition) = ([], 0)
  }

  /// Makes ready to go on from a place.
  func reset(to place: Place) {
    reset()
    held = place.bytes
    if !place.window.isEmpty {
      _ = unsafe place.window.withUnsafeBufferPointer {
        unsafe inflateSetDictionary(stream, $0.baseAddress, UInt32($0.count))
      }
    }
    if !place.header.isEmpty {
      // Feed only the block header, to load its Huffman codes. Its last byte also holds data bits. Drop these, because the data that
      // follows here is different.
      var nowhere: [UInt8] = [0]
      _ = run(place.header.span, into: &nowhere, at: 1, flush: Z_TREES)
      _ = unsafe inflatePrime(stream, -1, 0)
    }
    if place.bitCount > 0 { _ = unsafe inflatePrime(stream, CInt(place.bitCount), CInt(place.bits)) }
  }

  func decode(_ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8]) -> (
    count: Int, progress: DeflateProgress
  ) {
    decode(input, from: &position, into: &output, at: 0)
  }

  /// As ``decode(_:from:into:)``, behind the output's first bytes; they count in the result.
  func decode(
    _ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8], at start: Int
  ) -> (count: Int, progress: DeflateProgress) {
    var end = start
    if heldPosition < held.count {
      let (taken, given, progress) = run(held.span.extracting(heldPosition...), into: &output, at: end)
      heldPosition += taken
      end += given
      if progress != .paused || heldPosition < held.count { return (end, progress) }
    }
    let (taken, given, progress) = run(input.extracting(position...), into: &output, at: end)
    position += taken
    return (end + given, progress)
  }

  func decodeRest(into output: inout [UInt8]) -> (count: Int, progress: DeflateProgress) {
    var position = 0
    return decode(Span(), from: &position, into: &output)
  }

  private func run(
    _ input: Span<UInt8>, into output: inout [UInt8], at start: Int, flush: CInt = Z_NO_FLUSH
  ) -> (taken: Int, given: Int, progress: DeflateProgress) {
    var taken = 0
    var given = 0
    let code = unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        let offered = UInt32(clamping: input.count)
        let room = UInt32(clamping: output.count - start)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = offered
        unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + start }
        unsafe stream.pointee.avail_out = room
        let code = unsafe inflate(stream, flush)
        unsafe taken = Int(offered - stream.pointee.avail_in)
        unsafe given = Int(room - stream.pointee.avail_out)
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
        return code
      }
    }
    switch code {
    case Z_STREAM_END: return (taken, given, .ended)
    // Z_BUF_ERROR: nothing could be done with this input and output; not an error (zlib.h).
    case Z_OK, Z_BUF_ERROR: return (taken, given, .paused)
    default: return (taken, given, .damaged)
    }
  }
}
