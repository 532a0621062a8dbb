import Glibc
import TestSupport

/// A call of the C library that fails, in the program that a test runs: the operating system's errors without a broken
/// disk. `Tests/Faults/failing_call.c` is preloaded for it.
struct FailingCall {
  /// What fails.
  enum Name: String {
    case read, open, folder, list, stat, fstat, realpath
  }

  var name: Name
  /// The end of the path that the call is about.
  var path: String
  /// Which of these calls fails, from 1; 0 for all of them.
  var at = 1
  /// The system's error.
  var error: Int32

  /// The variables to run the program with.
  var environment: [String: String] {
    get throws {
      [
        "LD_PRELOAD": try Self.library.get(), "FAULT_CALL": name.rawValue, "FAULT_PATH": path,
        "FAULT_AT": String(at), "FAULT_ERRNO": String(error),
      ]
    }
  }

  /// The library, built once a test run; beside the test bundle.
  private static let library: Result<String, any Error> = Result {
    let source =
      #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Faults/failing_call.c"
    let made = Program.path + "-failing_call.so"
    let part = made + ".\(getpid())"
    let compiler = try ChildProcess(
      "/usr/bin/env",
      ["clang", "-Wall", "-Werror", "-shared", "-fPIC", "-o", part, source].map { Array($0.utf8) },
      environment: ["PATH": getenv("PATH").map { String(cString: $0) } ?? ""])
    guard try compiler.finish() == .exited(0), rename(part, made) == 0 else {
      throw ChildProcess.Failure(
        "\(source) cannot be compiled: \(String(decoding: compiler.errors, as: UTF8.self))")
    }
    return made
  }
}
