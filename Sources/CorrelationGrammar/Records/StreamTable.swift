import LogModel

/// The source streams of one log that had a header, found by their keys.
///
/// The table knows which streams are *attentive*: the next line of such a stream has to be read. A stream with an open block is attentive. A
/// *watched* stream is attentive too: its block has just ended, and a late end marker is no orphan. The table takes note when a stream
/// changes. A line therefore costs the same in a log of many streams as in a log of one.
///
/// So many streams are remembered as a limit says (6-bars, Limits). Beyond it a stream that has no block and had no header for long gives its place
/// to a new one. Its blocks stay known (``SeenBlocks``).
struct StreamTable {
  /// Up to so many keys are compared one by one, which is faster than the dictionary.
  private static let fewStreams = 8
  /// With more attentive streams than this every line is read, because comparing it with each stream would cost more.
  private static let mostNamed = 32

  private var streams: [SourceStream] = []
  private var keys: [StreamKey] = []
  /// Where each key stands, once there are more than a few.
  private var indices: [StreamKey: Int] = [:]
  /// What each stream had last, in order to know records that were written twice.
  var twice: [WrittenTwice] = []
  /// Streams with an open block, the block that began first at the front.
  private(set) var open: [Int] = []
  /// Streams whose last line was a block's, in no order.
  private(set) var watched: [Int] = []
  /// Where each stream stands among the watched ones.
  private var watchedPlaces: [Int?] = []
  /// Tells the stream of a place from others that had the place before.
  private var serials: [Int] = []
  private var lastSerial = 0
  /// Whether each stream had a header, or a line that mattered to it, since the hand last came by.
  private var isUsed: [Bool] = []
  /// The place that is looked at next where a stream is to be forgotten.
  private var hand = 0
  /// A stream was forgotten that had two writers, or left a block cut short. Any new stream may be that one.
  private var forgotDoubtful = false
  /// About how many bytes of memory the blocks of all streams take.
  private(set) var openBytes = 0
  /// Bytes and streams of records that are held, because they may have been written twice.
  private(set) var heldBytes = 0
  private(set) var holdingCount = 0
  /// The streams that have had their last block for the shortest time, with what is known of their last record.
  private var lately: [Int] = []
  /// So many of these keep it.
  private static let mostLately = 16
  /// A number that changes whenever other streams become attentive.
  private(set) var attention = 0
  private var last = 0

  /// Makes ready for another log.
  mutating func reset() {
    streams.reset()
    keys.reset()
    if !indices.isEmpty { indices = [:] }
    twice.reset()
    open.reset()
    watched.reset()
    watchedPlaces.reset()
    serials.reset()
    lastSerial = 0
    isUsed.reset()
    hand = 0
    forgotDoubtful = false
    (openBytes, heldBytes, holdingCount) = (0, 0, 0)
    lately.reset()
    attention = 0
    last = 0
  }

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
    let forgotten = keys.count < limits.streams ? nil : forgettable
    if let forgotten { forget(forgotten) }
    let stream = SourceStream(key, limits: limits, isDoubtful: forgotDoubtful)
    let index = forgotten ?? keys.count
    lastSerial += 1
    if forgotten == nil {
      streams.append(stream)
      keys.append(key)
      twice.append(WrittenTwice())
      watchedPlaces.append(nil)
      serials.append(lastSerial)
      isUsed.append(true)
    } else {
      streams[index] = stream
      keys[index] = key
      twice[index] = WrittenTwice()
      serials[index] = lastSerial
      isUsed[index] = true
    }
    note(key, at: index)
    return index
  }

  /// Takes note of the place of a new stream's key.
  private mutating func note(_ key: StreamKey, at index: Int) {
    guard keys.count > Self.fewStreams else { return }
    if keys.count == Self.fewStreams + 1, indices.isEmpty {
      for index in keys.indices { indices[keys[index]] = index }
    } else {
      indices[key] = index
    }
  }

  /// The number of the stream in a place.
  func number(of index: Int) -> StreamNumber { StreamNumber(index: index, serial: serials[index]) }

  /// The key of the stream in a place.
  func key(of index: Int) -> StreamKey { keys[index] }

  /// The place of the stream with a number; nil where it was forgotten.
  func index(of number: StreamNumber) -> Int? { serials[number.index] == number.serial ? number.index : nil }

  // MARK: Forgetting

  /// The stream had a header, or a line that mattered to it. Other lines do not count, because they may be passed over.
  mutating func use(_ index: Int) { isUsed[index] = true }

  /// A stream that can be forgotten; nil where each has a block or holds a record.
  private var forgettable: Int? {
    mutating get {
      for _ in 0..<2 * keys.count {
        let index = hand
        hand = (hand + 1) % keys.count
        guard streams[index].openPlace == nil, !twice[index].isHolding else { continue }
        if !isUsed[index] { return index }
        isUsed[index] = false
      }
      return nil
    }
  }

  private mutating func forget(_ index: Int) {
    if streams[index].isDoubtful { forgotDoubtful = true }
    if streams[index].standing == .behindBlock {
      unwatch(index)
      attention += 1
    }
    indices[keys[index]] = nil
  }

  /// The headers are numbered anew.
  mutating func renumber(_ number: (Int) -> Int) {
    for index in open { streams[index].renumber(number) }
  }

  /// The streams that hold records, which may have been written twice.
  var holding: [Int] { twice.indices.filter { twice[$0].isHolding } }

  // MARK: Changes

  /// Runs the body on a stream, and takes note of what it did.
  mutating func change(_ index: Int, _ body: (inout SourceStream) -> Void) {
    let (before, bytes) = (streams[index].standing, streams[index].openBytes)
    body(&streams[index])
    note(index, before, bytes)
  }

  /// The same for what a stream knows of records that were written twice.
  mutating func changeTwice<Result>(_ index: Int, _ body: (inout WrittenTwice) -> Result) -> Result {
    let (wasHolding, bytes) = (twice[index].isHolding, twice[index].heldBytes)
    defer {
      heldBytes += twice[index].heldBytes - bytes
      holdingCount += (twice[index].isHolding ? 1 : 0) - (wasHolding ? 1 : 0)
    }
    return body(&twice[index])
  }

  /// Takes note of a line of a stream; false where it is held, because its record may have been written twice.
  mutating func takesAtOnce(
    _ index: Int, _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes, isHeader: Bool,
    in context: LogRecordContext
  ) -> Bool {
    if twice[index].takesUnheld(line, isHeader: isHeader, in: context) { return true }
    return changeTwice(index) { $0.takesAtOnce(line, attributes, isHeader: isHeader, in: context) }
  }

  /// Gives a pair to the open block of a stream; false where the line has to be read (``SourceStream/takesPair(_:of:at:in:isGrave:)``).
  mutating func takesPair(
    _ index: Int, _ pair: LoggedPair, of text: Span<UInt8>, at position: LogPosition, in record: Int,
    isGrave: Bool
  ) -> Bool {
    let bytes = streams[index].openBytes
    guard streams[index].takesPair(pair, of: text, at: position, in: record, isGrave: isGrave) else {
      return false
    }
    openBytes += streams[index].openBytes - bytes
    return true
  }

  /// Gives lines of one pair to the open block of a stream (``SourceStream/takePairs(_:_:_:isGrave:behind:lineBytes:room:)``).
  /// - Returns: Whether the block has taken all of them.
  mutating func takePairs(
    _ lines: borrowing PairLines, _ run: inout PairRun, _ index: Int, _ chunk: Span<UInt8>, isGrave: Bool,
    _ limits: ScanLimits
  ) -> Bool {
    guard !twice[index].isHolding else { return false }
    let bytes = streams[index].openBytes
    // Where other blocks are open, the oldest one gives way to more bytes than this.
    let room = open.count > 1 ? limits.openBytes - openBytes : Int.max
    let tookAll = streams[index].takePairs(
      lines, &run, chunk, isGrave: isGrave, behind: twice[index].lastTime, lineBytes: limits.blockBytes,
      room: room)
    openBytes += streams[index].openBytes - bytes
    if run.count > 0 { use(index) }
    return tookAll
  }

  /// Whether the end of a record can matter to a stream.
  ///
  /// The function changes nothing. It is marked mutating because the compiler would copy the table otherwise.
  mutating func heedsRecordEnd(_ index: Int) -> Bool {
    streams[index].heedsRecordEnd || twice[index].isHolding
  }

  /// The same for a body that changes the ledger too. Ledger and context are passed by reference, because a copy would count
  /// references for each line.
  mutating func change(
    _ index: Int, _ ledger: inout BlockLedger, _ context: inout LogRecordContext,
    _ body: (inout SourceStream, inout BlockLedger, inout LogRecordContext) -> Void
  ) {
    let (before, bytes) = (streams[index].standing, streams[index].openBytes)
    body(&streams[index], &ledger, &context)
    note(index, before, bytes)
  }

  private mutating func note(_ index: Int, _ before: SourceStream.Standing, _ bytesBefore: Int) {
    openBytes += streams[index].openBytes - bytesBefore
    let now = streams[index].standing
    guard now != before else { return }
    if before.openPlace != nil, now.openPlace == nil { blocksEnded(index) }
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

  /// The stream has no block any more. What it knows of its last record is dropped when other streams have had theirs since.
  private mutating func blocksEnded(_ index: Int) {
    lately.append(index)
    guard lately.count > Self.mostLately else { return }
    let first = lately.removeFirst()
    if streams[first].openPlace == nil, !twice[first].isHolding, !lately.contains(first) {
      twice[first] = WrittenTwice()
    }
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
      guard let source, !keys[index].isAbridged else { return true }
      if keys[index].has(source, as: .source) { return true }
    }
    return false
  }
}

/// The number of a stream. No other stream ever has the same number, even if it takes the same place in the table later.
struct StreamNumber {
  var index: Int
  var serial: Int
}
