/// The source streams of one log that had a header, found by their keys.
///
/// The table knows which streams the next line matters to: those with an open block, and those that are *watched*, where a
/// block has just ended and a late end marker would be no orphan. It takes note of a change when a stream changes, so that
/// a log of many streams costs no more for each line than a log of one.
struct StreamTable {
  /// So few keys are found faster one by one.
  private static let fewStreams = 8
  /// Of more watched streams a line is not asked which of them it belongs to: it may be any.
  private static let mostNamed = 32

  private var streams: [SourceStream] = []
  private var keys: [[UInt8]] = []
  private var indices: [[UInt8]: Int] = [:]
  /// Streams with an open block, the block that began first at the front.
  private(set) var open: [Int] = []
  /// Streams whose last line was a block's, in no order.
  private(set) var watched: [Int] = []
  /// Where each stream stands among the watched ones.
  private var watchedPlaces: [Int?] = []
  /// Another number whenever the next line matters to other streams than before.
  private(set) var attention = 0
  private var last = 0

  /// The stream with a key.
  mutating func index(of key: [UInt8]) -> Int? {
    let found = find(key)
    if let found { last = found }
    return found
  }

  private func find(_ key: [UInt8]) -> Int? {
    if last < keys.count, keys[last].hasSameBytes(as: key) { return last }
    return keys.count <= Self.fewStreams ? keys.firstIndex { $0.hasSameBytes(as: key) } : indices[key]
  }

  /// A new stream.
  mutating func add(_ key: [UInt8], limits: ScanLimits) -> Int {
    streams.append(SourceStream(limits: limits))
    keys.append(key)
    watchedPlaces.append(nil)
    indices[key] = keys.count - 1
    return keys.count - 1
  }

  // MARK: Changes

  /// Runs the body on a stream, and takes note of what it did.
  mutating func change(_ index: Int, _ body: (inout SourceStream) -> Void) {
    let before = standing(of: index)
    body(&streams[index])
    note(index, before)
  }

  /// The same for a body that changes the ledger too. Handed on by reference, as copies would count the references of their
  /// buffers for each line.
  mutating func change(
    _ index: Int, _ ledger: inout BlockLedger, _ context: inout LogRecordContext,
    _ body: (inout SourceStream, inout BlockLedger, inout LogRecordContext) -> Void
  ) {
    let before = standing(of: index)
    body(&streams[index], &ledger, &context)
    note(index, before)
  }

  /// What the table has to know of a stream.
  private struct Standing: Equatable {
    var openNumber: Int?
    var isWatched: Bool
    var isAttentive: Bool { openNumber != nil || isWatched }
  }

  private func standing(of index: Int) -> Standing {
    Standing(openNumber: streams[index].openNumber, isWatched: streams[index].isWatched)
  }

  private mutating func note(_ index: Int, _ before: Standing) {
    let now = standing(of: index)
    guard now != before else { return }
    if now.openNumber != before.openNumber {
      // No more blocks are open than the limit allows, and the number of a new one is the greatest.
      if before.openNumber != nil { open.removeAll { $0 == index } }
      if now.openNumber != nil { open.append(index) }
    }
    if now.isWatched != before.isWatched {
      if now.isWatched { watch(index) } else { unwatch(index) }
    }
    if now.isAttentive != before.isAttentive { attention += 1 }
  }

  private mutating func watch(_ index: Int) {
    watchedPlaces[index] = watched.count
    watched.append(index)
  }

  /// Removes a stream from the watched ones; the last of these takes its place.
  private mutating func unwatch(_ index: Int) {
    guard let place = watchedPlaces[index], let moved = watched.popLast() else { return }
    watchedPlaces[index] = nil
    guard moved != index else { return }
    watched[place] = moved
    watchedPlaces[moved] = place
  }

  // MARK: What the next line matters to

  /// The keys of the streams that the next line may matter to; nil where these are too many to ask a line for each.
  var attentiveKeys: [[UInt8]]? {
    open.count + watched.count > Self.mostNamed ? nil : (open + watched).map { keys[$0] }
  }

  /// Whether the stream with a key is one that the next line may matter to.
  func isAttentive(_ key: [UInt8]) -> Bool { find(key).map { standing(of: $0).isAttentive } ?? false }

  /// The blocks that are open or held back, by number. A block is held back only while another one is open in its stream.
  var unfinishedBlocks: [BlockMark] {
    open.flatMap { streams[$0].unfinishedBlocks }.sorted { $0.number < $1.number }
  }

  /// Whether a text line of this source file may belong to a watched stream.
  func mayWatch(textLine line: Span<UInt8>, file: Range<Int>) -> Bool {
    if watched.count > Self.mostNamed { return true }
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
  var watchesBareLines: Bool {
    watched.count > Self.mostNamed || watched.contains { keys[$0][0] == UInt8(ascii: "b") }
  }

  /// Whether a JSON line of Airflow's own spelling may belong to a watched stream: it names the logger and the file.
  func mayWatch(jsonLine line: Span<UInt8>) -> Bool {
    if watched.count > Self.mostNamed { return true }
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
