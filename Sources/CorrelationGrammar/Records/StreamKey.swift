import LogModel

/// Names the source stream of a record (2-log-envelopes, Envelopes, column *source of a line*).
///
/// Records with equal keys belong to one stream, and a stream has at most one open block. A key consists of the envelope and
/// of ``Part``s. The file of each envelope says which parts its lines fill in; ``RecordLane/completeContext()`` adds the last
/// one. All parts lie in one buffer, so that two keys are compared by one call of `memcmp`.
struct StreamKey: Hashable, Sendable {
  /// What tells one stream of an envelope from another, in the order in which it is filled in. A part that a line does not
  /// tell is empty.
  enum Part: Int {
    /// The file of Airflow 2 that wrote the line; of Airflow 3 the logger.
    case source
    /// The level of what `print()` wrote in Airflow 2; in Airflow 3 the member `chan`.
    case channel
    /// The file that Airflow 3 names beside the logger.
    case file
    /// The container's stream around the line.
    case lane
  }

  /// The envelope whose records these are.
  private(set) var envelope: LogEnvelope
  /// The task instance that the lines name.
  var instance = InstanceKey()
  private var bytes: [UInt8] = []
  /// Where each part ends in `bytes`.
  private var ends = SIMD4<Int32>.zero
  /// A part was too long to be kept as it is.
  private(set) var isAbridged = false

  /// A key without parts.
  init(_ envelope: LogEnvelope) {
    self.envelope = envelope
  }

  /// Makes this a key without parts; its buffers are kept.
  mutating func begin(_ envelope: LogEnvelope) {
    self.envelope = envelope
    instance.clear()
    bytes.empty()
    ends = .zero
    isAbridged = false
  }

  /// Fills in the next part. Parts that come before it and were not filled in stay empty.
  mutating func append(_ text: Span<UInt8>, as part: Part) {
    if bytes.append(name: text) { isAbridged = true }
    for index in part.rawValue..<ends.scalarCount { ends[index] = Int32(truncatingIfNeeded: bytes.count) }
  }

  /// Whether a part is this text.
  func has(_ text: Span<UInt8>, as part: Part) -> Bool {
    bytes.span.extracting(range(of: part)).equals(text)
  }

  /// Whether the lines come in lines of another envelope.
  var hasLane: Bool { ends[Part.lane.rawValue] > ends[Part.file.rawValue] }

  /// The bytes of a part.
  subscript(part: Part) -> ArraySlice<UInt8> { bytes[range(of: part)] }

  private func range(of part: Part) -> Range<Int> {
    let start = part.rawValue == 0 ? 0 : ends[part.rawValue - 1]
    return Int(start)..<Int(ends[part.rawValue])
  }

  static func == (left: StreamKey, right: StreamKey) -> Bool {
    left.ends == right.ends && left.bytes.hasSameBytes(as: right.bytes) && left.instance == right.instance
      && left.envelope == right.envelope
  }

  /// The key as a hash that is the same on every machine.
  var bodyHash: BodyHash {
    var hash = BodyHash()
    hash.add(Array(envelope.rawValue.utf8).span)
    instance.add(to: &hash)
    for index in 0..<ends.scalarCount {
      hash.add(bytes.span.extracting((index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])))
    }
    return hash
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(envelope)
    hasher.combine(instance)
    hasher.combine(ends)
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}
