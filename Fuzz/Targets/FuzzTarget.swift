import Synchronization

/// The readers that take any bytes, each with what it promises of its result.
enum FuzzTarget: String, CaseIterable, Sendable {
  case gzip, lines, blocks, json, numbers

  /// Reads the input, and checks each promise (``check(_:_:file:line:)``).
  func run(_ input: [UInt8]) {
    switch self {
    case .gzip: GzipTarget.run(input)
    case .lines: LinesTarget.run(input)
    case .blocks: BlocksTarget.run(input)
    case .json: JSONTarget.run(input)
    case .numbers: NumbersTarget.run(input)
    }
  }
}

/// The promises that did not hold for an input.
final class BrokenPromises: Sendable {
  /// Where to keep them. libFuzzer sees only crashes, so without a place the first broken promise is one.
  @TaskLocal static var kept: BrokenPromises?

  private let list = Mutex<[String]>([])

  /// Each promise with its place in the target.
  var all: [String] { list.withLock { $0 } }

  fileprivate func add(_ promise: String) { list.withLock { $0.append(promise) } }
}

/// A promise that holds for every input; an input for which it does not hold is a finding.
func check(
  _ holds: Bool, _ promise: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line
) {
  if holds { return }
  guard let kept = BrokenPromises.kept else {
    fatalError("broken promise: \(promise())", file: file, line: line)
  }
  kept.add("\(promise()) (\(file):\(line))")
}
