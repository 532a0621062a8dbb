/// Why the content of a gzip member cannot be trusted.
public enum MemberDamage: Sendable, Hashable {
  /// The input ends within the member, or the member was not read to its end. The inflated bytes are right as far as they go.
  case cut
  /// RFC 1952 does not define this header. Nothing was inflated.
  case header
  /// The header's own checksum is wrong.
  case headerChecksum
  /// Inflating failed.
  case data
  /// The checksum over the content is wrong.
  case checksum
  /// The length of the content is wrong.
  case length

  /// Whether every block of the member is in doubt (`damaged_source`, 1-correlation-data, Issues). A member that is only cut is not.
  public var castsDoubt: Bool { self != .cut }
}

/// Inflates gzip, and passes on other content as it is. It serves the outer layer of a file and the gzip inside.
///
/// Gzip is recognised by its magic bytes. All of RFC 1952 is read: several members, empty members, every header field. The inflater
/// itself checks header checksum, CRC-32 and length of each member, so that reading can go on behind a member whose sums are wrong.
/// Bytes may come in any pieces. The caller calls ``step(_:from:)`` until it returns `needsInput`.
struct GzipInflater: ~Copyable {
  /// What happened next.
  enum Step: Equatable {
    /// The input is used up.
    case needsInput
    /// These bytes of the input are content as they stand: the stream is not gzip.
    case input(Range<Int>)
    /// So many bytes of ``output``, from its start, are content.
    case output(Int)
    /// A member begins.
    case memberBegan
    /// A member ended.
    case memberEnded(MemberDamage?)
    /// The stream is over: inflating failed, or something other than a member follows the last member.
    case stopped
  }

  private enum State {
    case start, afterFirstMagic, plain
    case header, body, failing, trailer
    case betweenMembers, afterFirstMagicBetween, garbage, stopped
  }

  /// How many bytes behind the last member are kept at most: as many as an issue shows (1-correlation-data, Issues).
  static let garbageShown = 200

  /// Inflated bytes; valid until the next step. Another array of the same size may be put in its place between two steps.
  var output: [UInt8]
  /// How many bytes of the stream have been taken.
  private(set) var consumed = 0
  /// Where the last damage was found, in bytes of the stream from 0.
  private(set) var damageOffset = 0
  /// Where trailing garbage begins: bytes behind the last member that are neither a member nor zeros. Nil if there are none.
  private(set) var garbageOffset: Int?
  /// The first bytes of the trailing garbage.
  private(set) var garbage: [UInt8] = []

  private var state = State.start
  private let decoder: any DeflateDecoder
  private let outputBytes: Int
  private var header = GzipHeader()
  private var damage: MemberDamage?
  private var checksum: UInt32 = 0
  private var length: UInt32 = 0
  private var trailer: UInt64 = 0
  private var trailerBytes = 0
  /// Whether the output was full. The decoder may then hold more output that needs no further input.
  private var mayHoldMore = false

  /// An inflater at the start of a stream.
  /// - Parameters:
  ///   - outputBytes: How many bytes are inflated at a time; at least 1.
  ///   - inflater: The library that inflates.
  init(outputBytes: Int, inflater: Inflater) {
    self.outputBytes = max(1, outputBytes)
    output = []
    decoder = inflater.makeDecoder()
  }

  /// Whether the stream is gzip; nil while its first two bytes are not known.
  var isGzip: Bool? {
    switch state {
    case .start, .afterFirstMagic: nil
    case .plain: false
    default: true
    }
  }

  /// Makes ready for another stream.
  mutating func reset() {
    state = .start
    consumed = 0
    garbageOffset = nil
    garbage.removeAll(keepingCapacity: true)
  }

  /// The damage if the stream ended here: nil between members, `cut` inside a member or between its magic bytes.
  var endDamage: MemberDamage? {
    switch state {
    case .start, .plain, .betweenMembers, .garbage, .stopped: nil
    case .afterFirstMagic, .header, .body, .failing, .trailer, .afterFirstMagicBetween: .cut
    }
  }

  /// Whether a member has begun and not ended.
  var isInMember: Bool {
    switch state {
    case .header, .body, .failing, .trailer: true
    default: false
    }
  }

  /// Goes on from `position`, and moves it behind what was taken.
  mutating func step(_ input: Span<UInt8>, from position: inout Int) -> Step {
    let start = position
    defer { consumed += position - start }
    while true {
      if state == .failing { return endMember(.data, next: .stopped) }
      if state == .stopped { return .stopped }
      guard position < input.count || (state == .body && mayHoldMore) else { return .needsInput }
      switch state {
      case .plain:
        defer { position = input.count }
        return .input(position..<input.count)
      case .start, .afterFirstMagic, .betweenMembers, .afterFirstMagicBetween:
        if let step = seekMember(input, &position, offset: consumed + position - start) { return step }
      case .header:
        if let step = takeHeader(input, &position, start: start) { return step }
      case .body:
        if let step = takeBody(input, &position, start: start) { return step }
      case .trailer:
        trailer |= UInt64(input[position]) << (8 * trailerBytes)
        position += 1
        trailerBytes += 1
        if trailerBytes == 8 { return checkTrailer(offset: consumed + position - start) }
      case .garbage:
        let count = min(Self.garbageShown - garbage.count, input.count - position)
        for index in position..<position + count { garbage.append(input[index]) }
        position += count
        if garbage.count == Self.garbageShown { state = .stopped }
      case .failing, .stopped: break
      }
    }
  }

  /// Looks at one byte where a member may begin: at the start of the stream and behind each member.
  private mutating func seekMember(
    _ input: Span<UInt8>, _ position: inout Int, offset: Int
  ) -> Step? {
    let byte = input[position]
    switch state {
    case .start where byte == GzipHeader.magic.first:
      state = .afterFirstMagic
    case .start:
      state = .plain
      return nil
    case .betweenMembers where byte == GzipHeader.magic.first:
      state = .afterFirstMagicBetween
    case .betweenMembers where byte == 0:
      break
    case .afterFirstMagic where byte != GzipHeader.magic.second:
      state = .plain
      // The byte that was taken for the first magic byte is content. Its chunk may be gone, so a copy is passed on.
      provideOutput()
      output[0] = GzipHeader.magic.first
      return .output(1)
    case .afterFirstMagicBetween where byte != GzipHeader.magic.second:
      garbageOffset = offset - 1
      garbage.append(GzipHeader.magic.first)
      state = .garbage
      return nil
    case .afterFirstMagic, .afterFirstMagicBetween:
      position += 1
      beginMember()
      return .memberBegan
    default:
      garbageOffset = offset
      state = .garbage
      return nil
    }
    position += 1
    return nil
  }

  /// The buffer for output is made when it is first needed: content that is not gzip needs none.
  private mutating func provideOutput() {
    if output.isEmpty { output = Array(repeating: 0, count: outputBytes) }
  }

  private mutating func beginMember() {
    provideOutput()
    state = .header
    header = GzipHeader()
    decoder.reset()
    damage = nil
    (checksum, length, trailer, trailerBytes, mayHoldMore) = (0, 0, 0, 0, false)
  }

  private mutating func endMember(_ damage: MemberDamage?, next: State) -> Step {
    state = next
    return .memberEnded(damage)
  }

  private mutating func takeHeader(_ input: Span<UInt8>, _ position: inout Int, start: Int) -> Step? {
    switch header.take(input, from: &position) {
    case .paused: break
    case .ended: state = .body
    case .endedWithWrongChecksum:
      damage = .headerChecksum
      damageOffset = consumed + position - start - 2
      state = .body
    case .invalid:
      damageOffset = consumed + position - start
      return endMember(.header, next: .stopped)
    }
    return nil
  }

  private mutating func takeBody(_ input: Span<UInt8>, _ position: inout Int, start: Int) -> Step? {
    let decoded = decoder.decode(input, from: &position, into: &output)
    return takeDecoded(decoded, offset: consumed + position - start)
  }

  /// Goes on after the end of the input if a member is still open.
  /// - Returns: The next thing that the decoder still holds; `needsInput` when it holds nothing more.
  mutating func stepAtEnd() -> Step {
    if state == .body, let step = takeDecoded(decoder.decodeRest(into: &output), offset: consumed) {
      return step
    }
    return state == .failing ? endMember(.data, next: .stopped) : .needsInput
  }

  private mutating func takeDecoded(_ decoded: (count: Int, progress: DeflateProgress), offset: Int) -> Step?
  {
    let (count, progress) = decoded
    mayHoldMore = progress == .paused && count == output.count
    switch progress {
    case .paused: break
    case .ended: state = .trailer
    case .damaged:
      damageOffset = offset - decoder.unusedBytes
      state = .failing
    }
    guard count > 0 else { return nil }
    checksum = CRC32.checksum(output.span.extracting(0..<count), after: checksum)
    length &+= UInt32(truncatingIfNeeded: count)
    return .output(count)
  }

  private mutating func checkTrailer(offset: Int) -> Step {
    if damage == nil, UInt32(truncatingIfNeeded: trailer) != checksum {
      (damage, damageOffset) = (.checksum, offset - 8)
    }
    if damage == nil, UInt32(truncatingIfNeeded: trailer >> 32) != length {
      (damage, damageOffset) = (.length, offset - 4)
    }
    return endMember(damage, next: .betweenMembers)
  }
}
