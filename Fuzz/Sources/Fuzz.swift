import CLibFuzzer
import Glibc

/// libFuzzer around the readers: `Fuzz --target=NAME [libFuzzer's own flags] [FILE or FOLDER …]`.
///
/// A finding is a crash, whether the address sanitizer, Swift's own checks or a broken promise (``check(_:_:)``)
/// makes it. libFuzzer passes over flags that begin with two dashes, and hands them to the processes it starts.
@main struct Fuzz {
  private static let targets: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32] = [
    "gzip": { run(GzipTarget.run, $0, $1) },
    "lines": { run(LinesTarget.run, $0, $1) },
    "blocks": { run(BlocksTarget.run, $0, $1) },
    "json": { run(JSONTarget.run, $0, $1) },
    "numbers": { run(NumbersTarget.run, $0, $1) },
  ]

  static func main() {
    let option = "--target="
    let name = CommandLine.arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count)
    guard let target = name.flatMap({ targets[String($0)] }) else {
      print("usage: Fuzz --target=\(targets.keys.sorted().joined(separator: "|")) …")
      exit(64)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(LLVMFuzzerRunDriver(&count, &arguments, target))
  }

  private static func run(
    _ target: ([UInt8]) -> Void, _ data: UnsafePointer<UInt8>?, _ count: Int
  ) -> Int32 {
    target(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
  }
}

/// A promise that holds for every input; one that does not is a finding.
func check(
  _ holds: Bool, _ promise: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line
) {
  if !holds { fatalError("broken promise: \(promise())", file: file, line: line) }
}
