/// The source streams of one log that had a header, found by their keys.
///
/// Knows which of them the next line matters to: those with an open block, and those that are *watched*, where a
/// block has just ended and a late end marker would be no orphan.
struct StreamTable {
  private static let fewStreams = 8

  private var streams: [SourceStream] = []
  private var keys: [[UInt8]] = []
  private var indices: [[UInt8]: Int] = [:]
  /// Streams whose last line was a block's.
  private(set) var watched: [Int] = []
  /// Streams that the next line may matter to: the watched ones and those with an open block.
  private(set) var attentive: [Int] = []
  /// Another number whenever those are others.
  private(set) var attention = 0
  private var last = 0

  /// The stream with a key.
  mutating func index(of key: [UInt8]) -> Int? {
    if last < keys.count, keys[last].hasSameBytes(as: key) { return last }
    let found = keys.count <= Self.fewStreams ? keys.firstIndex(of: key) : indices[key]
    if let found { last = found }
    return found
  }

  /// A new stream.
  mutating func add(_ key: [UInt8]) -> Int {
    streams.append(SourceStream())
    keys.append(key)
    indices[key] = keys.count - 1
    return keys.count - 1
  }

  /// A stream's key.
  func key(_ index: Int) -> [UInt8] { keys[index] }

  /// Whether the stream with a key is one that the next line may matter to.
  func isAttentive(_ key: [UInt8]) -> Bool { attentive.contains { keys[$0].hasSameBytes(as: key) } }

  /// The open block of a stream.
  func open(_ index: Int) -> OpenBlock? { streams[index].open }

  /// Runs the body on a stream, and keeps account of what it did.
  mutating func change(_ index: Int, _ body: (inout SourceStream) -> Void) {
    body(&streams[index])
    keepAccount(of: index)
  }

  /// The same for a body that changes the scanner's state too. Handed on by reference, as copies would count the
  /// references of their buffers for each line.
  mutating func change(
    _ index: Int, _ state: inout ScanState, _ context: inout LogRecordContext,
    _ body: (inout SourceStream, inout ScanState, inout LogRecordContext) -> Void
  ) {
    body(&streams[index], &state, &context)
    keepAccount(of: index)
  }

  private mutating func keepAccount(of index: Int) {
    let isAttentive = streams[index].open != nil || streams[index].isWatched
    if isAttentive != attentive.contains(index) {
      if isAttentive { attentive.append(index) } else { attentive.removeAll { $0 == index } }
      attention += 1
    }
    if streams[index].isWatched != watched.contains(index) {
      if streams[index].isWatched {
        watched.append(index)
      } else {
        watched.removeAll { $0 == index }
      }
    }
  }

  /// Streams with an open block, the block that began first at the front.
  var openByNumber: [Int] {
    streams.indices.filter { streams[$0].open != nil }
      .sorted { (streams[$0].open?.number ?? 0) < (streams[$1].open?.number ?? 0) }
  }

  /// The blocks that are open or held back, by number.
  var unfinishedBlocks: [BlockMark] {
    streams.flatMap(\.unfinishedBlocks).sorted { $0.number < $1.number }
  }

  /// Whether a text line of this source file may belong to a watched stream.
  func mayWatch(textLine line: Span<UInt8>, file: Range<Int>) -> Bool {
    for index in watched {
      let name = keys[index]
      let key = name.span
      guard key[0] == UInt8(ascii: "t"), key.count > file.count else { continue }
      // The print streams of one file are told apart by more than the file.
      let isWhole = key.count == file.count + 1 || key[file.count + 1] == UInt8(ascii: ":")
      if isWhole, key.extracting(1..<file.count + 1).equals(line.extracting(file)) { return true }
    }
    return false
  }

  /// Whether the stream of bare lines is watched.
  var watchesBareLines: Bool { watched.contains { keys[$0][0] == UInt8(ascii: "b") } }

  /// Whether a JSON line of Airflow's own spelling may belong to a watched stream: it names the logger and the file.
  func mayWatch(jsonLine line: Span<UInt8>) -> Bool {
    for index in watched {
      let name = keys[index]
      let key = name.span
      guard key[0] == UInt8(ascii: "j"), let loggerEnd = key.index(of: 0),
        let channelEnd = key.index(of: 0, from: loggerEnd + 1),
        let fileEnd = key.index(of: 0, from: channelEnd + 1)
      else { continue }
      if Self.names(line, "\"logger\":\"", key.extracting(1..<loggerEnd)),
        Self.names(line, "\"filename\":\"", key.extracting(channelEnd + 1..<fileEnd))
      {
        return true
      }
    }
    return false
  }

  /// Whether a line has the member with this text; one that has none is what an empty text asks for.
  private static func names(_ line: Span<UInt8>, _ member: StaticString, _ text: Span<UInt8>) -> Bool {
    if text.isEmpty { return true }
    var start = 0
    while let found = line.index(of: member, from: start) {
      let value = found + member.utf8CodeUnitCount
      let end = value + text.count
      if end < line.count, line[end] == UInt8(ascii: "\""), text.equals(line.extracting(value..<end)) {
        return true
      }
      start = value
    }
    return false
  }
}
