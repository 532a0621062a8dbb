import LogModel

/// One source stream of a log, with its block if one is open (2-log-envelopes, Headers in messages).
///
/// Message lines come trimmed and without escape sequences. The stream reads each line (``LineReading``), asks its
/// ``BlockMachine`` what the line means, and carries out what the machine decides.
struct SourceStream {
  var machine: BlockMachine
  /// The machine's open block.
  var block: OpenBlock?
  private(set) var interleaving = Interleaving()
  /// The stream's key as a hash, by which its blocks are known again.
  private let hash: BodyHash
  var reading = LineReading()
  /// Whether blocks say where they are not in the strict form.
  let notesStyle: Bool

  /// A stream without a block. `isDoubtful` says that it may be one that was forgotten and had two writers.
  init(_ key: StreamKey, limits: ScanLimits, isDoubtful: Bool) {
    hash = key.bodyHash
    machine = BlockMachine(limits: BlockLimits(lines: limits.blockLines, bytes: limits.blockBytes))
    notesStyle = limits.notesStyle
    guard isDoubtful else { return }
    machine.claimsNothing = true
    interleaving.doubt()
  }

  /// Whether the stream's later blocks are read with less trust than a new stream's.
  var isDoubtful: Bool { machine.claimsNothing || interleaving.isDoubtful }
  /// About how many bytes of memory the open block and the held block take.
  var openBytes = 0

  /// The headers are numbered anew.
  mutating func renumber(_ number: (Int) -> Int) {
    if let place = openPlace { openPlace = number(place) }
    if let place = block?.header.place { block?.header.place = number(place) }
    interleaving.renumber(number)
  }

  /// The place of the open block's header.
  private(set) var openPlace: Int?

  // MARK: Events

  /// A message line came. Of an overlong line only the beginning came; `holdsHeader` says that the line holds a header's text.
  mutating func take(
    _ text: Span<UInt8>, at position: LogPosition, isOverlong: Bool, holdsHeader: Bool = false,
    isGrouped: Bool, in context: LogRecordContext, _ ledger: inout BlockLedger
  ) {
    let record = BlockRecord(context)
    guard !text.isEmpty else {
      if machine.hasBlock { carryOut(machine.blankCame(), text, of: record, in: context, &ledger) }
      return
    }
    if machine.hasBlock, let mark = GluedMark(in: text, holdsHeader: holdsHeader) {
      take(text, gluedAt: mark, at: position, isGrouped: isGrouped, in: context, &ledger)
      return
    }
    let isOverlong = isOverlong || text.count > ledger.limits.blockBytes
    read(text, at: position, isOverlong: isOverlong, isGrouped: isGrouped, in: record)
    carryOut(machine.lineCame(reading.line, text, in: record), text, of: record, in: context, &ledger)
  }

  private mutating func read(
    _ text: Span<UInt8>, at position: LogPosition, isOverlong: Bool, isGrouped: Bool, in record: BlockRecord
  ) {
    if machine.isCollecting {
      reading.keep(at: position)
    } else if isOverlong {
      reading.readOverlong(text, at: position)
    } else {
      reading.read(text, at: position, in: record, inBlock: machine.hasBlock)
    }
    if isGrouped { reading.readAsGrouped() }
    if !machine.isCollecting { readBehindBodyLine(text, in: record) }
  }

  /// Reads a line as what may be the rest of the line before it (1-correlation-data, Cut values).
  mutating func readBehindBodyLine(_ text: Span<UInt8>, in record: BlockRecord) {
    switch reading.line.kind {
    case .pairs:
      // The line before can be cut only if it ends in a byte that joins or separates.
      guard let last = block?.body.text.last, ForeignLine.joinsParts(last) || ForeignLine.isMark(last),
        machine.isBehindBodyLine, let body = block?.body
      else { return }
      if body.endsInListOfGates, !reading.line.isGrouped, ForeignLine.beginsLikeGate(text) {
        reading.readAsRestOfGates()
      } else if let token = body.beginningOfKey, let first = reading.pairs.first, first.key.lowerBound == 0,
        first.name.isKnown
      {
        reading.cutFirstKey(text, behind: body.text.span.extracting(token), in: record)
      }
    case .nearMiss:
      if machine.isBehindBodyLine, let body = block?.body { reading.note(body.cut(by: text, .nearMiss)) }
    case .token, .separated, .title, .other:
      guard machine.isBehindBodyLine, let body = block?.body else { return }
      if body.endsInListOfGates, !reading.line.isGrouped, ForeignLine.beginsLikeGate(text) {
        reading.readAsRestOfGates()
      } else {
        reading.note(body.cut(by: text, reading.line.kind))
      }
    case .objectStart:
      // The line is foreign where the lines prove to be no object.
      if machine.isBehindBodyLine, let body = block?.body { reading.note(body.cut(by: text, .other)) }
    case .header, .endMarker, .rule, .section, .object, .unread: return
    }
  }

  /// A line came that was kept.
  private mutating func takeAgain(
    _ line: HeldLine, in context: LogRecordContext, _ ledger: inout BlockLedger, keepsCut: Bool = false
  ) {
    let text = line.text.span
    read(text, at: line.position, isOverlong: line.isOverlong, isGrouped: line.isGrouped, in: line.record)
    let cut = reading.line.cut
    if line.isForeign { reading.readAsForeign() }
    if keepsCut { reading.note(cut) }
    carryOut(
      machine.lineCame(reading.line, text, in: line.record), text, of: line.record, in: context, &ledger)
  }

  /// A line came that is none of the block's, whatever it holds.
  mutating func takeForeign(_ line: HeldLine, in context: LogRecordContext, _ ledger: inout BlockLedger) {
    guard machine.hasBlock else { return }
    breakObjects(&ledger)
    takeAgain(line, in: context, &ledger, keepsCut: true)
  }

  /// The log's last line came, and may be cut. Nothing is read from it; only a header or a full end marker still says where
  /// a block ends.
  mutating func takeCut(
    _ text: Span<UInt8>, at position: LogPosition, isGrouped: Bool, in context: LogRecordContext,
    _ ledger: inout BlockLedger
  ) {
    guard !text.isEmpty else { return }
    if machine.isObjectCompleted(by: text) || (machine.hasBlock && JSONBody(text) != nil),
      !GluedMark.isHeld(by: text)
    {
      // A JSON value that parses whole is not cut.
      take(text, at: position, isOverlong: false, isGrouped: isGrouped, in: context, &ledger)
      return
    }
    let record = BlockRecord(context)
    breakObjects(&ledger)
    reading.readCut(text, at: position, in: record)
    if isGrouped { reading.readAsGrouped() }
    readBehindBodyLine(text, in: record)
    carryOut(machine.cutLineCame(reading.line, text, in: record), text, of: record, in: context, &ledger)
    if reading.line.kind == .header, let issue = reading.issueOfUnread(.incompleteBlock, text) {
      block?.issues.append(issue)
      countBytes()
    }
  }

  /// A structured header of Airflow 3 came: the record's own keys are the block, complete in itself.
  mutating func takeStructuredHeader(
    _ body: JSONBody, event: Span<UInt8>, at position: LogPosition, in context: LogRecordContext,
    _ ledger: inout BlockLedger
  ) {
    let record = BlockRecord(context)
    reading.read(event, at: position, in: record, inBlock: false)
    guard reading.line.kind == .header else { return }
    carryOut(machine.lineCame(reading.line, event, in: record), event, of: record, in: context, &ledger)
    note(.structuredHeader, event, at: position)
    block?.body.countLine(body.text.span)
    reading.readOwnKeys(body)
    let actions = machine.ownKeysCame(byteCount: body.byteCount, event, at: position)
    carryOut(actions, event, of: record, in: context, &ledger)
  }

  /// The log record ended.
  mutating func endRecord(_ context: LogRecordContext, _ ledger: inout BlockLedger) {
    guard machine.hasBlock, machine.heedsRecordEnd else { return }
    let record = BlockRecord(context)
    if !record.isLine { breakObjects(&ledger) }
    carryOut(machine.recordEnded(record), Span(), of: record, in: context, &ledger)
  }

  /// What may have been an object has ended as none. Behind it another one may begin.
  mutating func breakObjects(_ ledger: inout BlockLedger) {
    while machine.isCollecting { carryOut(machine.objectBroke(), &ledger) }
  }

  /// Whether a failure line of a task instance ends the open block. Where it or the block's header names none, the failure is the
  /// block's. The lines of a late stream may come behind it.
  func isEnded(byFailureOf instance: InstanceKey) -> Bool {
    guard let own = block?.header.instanceKey else { return false }
    return !machine.isLate && !own.contradicts(instance)
  }

  /// A failure line of a task instance came.
  mutating func failureTold(by instance: InstanceKey, _ ledger: inout BlockLedger) {
    guard isEnded(byFailureOf: instance) else { return }
    breakObjects(&ledger)
    carryOut(machine.failureTold(), &ledger)
  }

  /// Too many blocks are open, and this stream's is the oldest.
  mutating func giveWay(_ ledger: inout BlockLedger) {
    breakObjects(&ledger)
    carryOut(machine.roomNeeded(), &ledger)
  }

  /// The log ended (``BlockMachine/inputEnded(isWhole:sawFailure:)``).
  mutating func finish(isWhole: Bool, sawFailure: Bool, _ ledger: inout BlockLedger) {
    breakObjects(&ledger)
    carryOut(machine.inputEnded(isWhole: isWhole, sawFailure: sawFailure), &ledger)
  }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    block?.isDamaged = true
    interleaving.markDamaged()
  }

  // MARK: Actions

  /// Carries out what an event decides that no line of the stream brought.
  mutating func carryOut(_ actions: [BlockAction], _ ledger: inout BlockLedger) {
    guard !actions.isEmpty else { return }
    carryOut(actions, Span(), of: BlockRecord(number: 0), in: LogRecordContext(), &ledger)
  }

  mutating func carryOut(
    _ actions: [BlockAction], _ text: Span<UInt8>, of record: BlockRecord, in context: LogRecordContext,
    _ ledger: inout BlockLedger
  ) {
    guard !actions.isEmpty else { return }
    defer { countBytes() }
    let position = reading.line.position
    for action in actions {
      switch action {
      case .begin:
        block = ledger.open(version: reading.version, text, at: position, in: context)
        openPlace = block?.header.place
        guard !reading.pairs.isEmpty else { break }
        takePairs(of: text, in: record)
        block?.body.addToHash(text)
        note(.pairsOnHeader, text, at: position)
      case .take:
        takeLine(text, in: record)
      case .takeRepeated:
        if let object = reading.object, reading.line.kind == .object {
          block?.body.takeRepeated(object.pairs, of: object.text.span, at: position, in: record.number)
        } else {
          block?.body.takeRepeated(reading.pairs, of: text, at: position, in: record.number)
        }
      case .takeObject(let object, let body):
        block?.body.countLine(object.text.span)
        note(.jsonBody, object.text.span, at: object.position)
        block?.body.take(body) { index in
          let line = object.line(at: body.places[index])
          return (line.position, line.record.number)
        }
        noteSeveral(body, object.text.span, at: object.position)
      case .takeRepeatedObject(let object, let body):
        block?.body.takeRepeated(body.pairs, of: body.text.span, at: object.position, in: record.number)
      case .takeOwnKeys:
        if let keys = reading.object { block?.body.take(keys) { _ in (position, record.number) } }
      case .join:
        if let issue = block?.body.join(text) { block?.issues.append(issue) }
      case .skip(let kind):
        block?.issues.append(contentsOf: reading.issuesOfUnread(kind, text))
        block?.body.countUnreadLine()
      case .cutValue:
        if let issue = block?.body.cutLastValue() { block?.issues.append(issue) }
      case .note(let kind, let place):
        block?.issues.append(GrammarIssue(kind, at: place))
      case .passBanner:
        block?.body.endLine()
        note(.banner, text, at: position)
      case .report(let kind):
        ledger.report(kind, text, at: position, of: record, in: context)
      case .end(let ending):
        end(ending, &ledger)
      case .holdBack(let ending):
        end(ending, isHeldBack: true, &ledger)
      case .readAgain(let lines):
        for line in lines {
          takeAgain(line, in: context, &ledger)
        }
      }
    }
  }

  private mutating func countBytes() {
    openBytes = (block?.memory ?? 0) + interleaving.heldBytes
  }

  private mutating func takeLine(_ text: Span<UInt8>, in record: BlockRecord) {
    let position = reading.line.position
    if reading.line.kind == .section {
      block?.body.addSection(text)
      note(.section, text, at: position)
      return
    }
    block?.body.countLine(text)
    if let object = reading.object, reading.line.kind == .object {
      note(.jsonBody, text, at: position)
      block?.body.take(object) { _ in (position, record.number) }
      noteSeveral(object, text, at: position)
    } else {
      if notesStyle {
        for kind in StyleNote.kinds(of: text, reading.pairs) { note(kind, text, at: position) }
      }
      takePairs(of: text, in: record)
      if let issue = reading.issueOfCutKey { block?.issues.append(issue) }
    }
  }

  private mutating func takePairs(of text: Span<UInt8>, in record: BlockRecord) {
    block?.body.take(
      reading.pairs, of: text, at: reading.line.position, in: record.number,
      awaitsValue: reading.line.keys.endsWithoutValue)
  }

  /// Says that nothing was read from an array of several objects.
  private mutating func noteSeveral(_ object: JSONBody, _ text: Span<UInt8>, at position: LogPosition) {
    guard object.hasSeveralObjects else { return }
    block?.issues.append(GrammarIssue(.malformedPair, at: LinePlace(text, at: position)))
  }

  /// Notes that the block is not in the strict form, where that is asked for.
  private mutating func note(_ kind: StyleNote.Kind, _ text: Span<UInt8>, at position: LogPosition) {
    guard notesStyle else { return }
    block?.styleNotes.append(StyleNote(kind, text, at: position))
  }

  /// Ends the block, and hands it on unless it is held back.
  private mutating func end(_ ending: BlockEnding, isHeldBack: Bool = false, _ ledger: inout BlockLedger) {
    guard var ended = block.take() else { return }
    openPlace = nil
    ended.body.settle()
    ledger.noteEnd()
    if var before = interleaving.blockEnded(&ended, ending) {
      ledger.handOn(&before.block, before.ending, of: hash)
    }
    if isHeldBack {
      interleaving.holdBack(ended, ending)
    } else {
      ledger.handOn(&ended, ending, of: hash)
    }
  }
}
