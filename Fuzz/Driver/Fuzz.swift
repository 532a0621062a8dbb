import CLibFuzzer
import Glibc

/// libFuzzer around the readers: `Fuzz --target=NAME [libFuzzer's own flags] [FILE or FOLDER …]`.
///
/// A finding is a crash, whether the address sanitizer, Swift's own checks or a broken promise (``check(_:_:)``)
/// makes it. libFuzzer passes over flags that begin with two dashes, and hands them to the processes it starts.
@main struct Fuzz {
  /// Functions for C hold nothing, so each target has its own.
  private static func entry(
    of target: FuzzTarget
  ) -> @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32 {
    switch target {
    case .gzip: { run(.gzip, $0, $1) }
    case .lines: { run(.lines, $0, $1) }
    case .blocks: { run(.blocks, $0, $1) }
    case .json: { run(.json, $0, $1) }
    case .numbers: { run(.numbers, $0, $1) }
    }
  }

  static func main() {
    let option = "--target="
    let name = CommandLine.arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count)
    guard let target = name.flatMap({ FuzzTarget(rawValue: String($0)) }) else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
      print("usage: Fuzz --target=\(names) …")
      exit(64)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(LLVMFuzzerRunDriver(&count, &arguments, entry(of: target)))
  }
}

/// Outside the type, since a function for C holds no type either.
private func run(_ target: FuzzTarget, _ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
