import Glibc
import TestSupport
import Testing

/// The built executable, run as a user would.
enum Program {
  /// The program that `CORRPARSE` names by an absolute path, as `make test` does with the one of `make build`; else the one beside the
  /// test bundle, where the argument parser checks every command's declaration at each start, which takes ten times as long.
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let bundle = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let program = getenv("CORRPARSE").map { String(cString: $0) } ?? folder + "/corrparse"
    BuildAge.tell(ofProgram: program, bundle: bundle)
    return program
  }()

  /// Starts it; see ``ChildProcess``.
  static func start(
    _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil,
    input: ChildProcess.Stream = .pipe, output: ChildProcess.Stream = .pipe,
    errors: ChildProcess.Stream = .pipe, limit: Duration = .seconds(120)
  ) throws -> ChildProcess {
    try ChildProcess(
      path, arguments.map { Array($0.utf8) }, environment: environment, folder: folder, input: input,
      output: output, errors: errors, limit: limit)
  }

  /// Runs it to its end with this standard input.
  @discardableResult
  static func run(
    _ arguments: String..., environment: [String: String] = [:], in folder: String? = nil,
    input: [UInt8] = [], output: ChildProcess.Stream = .pipe, errors: ChildProcess.Stream = .pipe
  ) throws -> Outcome {
    let process = try start(
      arguments, environment: environment, in: folder, output: output, errors: errors)
    return try finish(process, input: input)
  }

  /// Gives a started program its standard input and waits for its end.
  static func finish(_ process: ChildProcess, input: [UInt8] = []) throws -> Outcome {
    try process.write(input)
    let ending = try process.finish()
    return Outcome(ending: ending, output: process.output, errors: process.errors)
  }
}

/// What came of a run.
struct Outcome {
  let ending: ChildProcess.Ending
  let output: [UInt8]
  let errors: [UInt8]

  /// The exit status; nil where a signal ended the program.
  var status: Int32? {
    guard case .exited(let status) = ending else { return nil }
    return status
  }

  var text: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// The lines of the output, each of which must be whole.
  var lines: [String] {
    #expect(text.isEmpty || text.hasSuffix("\n"), "the output ends within a line")
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The one line with which `ingest` and `backfill` end; without it nothing but the errors.
  var summary: String {
    let lines = errorText.split(separator: "\n")
    return lines.last { $0.contains(" read, ") && $0.contains(" unchanged, ") }.map(String.init) ?? errorText
  }
}

/// The statuses of 5-command-line, Exit codes.
enum Status {
  static let usage: Int32 = 64
  static let damagedInput: Int32 = 65
  static let unavailable: Int32 = 69
  static let inputOutput: Int32 = 74
  static let missingRights: Int32 = 77
  static let configuration: Int32 = 78
}
