import LogModel

/// The source streams of one log that had a header, found by their keys.
///
/// The table knows which streams are *attentive*: the next line of such a stream has to be read. A stream with an open block is attentive. A
/// *watched* stream is attentive too: its block has just ended, and a late end marker is no orphan. The table takes note when a stream
/// changes. A line therefore costs the same in a log of many streams as in a log of one.
struct StreamTable {
  /// Up to so many keys are compared one by one, which is faster than the dictionary.
  private static let fewStreams = 8
  /// With more attentive streams than this every line is read, because comparing it with each stream would cost more.
  private static let mostNamed = 32

  private var streams: [SourceStream] = []
  private var keys: [StreamKey] = []
  private var indices: [StreamKey: Int] = [:]
  /// What each stream had last, in order to know records that were written twice.
  var twice: [WrittenTwice] = []
  /// Streams with an open block, the block that began first at the front.
  private(set) var open: [Int] = []
  /// Streams whose last line was a block's, in no order.
  private(set) var watched: [Int] = []
  /// Where each stream stands among the watched ones.
  private var watchedPlaces: [Int?] = []
  /// A number that changes whenever other streams become attentive.
  private(set) var attention = 0
  private var last = 0

  /// The stream with a key.
  mutating func index(of key: StreamKey) -> Int? {
    let found = find(key)
    if let found { last = found }
    return found
  }

  private func find(_ key: StreamKey) -> Int? {
    if last < keys.count, keys[last] == key { return last }
    return keys.count <= Self.fewStreams ? keys.firstIndex(of: key) : indices[key]
  }

  /// A new stream.
  mutating func add(_ key: StreamKey, limits: ScanLimits) -> Int {
    streams.append(SourceStream(limits: limits))
    keys.append(key)
    twice.append(WrittenTwice())
    watchedPlaces.append(nil)
    indices[key] = keys.count - 1
    return keys.count - 1
  }

  /// The streams that hold records, which may have been written twice.
  var holding: [Int] { twice.indices.filter { twice[$0].isHolding } }

  // MARK: Changes

  /// Runs the body on a stream, and takes note of what it did.
  mutating func change(_ index: Int, _ body: (inout SourceStream) -> Void) {
    let before = streams[index].standing
    body(&streams[index])
    note(index, before)
  }

  /// The same for a body that changes the ledger too. Ledger and context are passed by reference, because a copy would count
  /// references for each line.
  mutating func change(
    _ index: Int, _ ledger: inout BlockLedger, _ context: inout LogRecordContext,
    _ body: (inout SourceStream, inout BlockLedger, inout LogRecordContext) -> Void
  ) {
    let before = streams[index].standing
    body(&streams[index], &ledger, &context)
    note(index, before)
  }

  private mutating func note(_ index: Int, _ before: SourceStream.Standing) {
    let now = streams[index].standing
    guard now != before else { return }
    if now.openPlace != before.openPlace {
      // No more blocks are open than the limit allows, and the place of a new one is nearly always the last.
      if before.openPlace != nil { open.removeAll { $0 == index } }
      if let place = now.openPlace {
        let earlier = open.lastIndex { (streams[$0].openPlace ?? 0) < place }
        open.insert(index, at: earlier.map { $0 + 1 } ?? 0)
      }
    }
    if before == .behindBlock { unwatch(index) }
    if now == .behindBlock { watch(index) }
    if (now == .idle) != (before == .idle) { attention += 1 }
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

  /// The keys of the attentive streams. Nil if there are more than ``mostNamed``.
  var attentiveKeys: [StreamKey]? {
    open.count + watched.count > Self.mostNamed ? nil : (open + watched).map { keys[$0] }
  }

  /// Whether the stream with a key is one that the next line may matter to.
  func isAttentive(_ key: StreamKey) -> Bool { find(key).map { isAttentive($0) } ?? false }

  /// Whether a failure line of a task instance ends the open block of the stream with a number.
  func isEnded(_ index: Int, byFailureOf instance: InstanceKey) -> Bool {
    streams[index].isEnded(byFailureOf: instance)
  }

  /// The same for the stream with a number.
  func isAttentive(_ index: Int) -> Bool { streams[index].standing != .idle }

  /// The blocks that are open or held back, by place. A block is held back only while another one is open in its stream.
  var unfinishedBlocks: [BlockMark] {
    open.flatMap { streams[$0].unfinishedBlocks }.sorted { $0.place < $1.place }
  }

  /// Whether a record of an envelope may be of a watched stream. `source` is the name of its source. A record without one may be of any
  /// stream of its envelope.
  func mayWatch(_ envelope: LogEnvelope, source: Span<UInt8>?) -> Bool {
    if watched.count > Self.mostNamed { return true }
    for index in watched where keys[index].envelope == envelope {
      guard let source else { return true }
      if keys[index].has(source, as: .source) { return true }
    }
    return false
  }
}
