/// Hands a log to its sink. On the way it counts bytes, computes the fingerprint, follows members and checks limits.
struct LogDelivery {
  /// Damage of the log, in the order found.
  struct Damage: Equatable {
    var kind: InputError.Kind
    /// The byte of the file; nil for damage of the inner layer, whose bytes have no place in the file.
    var offset: Int?
  }

  private let limits: ReadLimits
  private var hasher: ContentHasher?
  /// Holds back the log's beginning. Nil if content that is no log is wanted, too.
  private var gate: ContentGate?
  /// The first bytes that went to the sink. Empty unless fingerprints are wanted.
  private(set) var head: [UInt8] = []
  /// The open member of each layer, and how many each layer had.
  private var openMembers: [2 of GzipMember?] = [nil, nil]
  private var memberCounts: [2 of Int] = [0, 0]
  /// How many bytes went to the sink.
  private(set) var deliveredBytes = 0
  /// The first damage.
  private(set) var firstDamage: Damage?
  /// The log's status after all damage: complete, truncated, corrupt or failed.
  private(set) var status = LogStatus.complete
  /// Whether reading has to end: a limit was passed, or the rest cannot be decoded.
  private(set) var isOver = false

  init(limits: ReadLimits, fingerprints: Bool, refusesForeign: Bool) {
    self.limits = limits
    gate = refusesForeign ? ContentGate() : nil
    hasher = fingerprints ? ContentHasher() : nil
  }

  /// The fingerprint of the bytes that went to the sink.
  var fingerprint: ContentFingerprint? { hasher?.finalize() }

  /// Checks the next bytes of a layer against the limits.
  /// - Parameters:
  ///   - count: How many bytes are to pass.
  ///   - total: How many bytes the layer gave before.
  ///   - compressed: How many bytes of the file they came from.
  /// - Returns: How many bytes may pass, and whether they are the last.
  mutating func admit(_ count: Int, total: Int, compressed: Int) -> (count: Int, isLast: Bool) {
    let room = limits.decompressedBytes - total
    if count > room {
      record(.tooLong(limit: limits.decompressedBytes), at: compressed, status: .corrupt)
      isOver = true
      return (max(0, room), true)
    }
    let sum = total + count
    if sum > limits.expansionGrace, (sum - 1) / max(1, limits.expansion) >= compressed {
      record(.expandsTooMuch(limit: limits.expansion), at: compressed, status: .corrupt)
      isOver = true
      return (count, true)
    }
    return (count, false)
  }

  /// Notes damage: there is a third layer of gzip.
  mutating func refuseThirdLevel() {
    record(.nestedTooDeep, at: nil, status: .failed)
    isOver = true
  }

  /// Notes damage: the stream ends within a member.
  mutating func recordCut(at offset: Int?) {
    record(.truncated, at: offset, status: .truncated)
  }

  /// Hands on bytes that stay where they are.
  mutating func deliver<Sink: LogSink & ~Copyable>(
    _ bytes: Span<UInt8>, to sink: inout Sink
  ) throws(Sink.Failure) {
    guard try passes(bytes, to: &sink) else { return }
    try sink.receive(bytes)
  }

  /// Hands on bytes of a buffer that nobody reads again, so that the sink may keep it.
  mutating func deliver<Sink: LogSink & ~Copyable>(
    _ range: Range<Int>, of buffer: inout [UInt8], to sink: inout Sink
  ) throws(Sink.Failure) {
    guard try passes(buffer.span.extracting(range), to: &sink) else { return }
    try sink.receive(range, of: &buffer)
  }

  /// Whether the bytes go to the sink now. What was held is handed on before.
  private mutating func passes<Sink: LogSink & ~Copyable>(
    _ bytes: Span<UInt8>, to sink: inout Sink
  ) throws(Sink.Failure) -> Bool {
    guard !bytes.isEmpty else { return false }
    switch gate?.look(at: bytes) {
    case nil, .pass:
      try handOnHeld(to: &sink)
      note(bytes)
      return true
    case .refuse(let content): refuse(content)
    case .wait, .drop: break
    }
    return false
  }

  /// Hands on the bytes that are held, unless they are no text. They must come before whatever is handed on next.
  private mutating func settle<Sink: LogSink & ~Copyable>(in sink: inout Sink) throws(Sink.Failure) {
    guard gate?.isHolding == true else { return }
    switch gate?.decide() {
    case nil, .pass: try handOnHeld(to: &sink)
    case .refuse(let content): refuse(content)
    case .wait, .drop: break
    }
  }

  private mutating func handOnHeld<Sink: LogSink & ~Copyable>(to sink: inout Sink) throws(Sink.Failure) {
    guard gate?.isHolding == true, let held = gate?.takeHeld() else { return }
    note(held.span)
    try sink.receive(held.span)
  }

  private mutating func refuse(_ content: ForeignContent) {
    firstDamage = Damage(kind: .foreign(content), offset: nil)
    status = .failed
    isOver = true
  }

  /// Counts bytes that go to the sink next.
  private mutating func note(_ bytes: Span<UInt8>) {
    if hasher != nil {
      hasher?.update(bytes)
      keepHead(of: bytes)
    }
    deliveredBytes += bytes.count
  }

  private mutating func keepHead(of bytes: Span<UInt8>) {
    for index in 0..<min(bytes.count, LogReading.headBytes - head.count) { head.append(bytes[index]) }
  }

  mutating func beginMember<Sink: LogSink & ~Copyable>(
    level: Int, in sink: inout Sink
  ) throws(Sink.Failure) {
    try settle(in: &sink)
    let member = GzipMember(level: level, index: memberCounts[level], start: deliveredBytes)
    memberCounts[level] += 1
    openMembers[level] = member
    try sink.memberBegan(member)
  }

  /// Ends the open member of a layer, if there is one, and notes its damage.
  mutating func endMember<Sink: LogSink & ~Copyable>(
    level: Int, damage: MemberDamage?, offset: Int?, in sink: inout Sink
  ) throws(Sink.Failure) {
    try settle(in: &sink)
    switch damage {
    case nil, .cut: break
    case .header: record(.header, at: offset, status: .corrupt)
    case .headerChecksum: record(.headerChecksum, at: offset, status: .corrupt)
    case .data: record(.data, at: offset, status: .corrupt)
    case .checksum: record(.checksum, at: offset, status: .corrupt)
    case .length: record(.length, at: offset, status: .corrupt)
    }
    guard let member = openMembers[level] else { return }
    openMembers[level] = nil
    try sink.memberEnded(member, at: deliveredBytes, damage: damage)
  }

  /// Notes damage. The message tells the first damage, the status the gravest.
  private mutating func record(_ kind: InputError.Kind, at offset: Int?, status: LogStatus) {
    if firstDamage == nil { firstDamage = Damage(kind: kind, offset: offset) }
    let gravity: [LogStatus] = [.complete, .truncated, .corrupt, .failed]
    if (gravity.firstIndex(of: status) ?? 0) > (gravity.firstIndex(of: self.status) ?? 0) {
      self.status = status
    }
  }
}
