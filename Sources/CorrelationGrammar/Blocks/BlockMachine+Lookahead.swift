import LogModel

/// Foreign lines, and what is looked at behind them to decide how the block ended (1-correlation-data, Suspension and
/// Claimed blocks).
extension BlockMachine {
  // MARK: The first foreign line

  /// A line came that no body can have. As a part of a record of WARNING or above it suspends the block, if that record
  /// has fed the block nothing. Otherwise the lines behind it decide how the block ended.
  mutating func foreignLineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, inside block: BlockProgress
  ) -> [BlockAction] {
    let place = LinePlace(text, at: line.position)
    if record.interrupts, record.number != block.headerRecord, record.number != block.lastRecord {
      var lookahead = Lookahead(end: .otherLine, claim: .byAnyMarker, at: place)
      lookahead.begin(with: line, text, in: record, of: block, isForeign: true)
      state = .suspended(block, BlockSuspension(lookahead: lookahead, record: record.number))
      return lookahead.cutsValue ? [.cutValue] : .nothing
    }
    let claim = block.isInHeaderRecord ? Lookahead.Claim.byMarker(inRecord: record.number) : .byAnyMarker
    var lookahead = Lookahead(end: .otherLine, claim: claim, at: place)
    lookahead.begin(with: line, text, in: record, of: block, isForeign: false)
    state = .undecided(block, lookahead)
    return lookahead.cutsValue ? [.cutValue] : .nothing
  }

  /// The first line came of the record behind the one that the block lies in, and does not go on with the block. Known keys in
  /// the record show that the block was cut short.
  mutating func lineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, behindRecordOf block: BlockProgress
  ) -> [BlockAction] {
    switch line.kind {
    case .header, .nearMiss, .endMarker:
      return [.end(end(block, .recordEnd))] + lineCameOutside(line, in: record)
    case .rule where line.isRule:
      return [.end(end(block, .recordEnd))] + lineCameOutside(line, in: record)
    case .rule, .section, .pairs, .object, .objectStart, .token, .separated, .title, .unread, .other:
      var lookahead = Lookahead(
        end: .recordEnd, claim: .byNone, at: LinePlace(text, at: line.position), onlyRecord: record.number)
      lookahead.begin(with: line, text, in: record, of: block, isForeign: record.interrupts)
      if line.kind == .objectStart {
        state = .collecting(
          CollectedObject(text, at: line.position, in: record), in: block, after: .undecided(lookahead))
        return .nothing
      }
      if line.beginsWithKey { lookahead.note(line.keys, in: record, of: block) }
      let cut: [BlockAction] = lookahead.cutsValue ? [.cutValue] : .nothing
      return cut + goOn(lookahead, of: block)
    }
  }

  // MARK: Suspended

  /// A line came behind an interruption. The end marker, or keys of ours that are new to the block, resume it; a further
  /// grave record prolongs the suspension; with anything else the interrupting lines are foreign lines.
  mutating func lineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, behind before: BlockSuspension,
    of block: BlockProgress
  ) -> [BlockAction] {
    var suspension = before
    let isInterruption = record.number == suspension.record
    if line.kind == .objectStart {
      state = .collecting(
        CollectedObject(text, at: line.position, in: record), in: block, after: .suspended(suspension))
      return .nothing
    }
    if !isInterruption, block.isResumed(by: line), !suspension.lookahead.cutsFirstKey(of: text) {
      var block = block
      block.lastRecord = record.number
      let cut: [BlockAction] = suspension.lookahead.mayCutText ? [.cutValue] : .nothing
      return cut + [.note(.interrupted, suspension.lookahead.place)]
        + lineCame(line, text, in: record, inside: block)
    }
    // Only with its first line can a record resume the block; the rest of a grave one prolongs.
    guard isInterruption || record.isWarning, line.kind != .header else {
      return lineCame(line, text, in: record, behind: suspension.lookahead, of: block)
    }
    suspension.record = record.number
    switch line.kind {
    case .nearMiss: return decide(suspension.lookahead, of: block) + [.report(.unrecognisedHeader)]
    case .endMarker:
      return markerCame(text, at: line.position, in: record, behind: suspension.lookahead, of: block)
    case .rule where line.isRule: suspension.lookahead.close()
    case .header, .rule, .section, .pairs, .object, .objectStart, .token, .separated, .title, .unread, .other:
      suspension.lookahead.take(line, text, in: record, of: block, isForeign: true, within: limits)
    }
    state = .suspended(block, suspension)
    return .nothing
  }

  // MARK: Undecided

  /// A line came behind a foreign one.
  mutating func lineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, behind before: Lookahead,
    of block: BlockProgress
  ) -> [BlockAction] {
    var lookahead = before
    if lookahead.isFull || lookahead.isOver(before: record) {
      return decide(lookahead, of: block) + lineCameOutside(line, in: record)
    }
    switch line.kind {
    case .nearMiss where lookahead.end == .otherLine:
      return decide(lookahead, of: block) + [.report(.unrecognisedHeader)]
    case .header, .nearMiss:
      return decide(lookahead, of: block) + lineCameOutside(line, in: record)
    case .endMarker:
      return markerCame(text, at: line.position, in: record, behind: lookahead, of: block)
    case .rule where line.isRule:
      return decide(lookahead, of: block)
    case .objectStart:
      lookahead.take(line, text, in: record, of: block, within: limits)
      if lookahead.isFull { return decide(lookahead, of: block) }
      state = .collecting(
        CollectedObject(text, at: line.position, in: record), in: block, after: .undecided(lookahead))
      return .nothing
    case .rule, .section, .pairs, .object, .token, .separated, .title, .unread, .other:
      lookahead.take(line, text, in: record, of: block, within: limits)
      let cut: [BlockAction] = lookahead.settleText() ? [.cutValue] : .nothing
      return cut + goOn(lookahead, of: block)
    }
  }

  /// The end marker came among the lines that are looked at. It claims the block where it may.
  private mutating func markerCame(
    _ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord, behind lookahead: Lookahead,
    of block: BlockProgress
  ) -> [BlockAction] {
    let isClaimed = lookahead.isClaimed(in: record)
    guard isClaimed, !claimsNothing else {
      return decide(lookahead, of: block, isCutShort: isClaimed, isMarked: !lookahead.isFull)
        + [.report(.orphanEnd)]
    }
    state = .claimed(block, BlockClaim())
    return (lookahead.mayCutText ? [.cutValue] : []) + [
      .note(.interrupted, lookahead.place),
      .readAgain(lookahead.lines + [HeldLine(text, at: position, in: record)]),
    ]
  }

  /// Looks at further lines, unless enough have been looked at.
  mutating func goOn(_ lookahead: Lookahead, of block: BlockProgress) -> [BlockAction] {
    if lookahead.isDecided { return decide(lookahead, of: block) }
    state = .undecided(block, lookahead)
    return .nothing
  }

  /// No marker claims the block: it ended before the first foreign line, or with its record.
  mutating func decide(
    _ lookahead: Lookahead, of before: BlockProgress, isCutShort: Bool = false, isMarked: Bool = false
  ) -> [BlockAction] {
    var block = before
    block.isCutShort = isCutShort || lookahead.isCutShort
    if block.isCutShort, lookahead.end == .otherLine { claimsNothing = true }
    let isTextCut = lookahead.mayCutText && (lookahead.bringsKeys || isMarked)
    let ending = end(block, lookahead.end, isIncomplete: lookahead.isObjectOpen, behind: .idle)
    return isTextCut ? [.cutValue, .end(ending)] : [.end(ending)]
  }

  // MARK: Claimed

  /// A line came that stands before the marker that has claimed the block. It feeds the block if all of its keys are ours
  /// and new.
  mutating func lineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, under before: BlockClaim,
    of progress: BlockProgress
  ) -> [BlockAction] {
    var (block, claim) = (progress, before)
    let isBehindBodyLine = claim.isBehindBodyLine
    let isKeyCut = claim.isBehindBeginningOfKey && ForeignLine.firstKey(text) != nil
    claim.isBehindBodyLine = false
    claim.isBehindBeginningOfKey = false
    var actions: [BlockAction] = .nothing
    switch line.kind {
    case .endMarker:
      return [.end(end(block, .explicit))]
    case .header, .nearMiss:
      return [.end(end(block, .otherLine, behind: .idle))] + lineCameOutside(line, in: record)
    case _ where claim.isBehindTitle:
      if line.beginsWithKey, !isKeyCut, !line.keys.known.isEmpty { block.isCutShort = true }
    case .title:
      claim.isBehindTitle = true
      if isBehindBodyLine, line.cut != .no { actions = [.cutValue] }
    case .pairs, .object:
      if line.keys.areNew(to: block.keys) || line.isSeveral, !isKeyCut {
        guard block.hasRoom(forLine: text, within: limits) else {
          return breakLimit(text, at: line.position, of: block)
        }
        block.take(line, text, in: record)
        claim.isBehindBodyLine = true
        actions = .take
      } else if !line.keys.hasOthers, !isKeyCut {
        actions = [.takeRepeated]
      }
    case .objectStart:
      state = .collecting(
        CollectedObject(text, at: line.position, in: record), in: block, after: .claimed(claim))
      return .nothing
    case .token, .separated, .other:
      if isBehindBodyLine, line.cut != .no { actions = [.cutValue] }
      if isBehindBodyLine, line.cut.isRest, case .token(let rest?) = line.kind {
        actions.append(
          .readAgain([HeldLine(text.extracting(rest..<text.count), at: line.position, in: record)]))
      }
    case .unread:
      if line.keys.areNew(to: block.keys) { actions = [.skip(.lineTooLong)] }
    case .rule, .section: break
    }
    if !claim.isBehindBodyLine, !line.isForeign {
      claim.isBehindBeginningOfKey =
        ForeignLine.beginningOfKey(text) != nil && !(line.isGrouped && ForeignLine.wholeToken(text) != nil)
    }
    state = .claimed(block, claim)
    return actions
  }
}
