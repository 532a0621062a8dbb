import LogModel

/// Objects over several lines (1-correlation-data, Objects).
extension BlockMachine {
  /// A line came behind lines that may be an object. It carries the object on, or shows that they are none.
  mutating func lineCameWhileCollecting(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord
  ) -> [BlockAction] {
    guard case (var object, let block, var place)? = takeCollected() else { return .nothing }
    let isCarriedOn =
      (record.isLine || record.number == object.lastRecord.number) && object.canGoOn(with: text)
    guard isCarriedOn else {
      state = .collecting(object, in: block, after: place)
      var held = HeldLine(text, at: line.position, in: record)
      held.isGrouped = line.isGrouped
      return objectBroke() + [.readAgain([held])]
    }
    object.append(text, at: line.position, in: record)
    if case .undecided(var lookahead) = place {
      lookahead.take(
        BlockLine(kind: .objectStart, position: line.position), text, in: record, of: block, within: limits)
      if lookahead.isFull { return decide(lookahead, of: block) }
      place = .undecided(lookahead)
    }
    let (isClosed, isTooLong) = (object.isClosed, object.text.count > limits.bytes)
    let body = isClosed ? object.body : nil
    state = .collecting(object, in: block, after: place)
    if let body { return objectCame(object, body, in: record) }
    return isClosed || isTooLong ? objectBroke() : .nothing
  }

  /// Takes the lines that may be an object out of the state, where they would be copied for each line that comes.
  private mutating func takeCollected() -> (CollectedObject, BlockProgress, BlockState.BeforeObject)? {
    guard case .collecting(let object, let block, let before) = state else { return nil }
    state = .idle
    return (object, block, before)
  }

  /// The lines are an object.
  private mutating func objectCame(
    _ object: CollectedObject, _ body: JSONBody, in record: BlockRecord
  ) -> [BlockAction] {
    guard case .collecting(_, var block, let before) = state else { return .nothing }
    let keys = LineKeys(body.pairs, of: body.text.span, isPrint: record.isPrint)
    var actions: [BlockAction] = .nothing
    var next = BlockState.idle
    switch before {
    case .open: break
    case .awaitingRecord:
      guard keys.areNew(to: block.keys) else { return objectIsForeign(keys, in: record) }
    case .suspended(let suspension):
      // Only with its first line can a record resume the block.
      guard keys.areNew(to: block.keys), object.lines[0].record.number != suspension.record else {
        return objectIsForeign(keys, in: record)
      }
      actions.append(.note(.interrupted, suspension.lookahead.place))
    case .undecided(var lookahead):
      lookahead.note(keys, in: object.lines[0].record, of: block)
      return goOn(lookahead, of: block)
    case .claimed(var claim):
      claim.isBehindBodyLine = false
      next = .claimed(block, claim)
      guard keys.areNew(to: block.keys) || body.hasSeveralObjects else {
        state = next
        return keys.hasOthers ? .nothing : [.takeRepeatedObject(object, body)]
      }
    }
    guard block.hasRoom(forLine: object.text.span, within: limits) else {
      return actions + breakLimit(object.text.span, at: object.position, of: block)
    }
    block.touch(object.lines[0].record)
    block.take(BlockLine(kind: .object, position: object.position, keys: keys), object.text.span, in: record)
    if case .claimed(_, let claim) = next { state = .claimed(block, claim) } else { state = .open(block) }
    return actions + [.takeObject(object, body)]
  }

  /// The object does not go on with the block. Its keys may show that the block was cut short.
  private mutating func objectIsForeign(_ keys: LineKeys, in record: BlockRecord) -> [BlockAction] {
    guard case .collecting(let object, let block, let before) = state else { return .nothing }
    if case .suspended(let suspension) = before, !record.isWarning {
      // Behind a marker that claims the block the object counts as on any line.
      var lookahead = suspension.lookahead
      for line in object.lines {
        let start = BlockLine(kind: .objectStart, position: line.position)
        lookahead.take(
          start, line.text.span, in: line.record, of: block,
          isForeign: line.record.number == suspension.record, within: limits)
      }
      lookahead.note(keys, in: record, of: block)
      return goOn(lookahead, of: block)
    }
    let actions = objectBroke()
    let first = object.lines[0].record
    if case .suspended(let block, var suspension) = state {
      suspension.lookahead.note(keys, in: first, of: block)
      state = .suspended(block, suspension)
      return actions
    }
    guard case .undecided(let block, var lookahead) = state else { return actions }
    lookahead.note(keys, in: first, of: block)
    return actions + goOn(lookahead, of: block)
  }

  /// The lines are no object: they are foreign lines.
  mutating func objectBroke() -> [BlockAction] {
    guard case .collecting(let object, let block, let before) = state else { return .nothing }
    let first = object.lines[0]
    let line = BlockLine(kind: .other, position: first.position, cut: object.cut)
    switch before {
    case .open:
      let actions = foreignLineCame(line, first.text.span, in: first.record, inside: block)
      if case .undecided(let block, var lookahead) = state {
        lookahead.isObjectOpen = true
        state = .undecided(block, lookahead)
      } else if case .suspended(let block, var suspension) = state {
        suspension.lookahead.isObjectOpen = true
        state = .suspended(block, suspension)
      }
      return actions + restIsForeign(of: object)
    case .awaitingRecord:
      let actions = lineCame(line, first.text.span, in: first.record, behindRecordOf: block)
      return actions + restIsForeign(of: object)
    case .suspended(let suspension):
      let actions = lineCame(line, first.text.span, in: first.record, behind: suspension, of: block)
      return actions + restIsForeign(of: object)
    case .undecided(let lookahead):
      return goOn(lookahead, of: block)
    case .claimed(let claim):
      state = .claimed(block, claim)
      return .nothing
    }
  }

  /// The lines behind the first one are foreign lines too.
  private func restIsForeign(of object: CollectedObject) -> [BlockAction] {
    let rest = object.lines.dropFirst().map { line in
      var line = line
      line.isForeign = true
      return line
    }
    return rest.isEmpty ? .nothing : [.readAgain(rest)]
  }
}
