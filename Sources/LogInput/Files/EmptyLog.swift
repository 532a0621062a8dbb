/// A log of which the walk that found it says that there is nothing in it.
struct EmptyLog: LogSource {
  private let log: FoundLog

  init(_ log: FoundLog) {
    self.log = log
  }

  var bytesRead: Int { 0 }

  var logState: LogState? { LogState(size: log.size, modified: log.modified) }

  mutating func read(into buffer: inout [UInt8]) -> Int { 0 }

  func hasChanged() -> Bool { false }

  func error(_ kind: InputError.Kind, offset: Int?) -> InputError {
    InputError(kind, path: log.readPath, offset: offset)
  }
}
