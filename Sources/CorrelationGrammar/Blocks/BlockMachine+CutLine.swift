import LogModel

/// The last line of the log, which may be cut (1-correlation-data, Cut lines). Nothing is read from it.
extension BlockMachine {
  /// The last line came: a header, an end marker, a line that begins with a key, or what may be the rest of a value.
  mutating func cutLineCame(_ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord) -> [BlockAction] {
    switch line.kind {
    case .header: lineCame(line, text, in: record)
    case .endMarker: cutEndMarkerCame(line, text, in: record)
    case .pairs, .unread: cutPairCame(line, text, in: record)
    case .token, .separated: cutTokenCame(line)
    case .other: text.has("===") ? .nothing : restOfKeyCame(line, text, in: record)
    case .nearMiss, .rule, .section, .object, .objectStart, .title: .nothing
    }
  }

  private mutating func cutEndMarkerCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord
  ) -> [BlockAction] {
    switch state {
    case .idle, .behindBlock, .claimed, .collecting: .nothing
    case .open, .awaitingRecord, .suspended: lineCame(line, text, in: record)
    case .undecided: lineCame(line, text, in: record).filter { $0 != .report(.orphanEnd) }
    }
  }

  /// A line came that begins with a key. Where the line is the block's, what the key says is not known. Elsewhere it shows
  /// that the block was cut short.
  private mutating func cutPairCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord
  ) -> [BlockAction] {
    switch state {
    case .open(let block) where !block.isInHeaderRecord || block.lastRecord == record.number:
      return [.skip(.incompleteBlock)]
    case .open(let block), .awaitingRecord(let block):
      guard line.keys.beginNew(to: block.keys) else { return .nothing }
      if record.isPrint { return [.skip(.incompleteBlock)] }
      var cut = block
      cut.isCutShort = true
      return [.end(end(cut, .recordEnd, behind: .idle))]
    case .suspended(let block, _):
      // Whole, the line might have resumed the block.
      return line.keys.beginNew(to: block.keys) ? [.skip(.incompleteBlock)] : .nothing
    case .undecided, .idle, .behindBlock, .claimed, .collecting:
      return restOfKeyCame(line, text, in: record)
    }
  }

  /// A line came that feeds nothing. Behind a foreign line its beginning can show that the block was cut short.
  private mutating func restOfKeyCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord
  ) -> [BlockAction] {
    switch state {
    case .undecided(let block, var lookahead):
      lookahead.noteCut(line, text, in: record, of: block)
      state = .undecided(block, lookahead)
    case .suspended(let block, var suspension):
      suspension.lookahead.noteCut(line, text, in: record, of: block)
      state = .suspended(block, suspension)
    case .open, .awaitingRecord, .idle, .behindBlock, .claimed, .collecting: break
    }
    return .nothing
  }

  /// A line came that may be the rest of a value.
  private func cutTokenCame(_ line: BlockLine) -> [BlockAction] {
    switch state {
    case .open, .awaitingRecord: line.cut == .yes || line.cut == .ofJoinedPair ? [.cutValue] : .nothing
    case .idle, .behindBlock, .suspended, .undecided, .claimed, .collecting: .nothing
    }
  }
}
