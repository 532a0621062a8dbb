import LogModel

@testable import CorrelationGrammar

/// What can happen to a block, as the rows of `BlockMachineTests` write it. Numbers are those of log records.
enum BlockEvent: Sendable {
  /// What a record's envelope tells.
  enum Kind: Sendable {
    case ordinary, warning, print, late, standardError

    func record(_ number: Int) -> BlockRecord {
      switch self {
      case .ordinary: BlockRecord(number: number)
      case .warning: BlockRecord(number: number, isWarning: true)
      case .print: BlockRecord(number: number, isPrint: true, isLine: true, isStandardStream: true)
      case .late: BlockRecord(number: number, isLine: true, isStandardStream: true, isLate: true)
      case .standardError:
        BlockRecord(number: number, isLine: true, isStandardStream: true, isLate: true, isWarning: true)
      }
    }
  }

  case line(String, Int, Kind = .ordinary)
  case blank
  case overlong(String, Int)
  case cut(String, Int)
  case ownKeys(Int)
  case objectBroke
  case recordEnded(Int, Kind = .ordinary)
  case failure
  case roomNeeded
  case inputEnded(isWhole: Bool = true, sawFailure: Bool = false)

  /// Sends the event and gives the actions as text. Lines are read as a stream reads them.
  func send(to machine: inout BlockMachine) -> [String] {
    var reading = LineReading()
    switch self {
    case .line(let text, let number, let kind):
      let (bytes, record) = (Array(text.utf8), kind.record(number))
      reading.read(bytes.span, at: Self.place, in: record, inBlock: machine.hasBlock)
      return machine.lineCame(reading.line, bytes.span, in: record).map(Self.text)
    case .overlong(let text, let number):
      let (bytes, record) = (Array(text.utf8), Kind.ordinary.record(number))
      reading.readOverlong(bytes.span, at: Self.place)
      return machine.lineCame(reading.line, bytes.span, in: record).map(Self.text)
    case .cut(let text, let number):
      let (bytes, record) = (Array(text.utf8), Kind.ordinary.record(number))
      reading.readCut(bytes.span, at: Self.place, in: record)
      return machine.cutLineCame(reading.line, bytes.span, in: record).map(Self.text)
    case .ownKeys(let count):
      let header = Array("=== CORRELATION DATA ===".utf8)
      return machine.ownKeysCame(byteCount: count, header.span, at: Self.place).map(Self.text)
    case .blank: return machine.blankCame().map(Self.text)
    case .objectBroke: return machine.objectBroke().map(Self.text)
    case .recordEnded(let number, let kind): return machine.recordEnded(kind.record(number)).map(Self.text)
    case .failure: return machine.failureTold().map(Self.text)
    case .roomNeeded: return machine.roomNeeded().map(Self.text)
    case .inputEnded(let isWhole, let sawFailure):
      return machine.inputEnded(isWhole: isWhole, sawFailure: sawFailure).map(Self.text)
    }
  }

  private static let place = LogPosition(line: 1, offset: 0)

  private static func text(_ action: BlockAction) -> String {
    switch action {
    case .begin: "begin"
    case .take: "take"
    case .takeRepeated: "take repeated"
    case .takeRepeatedObject(let object, _): "take repeated of \(object.lines.count) lines"
    case .takeObject(let object, _): "take object of \(object.lines.count) lines"
    case .takeOwnKeys: "take own keys"
    case .join: "join"
    case .skip(let kind): "skip \(kind.rawValue)"
    case .cutValue: "cut value"
    case .note(let kind, let place): "note \(kind.rawValue): \(place.raw)"
    case .passBanner: "pass banner"
    case .report(let kind): "report \(kind.rawValue)"
    case .end(let ending): "end \(text(ending))"
    case .holdBack(let ending): "hold back \(text(ending))"
    case .readAgain(let lines):
      "read again " + lines.map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: ", ")
    }
  }

  private static func text(_ ending: BlockEnding) -> String {
    ending.end.rawValue + (ending.isIncomplete ? ", incomplete" : "")
      + (ending.isCutShort ? ", cut short" : "")
      + (ending.spansRecords ? ", several records" : "")
  }
}
