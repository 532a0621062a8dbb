/// Turns the bytes of a file into the bytes of the log. The file may be gzip, a gzip in a gzip, or neither.
///
/// The caller pushes bytes in as they come, so that the decoder serves files, pipes and buckets alike.
struct LogDecoder: ~Copyable {
  private var outer: GzipInflater
  private var inner: InnerLayer
  private var outerBytes = 0
  private let refusesForeign: Bool

  /// A decoder at the start of a log. Unless `refusesForeign` is false, content that is no log ends the reading.
  init(
    bufferBytes: Int, limits: ReadLimits, fingerprints: Bool, inflater: Inflater = .fastest,
    refusesForeign: Bool = true
  ) {
    self.refusesForeign = refusesForeign
    outer = GzipInflater(outputBytes: bufferBytes, inflater: inflater)
    inner = InnerLayer(
      inflater: GzipInflater(outputBytes: bufferBytes, inflater: inflater),
      delivery: LogDelivery(
        limits: limits, fingerprints: fingerprints, refusesForeign: refusesForeign))
  }

  /// Resets the decoder for the next log.
  mutating func reset(limits: ReadLimits, fingerprints: Bool) {
    outer.reset()
    inner.inflater.reset()
    inner.delivery = LogDelivery(
      limits: limits, fingerprints: fingerprints, refusesForeign: refusesForeign)
    inner.start = .unknown
    outerBytes = 0
  }

  /// Decodes the next bytes of the file.
  /// - Returns: Whether further bytes are wanted.
  mutating func take<Sink: LogSink & ~Copyable>(
    _ chunk: Span<UInt8>, into sink: inout Sink
  ) throws(Sink.Failure) -> Bool {
    var position = 0
    while !inner.delivery.isOver {
      let step = outer.step(chunk, from: &position)
      switch step {
      case .needsInput: return true
      case .stopped: return false
      default: try take(step, of: chunk, into: &sink)
      }
    }
    return false
  }

  /// Hands on the result of one step of the outer layer.
  private mutating func take<Sink: LogSink & ~Copyable>(
    _ step: GzipInflater.Step, of chunk: Span<UInt8>, into sink: inout Sink
  ) throws(Sink.Failure) {
    switch step {
    case .needsInput, .stopped: break
    case .memberBegan: try inner.delivery.beginMember(level: 0, in: &sink)
    case .memberEnded(let damage):
      // Content of the inner layer must reach the sink before the end of the outer member that contains it.
      if inner.inflater.isInMember { try inner.takeRest(compressed: outer.consumed, into: &sink) }
      try inner.delivery.endMember(level: 0, damage: damage, offset: outer.damageOffset, in: &sink)
    case .input(let range):
      let (count, _) = inner.delivery.admit(range.count, total: outerBytes, compressed: outer.consumed)
      outerBytes += count
      let admitted = range.lowerBound..<range.lowerBound + count
      try inner.delivery.deliver(chunk.extracting(admitted), to: &sink)
    case .output(let count):
      let (admitted, _) = inner.delivery.admit(count, total: outerBytes, compressed: outer.consumed)
      outerBytes += admitted
      if outer.isGzip == true {
        let compressed = outer.consumed
        try inner.take(admitted, of: &outer.output, compressed: compressed, into: &sink)
      } else {
        try inner.delivery.deliver(0..<admitted, of: &outer.output, to: &sink)
      }
    }
  }

  /// Ends the log, and with it every member that is still open.
  /// - Returns: The reading without the file's state, which the caller adds.
  mutating func finish<Sink: LogSink & ~Copyable>(
    into sink: inout Sink
  ) throws(Sink.Failure) -> (reading: LogReading, damage: LogDelivery.Damage?) {
    while !inner.delivery.isOver {
      let step = outer.stepAtEnd()
      if step == .needsInput { break }
      try take(step, of: Span(), into: &sink)
    }
    try inner.takeRest(compressed: outer.consumed, into: &sink)
    // If both layers are cut, report the cut of the outer layer, because it has a place in the file.
    if outer.endDamage != nil, !inner.delivery.isOver { inner.delivery.recordCut(at: outer.consumed) }
    if inner.inflater.endDamage != nil, !inner.delivery.isOver { inner.delivery.recordCut(at: nil) }
    try inner.deliverHeld(compressed: outer.consumed, to: &sink)
    try inner.delivery.endMember(level: 1, damage: .cut, offset: nil, in: &sink)
    try inner.delivery.endMember(level: 0, damage: .cut, offset: nil, in: &sink)
    let delivery = inner.delivery
    var reading = LogReading(status: delivery.status)
    if outer.isGzip == true { reading.wrapping = inner.inflater.isGzip == true ? .gzipInGzip : .gzip }
    reading.decompressedBytes = delivery.deliveredBytes
    reading.fingerprint = delivery.fingerprint
    reading.head = delivery.head
    if let offset = outer.garbageOffset {
      reading.trailingGarbage = .init(isNested: false, offset: offset, bytes: outer.garbage)
    } else if let offset = inner.inflater.garbageOffset {
      reading.trailingGarbage = .init(isNested: true, offset: offset, bytes: inner.inflater.garbage)
    }
    return (reading, delivery.firstDamage)
  }
}

/// The inner layer, which may be gzip too, and the way from there to the sink.
private struct InnerLayer: ~Copyable {
  /// The beginning of the inner layer's content. If it is gzip's magic, there is a third layer.
  enum Start {
    case unknown
    /// The first magic byte, held back until the next byte has come.
    case held
    /// The first magic byte, handed on because its member ended.
    case firstMagic
    case text
  }

  var inflater: GzipInflater
  var delivery: LogDelivery
  var start = Start.unknown

  /// Takes the first bytes of a buffer.
  mutating func take<Sink: LogSink & ~Copyable>(
    _ count: Int, of buffer: inout [UInt8], compressed: Int, into sink: inout Sink
  ) throws(Sink.Failure) {
    var position = 0
    // Read on even if the outer layer is over, because its last bytes are still to be inflated here.
    while true {
      let step = inflater.step(buffer.span.extracting(0..<count), from: &position)
      guard try take(step, of: &buffer, compressed: compressed, into: &sink) else { return }
    }
  }

  /// Hands on what the inner layer still holds when the content has ended.
  mutating func takeRest<Sink: LogSink & ~Copyable>(
    compressed: Int, into sink: inout Sink
  ) throws(Sink.Failure) {
    var nothing: [UInt8] = []
    while !delivery.isOver {
      let step = inflater.stepAtEnd()
      guard try take(step, of: &nothing, compressed: compressed, into: &sink) else { return }
    }
  }

  /// Hands on the result of one step. Returns whether another step may follow.
  private mutating func take<Sink: LogSink & ~Copyable>(
    _ step: GzipInflater.Step, of content: inout [UInt8], compressed: Int, into sink: inout Sink
  ) throws(Sink.Failure) -> Bool {
    switch step {
    case .needsInput, .stopped: return false
    case .memberBegan: try delivery.beginMember(level: 1, in: &sink)
    case .memberEnded(let damage):
      try deliverHeld(compressed: compressed, to: &sink)
      try delivery.endMember(level: 1, damage: damage, offset: nil, in: &sink)
    case .input(let range): try delivery.deliver(range, of: &content, to: &sink)
    case .output(let count):
      if inflater.isGzip == true, start != .text {
        switch lookAtOutput(count) {
        case .unknown:
          start = .held
          return true
        case .thirdLevel:
          start = .text
          delivery.refuseThirdLevel()
          return false
        case .text:
          try deliverHeld(compressed: compressed, to: &sink)
          start = .text
        }
      }
      let admitted = delivery.admit(count, total: delivery.deliveredBytes, compressed: compressed)
      try delivery.deliver(0..<admitted.count, of: &inflater.output, to: &sink)
      return !admitted.isLast
    }
    return true
  }

  /// Hands on the byte that was held back, when its member ends or the next byte is not the second magic byte.
  mutating func deliverHeld<Sink: LogSink & ~Copyable>(
    compressed: Int, to sink: inout Sink
  ) throws(Sink.Failure) {
    guard start == .held else { return }
    start = .firstMagic
    let held = [GzipHeader.magic.first]
    let admitted = delivery.admit(1, total: delivery.deliveredBytes, compressed: compressed)
    try delivery.deliver(held.span.extracting(0..<admitted.count), to: &sink)
  }

  /// The next state of the content's beginning, by the first bytes of the output.
  private func lookAtOutput(_ count: Int) -> Beginning {
    var second = 0
    if start == .unknown {
      guard inflater.output[0] == GzipHeader.magic.first else { return .text }
      guard count > 1 else { return .unknown }
      second = 1
    }
    return inflater.output[second] == GzipHeader.magic.second ? .thirdLevel : .text
  }

  private enum Beginning {
    case unknown, text, thirdLevel
  }
}
