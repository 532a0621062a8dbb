/// The blocks that a log had, by which a replay is known: the same block twice in one source stream (2-log-envelopes, Replays).
///
/// Of each block a hash is remembered, and of so many blocks as a limit says (6-bars, Limits). The hashes lie in two halves: when the newer one
/// is full it becomes the older one, and what the older one held is forgotten.
struct SeenBlocks {
  private let half: Int
  private var newer: Set<BodyHash> = []
  private var older: Set<BodyHash> = []
  /// A block's time in the form in which times are compared. The buffer is reused.
  private var form: [UInt8] = []

  /// - Parameter most: How many blocks are remembered.
  init(most: Int) {
    half = max(1, most / 2)
  }

  /// Makes ready for another log.
  mutating func reset() {
    newer.reset()
    older.reset()
    form.reset()
    hasForgotten = false
  }

  /// Whether blocks were forgotten, so that a replay of one of them counts as a block of its own.
  private(set) var hasForgotten = false

  /// Takes note of a block of a stream; true where the stream had the same one before. Without a header's time or a body no block is a
  /// replay.
  mutating func isReplay(_ block: borrowing OpenBlock, of stream: BodyHash) -> Bool {
    guard block.isRecognisable else { return false }
    var hash = stream
    setForm(of: block.body.headerTime)
    hash.add(form.span)
    hash.add(block.body.hash)
    if older.contains(hash) { return true }
    guard newer.insert(hash).inserted else { return true }
    if newer.count >= half {
      if !older.isEmpty { hasForgotten = true }
      swap(&newer, &older)
      newer.removeAll(keepingCapacity: true)
    }
    return false
  }

  /// Airflow 3's console writes one instant with a blank or with a `T`, and UTC as `Z` or as `+00:00`.
  private mutating func setForm(of time: [UInt8]) {
    form.become(time.span)
    if form.span.nearIndex(of: 0x20) != nil {
      for place in form.indices where form[place] == 0x20 { form[place] = UInt8(ascii: "T") }
    }
    for zone: StaticString in ["+00:00", "+0000"]
    where form.span.has(zone, at: form.count - zone.utf8CodeUnitCount) {
      form.removeLast(zone.utf8CodeUnitCount)
      form.append(UInt8(ascii: "Z"))
      break
    }
  }
}
